"""Score table, stream, function and retrain table as one loop, on the local cloud."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from aws import function
from aws.clients import Cloud
from aws.errors import ConflictError, SettingsError
from aws.reconciliation import reconcile, replay, wait_for_candidates
from aws.retrain_table import candidates, load, page, save_verdict
from aws.run_table import load as load_run
from aws.run_table import runs, save
from aws.score_table import read_partition
from iris_core.records.keys import key_of, partitions
from iris_core.records.run import Run
from iris_core.records.run_metrics import ClassMetrics, RunMetrics
from tests.aws.samples import candidate_rows, expected_of, sample_record, sample_run, write_run

pytestmark = pytest.mark.cloud
PROJECT = Path(__file__).parents[2]


def filtered_run(cloud: Cloud, rows: int) -> Run:
    """A run that the function has been through."""
    run = write_run(cloud, rows)
    assert wait_for_candidates(cloud, expected_of(run).by_partition, timeout=60)
    return run


def test_function_copies_exactly_what_the_rule_says(local_cloud: Cloud) -> None:
    run = filtered_run(local_cloud, 1200)
    copied = list(candidates(local_cloud, run))
    assert [item.key.row for item in copied] == candidate_rows(1200)
    assert [item.record for item in copied] == [sample_record(row) for row in candidate_rows(1200)]
    assert {item.reason for item in copied} == {"wrong", "unsure", "wrong and unsure"}
    result = reconcile(local_cloud, run.id, 1200, "0.9")
    assert result.complete
    assert (result.tested, result.stored) == (1200, 1200)
    assert result.expected == result.found == len(candidate_rows(1200))


def test_pages_of_candidates_join_without_gap_or_overlap(local_cloud: Cloud) -> None:
    run = filtered_run(local_cloud, 1100)
    joined: list[int] = []
    after = None
    while True:
        part = page(local_cloud, run, after=after, limit=37)
        assert len(part.candidates) <= 37
        joined += [item.key.row for item in part.candidates]
        after = part.after
        if after is None:
            break
    assert joined == candidate_rows(1100)


def test_reconciliation_names_what_is_missing_and_replay_brings_it_back(
    local_cloud: Cloud,
) -> None:
    run = filtered_run(local_cloud, 300)
    lost = [key_of(run.id, row) for row in (0, 7, 140)]
    for key in lost:
        local_cloud.dynamodb.delete_item(
            TableName=local_cloud.settings.retrain_table,
            Key={"partition_key": {"S": key.partition_key}, "sort_key": {"S": key.sort_key}},
        )
    before = reconcile(local_cloud, run.id, 300, "0.9")
    assert (before.complete, before.missing) == (False, tuple(lost))

    assert replay(local_cloud, before.missing, "0.9") == 3

    assert reconcile(local_cloud, run.id, 300, "0.9").complete


def test_reconciliation_names_rows_that_were_never_stored(local_cloud: Cloud) -> None:
    run = filtered_run(local_cloud, 50)
    result = reconcile(local_cloud, run.id, 53, "0.9")
    assert not result.complete
    assert (result.tested, result.stored, result.unstored) == (53, 50, (50, 51, 52))


def test_reconciliation_applies_the_threshold_that_it_gets(local_cloud: Cloud) -> None:
    run = filtered_run(local_cloud, 70)
    at_zero = reconcile(local_cloud, run.id, 70, "0")
    assert [key.row for key in at_zero.unexpected] == [7, 14, 21, 28, 35, 42, 49, 56, 63]
    at_one = reconcile(local_cloud, run.id, 70, "1")
    assert at_one.expected == 70
    assert len(at_one.missing) == 70 - at_one.found


def test_replay_applies_the_threshold_of_the_run(local_cloud: Cloud) -> None:
    run = filtered_run(local_cloud, 40)
    at_one = reconcile(local_cloud, run.id, 40, "1")
    replay(local_cloud, at_one.missing, "1")
    assert reconcile(local_cloud, run.id, 40, "1").complete


def test_threshold_is_changed_without_deploying_code(local_cloud: Cloud) -> None:
    def digest() -> str:
        name = local_cloud.settings.function
        return local_cloud.lambda_.get_function_configuration(FunctionName=name)["CodeSha256"]

    before = digest()
    function.set_threshold(local_cloud, "0.5")
    try:
        run = write_run(local_cloud, 70)
        expected = Counter(dict.fromkeys(partitions(run.id, 70), 7))
        assert wait_for_candidates(local_cloud, expected, timeout=30)
        assert reconcile(local_cloud, run.id, 70, "0.5").complete
        assert {item.threshold for item in candidates(local_cloud, run)} == {"0.5"}
    finally:
        function.set_threshold(local_cloud, "0.9")
    assert digest() == before


def test_waiting_ends_when_time_is_up_or_when_cancelled(local_cloud: Cloud) -> None:
    run = sample_run(10)
    never = Counter({next(partitions(run.id, 10)): 1})
    assert not wait_for_candidates(local_cloud, never, timeout=0.1)
    assert not wait_for_candidates(local_cloud, never, timeout=60, cancelled=lambda: True)


def test_waiting_reports_candidates_copied_and_expected(local_cloud: Cloud) -> None:
    run = write_run(local_cloud, 200)
    reports: list[tuple[int, int]] = []
    expected = expected_of(run).by_partition
    wait_for_candidates(
        local_cloud, expected, timeout=30, on_progress=lambda *counts: reports.append(counts)
    )
    assert reports[-1] == (expected.total(), expected.total())


def test_verdict_is_kept_when_the_record_is_delivered_again(local_cloud: Cloud) -> None:
    run = filtered_run(local_cloud, 30)
    first = page(local_cloud, run, limit=1).candidates[0]
    decided = save_verdict(local_cloud, first, "relabel", label="setosa")

    (partition,) = partitions(run.id, 30)
    items = list(read_partition(local_cloud, partition))
    for _ in range(5):
        function.invoke(local_cloud, items, "0.9")

    assert load(local_cloud, first.key) == decided
    assert decided.verdict is not None
    assert (decided.verdict.decision, decided.verdict.label) == ("relabel", "setosa")


def test_of_two_reviewers_the_second_gets_a_conflict(local_cloud: Cloud) -> None:
    run = filtered_run(local_cloud, 30)
    seen_by_both = page(local_cloud, run, limit=1).candidates[0]
    decided = save_verdict(local_cloud, seen_by_both, "right")
    with pytest.raises(ConflictError, match="changed this first"):
        save_verdict(local_cloud, seen_by_both, "drop")
    assert save_verdict(local_cloud, decided, "drop").version == 2
    with pytest.raises(ConflictError):
        save_verdict(local_cloud, decided, "right")


@pytest.mark.parametrize("label", [None, "", "versicolor"])
def test_relabel_needs_another_class(local_cloud: Cloud, label: str | None) -> None:
    run = filtered_run(local_cloud, 10)
    candidate = page(local_cloud, run, limit=1).candidates[0]
    with pytest.raises(SettingsError, match="another class than 'versicolor'"):
        save_verdict(local_cloud, candidate, "relabel", label=label)


def test_verdict_on_a_record_that_is_no_candidate_is_refused(local_cloud: Cloud) -> None:
    run = filtered_run(local_cloud, 10)
    candidate = page(local_cloud, run, limit=1).candidates[0]
    elsewhere = replace(candidate, key=key_of(run.id, 9))
    with pytest.raises(ConflictError):
        save_verdict(local_cloud, elsewhere, "drop")
    assert load(local_cloud, elsewhere.key) is None


def test_runs_are_listed_newest_first_and_survive_unknown_fields(local_cloud: Cloud) -> None:
    measured = RunMetrics(
        classes=(ClassMetrics("setosa", precision=0.5, recall=1.0, f1=0.75, support=3),),
        unseen_labels={"hybrid": 2},
    )
    older = sample_run(10, accuracy=0.96875, metrics=measured)
    newer = sample_run(20)
    for run in (older, newer):
        save(local_cloud, run)
    listed = [run for run in runs(local_cloud) if run.id in (older.id, newer.id)]
    assert listed == [newer, older]
    assert load_run(local_cloud, older.id) == older
    assert Run.from_dict({**older.to_dict(), "of_a_newer_version": 1}) == older


def test_run_that_is_not_there_says_how_to_list_them(local_cloud: Cloud) -> None:
    with pytest.raises(SettingsError, match=r"cli\.py runs"):
        load_run(local_cloud, sample_run(1).id)


def test_log_has_a_line_of_counts_for_every_batch(local_cloud: Cloud) -> None:
    filtered_run(local_cloud, 20)
    lines = function.log_lines(local_cloud, containing='"received"')
    assert lines
    assert all(json.loads(line.text)["received"] > 0 for line in lines)
    assert lines == sorted(lines, key=lambda line: line.at)
    assert function.log_lines(local_cloud, containing="no line says this") == []


WRITE_WITH_FROZEN_CLOCK = """
import sys
from datetime import UTC, datetime
from iris_core.records import keys
from aws.clients import connect_local
from aws.score_table import ScoreWriter
from aws.settings import Settings
from tests.aws.samples import sample_records

frozen = datetime(2026, 11, 22, 9, 30, 0, 123456, tzinfo=UTC)
run = keys.new_run_id(frozen)
with ScoreWriter(connect_local(Settings(), sys.argv[1]), run) as writer:
    for record in sample_records(int(sys.argv[2])):
        writer(record)
print(run)
"""


def test_two_processes_of_20000_records_with_a_frozen_clock_lose_none(local_cloud: Cloud) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE_WITH_FROZEN_CLOCK, str(local_cloud.endpoint), "20000"],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    ids = [writer.communicate()[0].strip() for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert len(set(ids)) == 2
    for run in ids:
        for block, partition in enumerate(partitions(run, 20_000)):
            stored = [int(item["sort_key"]) for item in read_partition(local_cloud, partition)]
            assert stored == list(range(block * 1000, block * 1000 + 1000))
