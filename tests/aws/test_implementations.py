"""The record path on three implementations of DynamoDB: the product sees the same on each.

The local cloud, moto behind a socket, and dynalite. No stream is needed: the function is run here,
on records made of what was written. dynalite has no transactions, so that on it the function sends
its updates one by one, as after a transaction that was refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest

from aws import candidate_counts, leases, opinion_records, retrain_table, run_table, score_records
from aws.clients import Cloud, connect_local
from aws.errors import ConflictError, NotDeployedError, ServiceError, SettingsError
from aws.reconciliation import reconcile, replay, wait_for_candidates
from aws.score_records import Cell
from aws.score_table import ScoreWriter, read_partition
from aws.settings import Settings
from aws.tables import typed
from iris_core.records.attributes import Item
from iris_core.records.keys import key_of, partitions
from iris_core.records.record import Record
from iris_core.records.run import Run, RunState
from tests.aws.dynalite import WithoutTransactions, dynalite_server
from tests.aws.moto_wire import moto_server
from tests.aws.samples import (
    candidate_rows,
    expected_of,
    sample_record,
    sample_records,
    sample_run,
    write_run,
)
from tests.faults.memory import MemoryLambda

OWN = Settings(prefix="wire")
CELL = Cell("virginica", "versicolor")


@dataclass(frozen=True)
class Wire:
    """A cloud of three tables, and the function on it."""

    cloud: Cloud
    function: MemoryLambda

    def deliver(self, run: Run, *, sequence: int, rows: tuple[int, ...] = ()) -> dict[str, int]:
        """Run the function on a run's stored records, or on some of them, and return its counts."""
        images = [
            item
            for name in partitions(run.id, run.rows)
            for item in read_partition(self.cloud, name)
            if not rows or int(item["sort_key"]) in rows
        ]
        event = "MODIFY" if rows else "INSERT"
        return self.function.handle(
            {"Records": [_change(image, event, sequence) for image in images]}
        )


def _change(image: Item, event: str, sequence: int) -> dict[str, Any]:
    change = {
        "NewImage": typed(image),
        "SequenceNumber": f"{4421584500000000017450439091 + sequence}",
    }
    return {"eventName": event, "dynamodb": change}


@pytest.fixture(
    scope="module",
    params=[pytest.param("ministack", marks=pytest.mark.cloud), "moto", "dynalite"],
)
def wire(request: pytest.FixtureRequest) -> Iterator[Wire]:
    with ExitStack() as stack:
        if request.param == "ministack":
            endpoint = request.getfixturevalue("local_cloud").endpoint
        else:
            server = moto_server if request.param == "moto" else dynalite_server
            endpoint = stack.enter_context(server())
        cloud = connect_local(OWN, endpoint)
        names = (OWN.score_table, OWN.retrain_table, OWN.runs_table)
        for name in names:
            make_table(cloud, name)
        client = cloud.dynamodb
        function = MemoryLambda(
            OWN,
            WithoutTransactions(client) if request.param == "dynalite" else client,  # type: ignore[arg-type]
        )
        cloud.__dict__["lambda_"] = function
        yield Wire(cloud, function)
        for name in names:
            cloud.dynamodb.delete_table(TableName=name)


def make_table(cloud: Cloud, name: str) -> None:
    keys = ("partition_key", "sort_key")
    cloud.dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=[
            {"AttributeName": "partition_key", "KeyType": "HASH"},
            {"AttributeName": "sort_key", "KeyType": "RANGE"},
        ],
    )
    cloud.dynamodb.get_waiter("table_exists").wait(
        TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )


def test_records_come_back_as_they_were_written(wire: Wire) -> None:
    run = write_run(wire.cloud, 1_030)
    written = list(sample_records(1_030))
    assert list(score_records.stored(wire.cloud, run)) == written
    assert list(score_records.stored(wire.cloud, run, start=1_000)) == written[1_000:]
    assert [outcome.predicted for outcome in score_records.outcomes(wire.cloud, run)] == [
        record.class_string for record in written
    ]
    assert score_records.load(wire.cloud, run, 1_029) == written[1_029]
    assert score_records.load(wire.cloud, run, 1_030) is None
    # AND a cell of the confusion matrix is read page by page
    found: list[Record] = []
    after = None
    for _ in range(3):
        page = score_records.page(wire.cloud, run, CELL, after=after, limit=40)
        found += page.records
        after = page.after
    assert after is None
    assert [record.row for record in found] == list(range(0, 1_030, 10))


def test_function_copies_each_candidate_once_and_the_newest_image_wins(wire: Wire) -> None:
    # GIVEN more candidates than a transaction takes
    run = write_run(wire.cloud, 450)
    rows = candidate_rows(450)
    assert len(rows) > 100
    first = wire.deliver(run, sequence=1)
    assert (first["received"], first["copied"], first["known"]) == (450, len(rows), 0)
    copied = list(retrain_table.candidates(wire.cloud, run))
    assert [candidate.record for candidate in copied] == [sample_record(row) for row in rows]
    # WHEN they are delivered again THEN nothing is written
    again = wire.deliver(run, sequence=1)
    assert (again["copied"], again["known"]) == (0, len(rows))
    assert list(retrain_table.candidates(wire.cloud, run)) == copied
    # WHEN one has a verdict, another is right by now, and a third is delivered late
    reviewed = retrain_table.save_verdict(wire.cloud, copied[0], "drop", who="ana")
    with ScoreWriter(wire.cloud, run.id) as writer:
        for row in rows[:3]:
            writer(replace(sample_record(row), class_string="versicolor", prob_string="0.99"))
    changed = wire.deliver(run, sequence=3, rows=(rows[0], rows[1]))
    assert (changed["copied"], changed["withdrawn"]) == (2, 2)
    late = wire.deliver(run, sequence=0, rows=(rows[2],))
    assert (late["copied"], late["known"]) == (0, 1)
    # THEN the verdict is kept, the withdrawn one is no candidate, and the late image is not written
    now = list(retrain_table.candidates(wire.cloud, run))
    assert [candidate.key.row for candidate in now] == [rows[0], *rows[2:]]
    assert (now[0].verdict, now[0].reason) == (reviewed.verdict, "withdrawn")
    assert now[1] == copied[2]


def test_run_reconciles_when_what_is_missing_is_replayed(wire: Wire) -> None:
    run = write_run(wire.cloud, 60)
    rows = candidate_rows(60)
    before = reconcile(wire.cloud, run.id, 60, "0.9")
    assert [key.row for key in before.missing] == rows
    assert not wait_for_candidates(wire.cloud, expected_of(run).by_partition, timeout=0)
    wire.deliver(run, sequence=1)
    lost = key_of(run.id, rows[3])
    wire.cloud.dynamodb.delete_item(TableName=OWN.retrain_table, Key=typed(lost._asdict()))
    assert reconcile(wire.cloud, run.id, 60, "0.9").missing == (lost,)
    assert replay(wire.cloud, [lost], "0.9") == 1
    assert wait_for_candidates(wire.cloud, expected_of(run).by_partition, timeout=5)
    after = reconcile(wire.cloud, run.id, 60, "0.9")
    assert (after.complete, after.stored, after.found) == (True, 60, len(rows))
    # AND what is tested and not stored is named
    assert reconcile(wire.cloud, run.id, 62, "0.9").unstored == (60, 61)


def test_verdict_is_on_the_condition_of_what_was_read(wire: Wire) -> None:
    run = write_run(wire.cloud, 60)
    wire.deliver(run, sequence=1)
    read = retrain_table.page(wire.cloud, run, limit=2).candidates
    first = retrain_table.save_verdict(wire.cloud, read[0], "relabel", label="setosa", who="ana")
    with pytest.raises(ConflictError):
        retrain_table.save_verdict(wire.cloud, read[0], "drop", who="ben")
    second = retrain_table.save_verdict(wire.cloud, first, "drop", who="ben")
    assert retrain_table.load(wire.cloud, read[0].key) == second
    absent = replace(read[0], key=key_of(run.id, 59))
    with pytest.raises(ConflictError):
        retrain_table.save_verdict(wire.cloud, absent, "drop")
    # AND many are read by their keys, absent ones too, and repeated ones
    keys = [read[1].key, absent.key, read[0].key, read[1].key]
    assert retrain_table.load_many(wire.cloud, keys) == [read[1], None, second, read[1]]
    every = [key_of(run.id, row) for row in range(0, 60, 10)] * 25
    assert [bool(found) for found in retrain_table.load_many(wire.cloud, every)] == [True] * 150
    # AND opinions and counts are those of the verdicts
    ((key, opinions),) = opinion_records.opinions(wire.cloud, run)
    assert (key, len(opinions.given)) == (read[0].key, 2)
    counts = candidate_counts.count_candidates(wire.cloud, run)
    assert (sum(counts.counts.values()), counts.reviewed) == (len(candidate_rows(60)), 1)


def test_lease_is_taken_by_one_at_a_time(wire: Wire) -> None:
    run = write_run(wire.cloud, 10)
    wire.deliver(run, sequence=1)
    (candidate,) = retrain_table.page(wire.cloud, run, limit=1).candidates
    taken = leases.take(wire.cloud, candidate, "ana", now=1_000)
    assert retrain_table.load(wire.cloud, candidate.key) == taken
    assert leases.take(wire.cloud, candidate, "ben", now=1_001) is None
    assert leases.take(wire.cloud, candidate, "ana", now=1_002)
    leases.give_up(wire.cloud, candidate.key, "ben")
    assert leases.take(wire.cloud, candidate, "ben", now=1_003) is None
    leases.give_up(wire.cloud, candidate.key, "ana")
    assert leases.take(wire.cloud, candidate, "ben", now=1_004)
    reviewed = retrain_table.save_verdict(wire.cloud, candidate, "drop", who="ana")
    assert reviewed.lease is None
    assert leases.take(wire.cloud, candidate, "ben", now=1_005) is None
    absent = replace(candidate, key=key_of(run.id, 9))
    assert leases.take(wire.cloud, absent, "ana", now=1_000) is None
    assert retrain_table.load(wire.cloud, absent.key) is None


def test_runs_are_kept_and_listed_newest_first(wire: Wire) -> None:
    older, newer = sample_run(10, note="é" * 1_000), sample_run(20, accuracy=0.96875)
    for run in (newer, older, replace(older, state=RunState.RECONCILED)):
        run_table.save(wire.cloud, run)
    assert list(run_table.runs(wire.cloud)) == [newer, replace(older, state=RunState.RECONCILED)]
    with pytest.raises(SettingsError, match=r"cli\.py runs"):
        run_table.load(wire.cloud, sample_run(1).id)


@pytest.mark.parametrize(
    ("work", "error", "says"),
    [
        (lambda cloud: list(run_table.runs(cloud)), NotDeployedError, "Deploy first"),
        (lambda cloud: run_table.save(cloud, sample_run(1)), NotDeployedError, "Deploy first"),
        (
            lambda cloud: score_records.load(cloud, sample_run(1), 0),
            NotDeployedError,
            "Deploy first",
        ),
    ],
    ids=["query", "put", "get"],
)
def test_table_that_is_not_there_is_named_with_the_remedy(
    wire: Wire, work: Callable[[Cloud], object], error: type[Exception], says: str
) -> None:
    elsewhere = replace(wire.cloud, settings=replace(OWN, runs_table="Not", score_table="There"))
    with pytest.raises(error, match=says):
        work(elsewhere)


def test_item_that_no_table_takes_is_refused_with_the_services_words(wire: Wire) -> None:
    with pytest.raises(ServiceError, match="Item size") as caught:
        run_table.save(wire.cloud, sample_run(1, note="x" * 410_000))
    assert caught.value.code == "ValidationException"
