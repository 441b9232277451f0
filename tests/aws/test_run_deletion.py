"""A run is deleted as a whole, and no other one is touched."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aws import run_deletion, run_table, tables
from aws.clients import Cloud
from aws.errors import ServiceError
from aws.run_deletion import delete_run
from aws.tables import typed
from iris_core.records.keys import key_of, partitions
from iris_core.records.run import Run
from tests.aws.samples import sample_run


def fill(cloud: Cloud, rows: int) -> Run:
    """A run with a record and a candidate for each row."""
    run = sample_run(rows)
    for table in (cloud.settings.score_table, cloud.settings.retrain_table):
        for row in range(rows):
            item = typed({**key_of(run.id, row)._asdict(), "Class": "a"})
            cloud.dynamodb.put_item(TableName=table, Item=item)
    run_table.save(cloud, run)
    return run


def left(cloud: Cloud, run: Run) -> int:
    """How many items of a run there are in its two tables."""
    return sum(
        len(list(tables.query(cloud, table, partition)))
        for table in (cloud.settings.score_table, cloud.settings.retrain_table)
        for partition in partitions(run.id, run.rows)
    )


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.integers(0, 60))
def test_run_goes_with_all_its_items_and_the_others_stay(moto_cloud: Cloud, rows: int) -> None:
    gone, other = fill(moto_cloud, rows), fill(moto_cloud, 3)
    delete_run(moto_cloud, gone)
    assert left(moto_cloud, gone) == 0
    assert gone.id not in {run.id for run in run_table.runs(moto_cloud)}
    assert left(moto_cloud, other) == 6
    delete_run(moto_cloud, gone)  # what is not there is no error
    assert other.id in {run.id for run in run_table.runs(moto_cloud)}


def test_what_the_table_does_not_take_at_once_is_sent_again(
    moto_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = fill(moto_cloud, 30)
    send, calls = moto_cloud.dynamodb.batch_write_item, count()

    def half(**request: Any) -> Any:
        ((table, requests),) = request["RequestItems"].items()
        if next(calls) % 2:
            return send(RequestItems={table: requests})
        send(RequestItems={table: requests[:1]})
        return {"UnprocessedItems": {table: requests[1:]} if requests[1:] else {}}

    monkeypatch.setattr(moto_cloud.dynamodb, "batch_write_item", half)
    monkeypatch.setattr(run_deletion, "pause", lambda _tries: 0)
    delete_run(moto_cloud, run)
    assert left(moto_cloud, run) == 0


def test_table_that_takes_nothing_is_an_error_and_the_run_stays_listed(
    moto_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = fill(moto_cloud, 2)
    monkeypatch.setattr(
        moto_cloud.dynamodb,
        "batch_write_item",
        lambda RequestItems: {"UnprocessedItems": RequestItems},  # noqa: N803
    )
    monkeypatch.setattr(run_deletion, "pause", lambda _tries: 0)
    with pytest.raises(ServiceError, match="did not delete all records"):
        delete_run(moto_cloud, run)
    assert run.id in {entry.id for entry in run_table.runs(moto_cloud)}
