"""The numbers for a monitor: what waits, what failed, what was refused."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aws import function, health, run_table
from aws.clients import Cloud
from aws.function import LogLine
from aws.health import MAX_LAG_SECONDS, STALE_RUN_SECONDS, Health
from aws.reconciliation import wait_for_candidates
from iris_core.records.keys import new_run_id
from iris_core.records.run import RunState
from tests.aws.samples import expected_of, sample_run, write_run

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def run_of(cloud: Cloud, state: RunState, tested: int, *, seconds: float) -> str:
    """The id of a run that was started so many seconds ago and is in that state."""
    start = new_run_id(NOW - timedelta(seconds=seconds))
    run = replace(sample_run(10), id=start, state=state, tested=tested)
    run_table.save(cloud, run)
    return run.id


def logged(monkeypatch: pytest.MonkeyPatch, *batches: object) -> None:
    lines = [LogLine(NOW, json.dumps(batch)) for batch in batches]
    monkeypatch.setattr(function, "log_lines", lambda _cloud, **_options: lines)


def test_nothing_is_wrong_where_nothing_happened(moto_cloud: Cloud) -> None:
    measured = health.health(moto_cloud, now=NOW)
    assert measured == Health(0, 0.0, 0, 0, 0)
    assert measured.well


def test_records_that_wait_are_counted_and_late_only_after_a_while(
    moto_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a run of which 7 of 10 records were delivered, one twice; one that is complete; others
    late = run_of(moto_cloud, RunState.WRITTEN, 10, seconds=MAX_LAG_SECONDS - 1)
    over = run_of(moto_cloud, RunState.RECONCILED, 10, seconds=50)
    run_of(moto_cloud, RunState.CANCELLED, 0, seconds=40)
    run_of(moto_cloud, RunState.WRITTEN, 10, seconds=100_000)
    logged(
        monkeypatch,
        {"received": 4, "runs": {late: 4}},
        {"received": 5, "runs": {late: 3, over: 2}},
        {"received": 1, "runs": "none"},
    )
    # THEN three wait
    assert health.health(moto_cloud, now=NOW) == Health(3, MAX_LAG_SECONDS - 1, 0, 0, 0)
    assert health.health(moto_cloud, now=NOW).well
    # AND a little later that is a fault
    afterwards = NOW + timedelta(seconds=2)
    assert health.health(moto_cloud, now=afterwards).lag_seconds == MAX_LAG_SECONDS + 1
    assert not health.health(moto_cloud, now=afterwards).well


@pytest.mark.parametrize(
    ("state", "seconds", "counted"),
    [
        (RunState.INCOMPLETE, 10, 1),
        (RunState.FAILED, 10, 1),
        (RunState.RUNNING, STALE_RUN_SECONDS + 1, 1),
        (RunState.RUNNING, STALE_RUN_SECONDS - 1, 0),
        (RunState.CANCELLED, 10, 0),
        (RunState.RECONCILED, 10, 0),
    ],
)
def test_runs_that_lack_records_or_were_broken_off_are_counted(
    moto_cloud: Cloud, state: RunState, seconds: float, counted: int
) -> None:
    run_of(moto_cloud, state, 0, seconds=seconds)
    measured = health.health(moto_cloud, now=NOW)
    assert measured.unreconciled_runs == counted
    assert measured.well == (not counted)


@pytest.mark.cloud
def test_what_failed_and_what_was_refused_is_seen_on_the_local_cloud(local_cloud: Cloud) -> None:
    # GIVEN a run that the function has been through, as it was noted before it was reconciled
    run = write_run(local_cloud, 30)
    assert wait_for_candidates(local_cloud, expected_of(run).by_partition, timeout=60)
    written = replace(run, state=RunState.WRITTEN, tested=run.rows)
    run_table.save(local_cloud, written)
    # AND its log, which may come a moment after its candidates
    deadline = time.monotonic() + 60
    while (before := health.health(local_cloud)).lag_records and time.monotonic() < deadline:
        time.sleep(0.1)
    assert before.lag_records == 0
    # WHEN a record comes that the rule cannot evaluate, and a batch fails for good
    function.invoke(local_cloud, [{"partition_key": f"{run.id}#000000", "sort_key": "0"}], "0.9")
    name = local_cloud.settings.queue
    url = local_cloud.sqs.get_queue_url(QueueName=name)["QueueUrl"]
    local_cloud.sqs.send_message(QueueUrl=url, MessageBody="failed")
    # THEN both are counted
    after = health.health(local_cloud)
    assert after.unjudgeable_records == before.unjudgeable_records + 1
    assert after.failures_queued == 1
    assert not after.well
    local_cloud.sqs.purge_queue(QueueUrl=url)
    run_table.save(local_cloud, replace(written, state=RunState.RECONCILED))
