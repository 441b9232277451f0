"""Records that are kept for some days: they say until when, and their loss is then none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.runs.paired_runs import can_be_paired
from app.services.runs.pipeline import score_writer
from aws import score_records
from aws.reconciliation import reconcile
from aws.score_records import Cell
from aws.settings import Settings
from iris_core.records.keys import key_of, new_run_id
from iris_core.records.run import Run, RunState
from tests.aws.samples import candidate_rows, sample_record, sample_records, sample_run
from tests.faults.loop import Loop
from tests.faults.memory import MemoryCloud

OLD = new_run_id(datetime.now(UTC) - timedelta(days=31))


def written(**changes: Any) -> tuple[Any, Run]:
    """A run in the score table of a cloud in memory."""
    cloud: Any = MemoryCloud()
    run = sample_run(30, **changes)
    with score_writer(cloud, run) as writer:
        for record in sample_records(run.rows):
            writer(record)
    return cloud, run


def test_days_are_a_setting_of_aws_alone() -> None:
    assert Settings(target="aws", keep_days="30").record_days == 30
    assert Settings(target="aws").record_days == 0
    assert Settings(target="local", keep_days="30").record_days == 0


def test_records_say_when_they_expire_as_a_number_only_if_they_do() -> None:
    cloud, run = written(id=OLD, record_days=30)
    expected = {"N": str(int((run.started + timedelta(days=30)).timestamp()))}
    stored = cloud.dynamodb.tables[cloud.settings.score_table].values()
    assert [item["ExpiresAt"] for item in stored] == [expected] * run.rows
    cloud, _ = written()
    stored = cloud.dynamodb.tables[cloud.settings.score_table].values()
    assert not any("ExpiresAt" in item for item in stored)


@pytest.mark.parametrize(("days", "expired"), [(30, True), (32, False), (0, False)])
def test_records_expire_by_the_age_of_their_run(days: int, expired: bool) -> None:
    cloud, run = written(id=OLD, record_days=days)
    assert run.records_expired() is expired
    assert Run.from_dict(run.to_dict()) == run
    # THEN nothing is made of what DynamoDB has not deleted yet
    rows = 0 if expired else run.rows
    assert len(list(score_records.stored(cloud, run))) == rows
    assert len(list(score_records.outcomes(cloud, run))) == rows
    assert (score_records.load(cloud, run, 3) is None) is expired
    cell = Cell("versicolor", "versicolor", ("versicolor",))
    assert bool(score_records.page(cloud, run, cell).records) is not expired
    # AND it is not compared record by record
    done, other = (replace(run, state=RunState.RECONCILED, id=one) for one in (OLD, new_run_id()))
    assert can_be_paired(done, replace(other, record_days=0)) is not expired
    assert can_be_paired(replace(other, record_days=0), done) is not expired


@given(st.sets(st.integers(0, 29)))
@settings(deadline=None, max_examples=25)
def test_reconciliation_reports_no_expired_record_as_lost(deleted: set[int]) -> None:
    # GIVEN a run that the function has filtered, and records of it that DynamoDB deleted
    loop = Loop(30)
    loop.write()
    loop.mapping.deliver()
    cloud, run = loop.cloud, loop.run
    for row in deleted:
        key = key_of(run.id, row)
        named = {name: {"S": text} for name, text in key._asdict().items()}
        cloud.dynamodb.delete_item(TableName=cloud.settings.score_table, Key=named)
    # THEN they are counted as expired if their time is over, else as not stored
    whole = reconcile(cloud, run.id, run.rows, run.threshold, expired=True)
    assert whole.complete
    assert (whole.expired, whole.stored) == (len(deleted), 30 - len(deleted))
    assert whole.found == whole.expected == len(candidate_rows(30))
    lost = reconcile(cloud, run.id, run.rows, run.threshold)
    assert (set(lost.unstored), lost.expired, lost.complete) == (deleted, 0, not deleted)


def test_candidate_that_is_missing_of_a_record_that_is_there_is_named_though_others_expired() -> (
    None
):
    loop = Loop(30)
    loop.write()
    result = reconcile(loop.cloud, loop.run.id, 30, loop.run.threshold, expired=True)
    assert [key.row for key in result.missing] == candidate_rows(30)
    assert not result.complete


def test_expired_item_has_one_number_more() -> None:
    item = sample_record(1).to_item(key_of(OLD, 1), expires_at=1_800_000_000)
    assert item["ExpiresAt"] == "1800000000"
