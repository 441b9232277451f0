"""Faults between score table and retrain table: no candidate is lost, no verdict changed."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from aws import retrain_table
from aws.errors import ConflictError, WriteError
from aws.keys import key_of, new_run_id
from aws.reconciliation import reconcile, replay
from aws.score_table import ScoreWriter, item_of
from aws.tables import typed
from iris_core.records import Record
from tests.aws.samples import candidate_rows, sample_record, sample_records, sample_run
from tests.faults.audit import audit
from tests.faults.memory import ITEM_LIMIT, MemoryCloud, error
from tests.faults.stream import StreamMapping, TimedOutError

ROWS = 1_000


class Loop:
    """A run in a cloud in memory, and the mapping that feeds its stream to the true function."""

    def __init__(self, rows: int = ROWS, **mapping: Any) -> None:
        self.cloud: Any = MemoryCloud()
        self.run = sample_run(rows)
        self.mapping = StreamMapping(
            self.cloud.stream, self.cloud.lambda_.handle, random.Random(1), **mapping
        )

    def write(self, records: Iterable[Record] | None = None) -> None:
        with ScoreWriter(self.cloud, self.run.id, threshold=self.run.threshold) as writer:
            for record in records or sample_records(self.run.rows):
                writer(record)

    def assert_nothing_is_lost(self) -> None:
        settings = self.cloud.settings
        found = audit(
            self.cloud.items(settings.score_table),
            self.cloud.items(settings.retrain_table),
            [tuple(key_of(self.run.id, row)) for row in range(self.run.rows)],  # type: ignore[misc]
            "0.9",
        )
        assert found.clean, found

    def assert_candidates_are_missing_until_they_are_replayed(self) -> None:
        """A run that lacks candidates names them, and replay brings them."""
        before = reconcile(self.cloud, self.run.id, self.run.rows, "0.9")
        assert not before.complete
        assert before.missing
        replay(self.cloud, before.missing, "0.9")
        assert reconcile(self.cloud, self.run.id, self.run.rows, "0.9").complete
        self.assert_nothing_is_lost()


@pytest.mark.parametrize("deliveries", [1, 5])
@pytest.mark.parametrize("batch_size", [1, 7, 100, 1000])
def test_batches_delivered_one_to_five_times(deliveries: int, batch_size: int) -> None:
    loop = Loop(deliveries=deliveries, batch_size=batch_size)
    loop.write()
    loop.mapping.deliver()
    loop.mapping.deliver_again(20)
    loop.assert_nothing_is_lost()


def test_stale_images_of_records_that_changed() -> None:
    loop = Loop(300, batch_size=50)
    loop.write()
    for record in sample_records(300):
        if record.row % 3 == 0:
            changed = replace(record, class_string=record.actual_string, prob_string="0.5")
            item = item_of(key_of(loop.run.id, record.row), changed)
            loop.cloud.dynamodb.put_item(
                TableName=loop.cloud.settings.score_table, Item=typed(item)
            )
    loop.mapping.deliver()
    loop.mapping.deliver_again(100)
    loop.assert_nothing_is_lost()


@pytest.mark.parametrize("writes", [0, 1, 3, 50])
@pytest.mark.parametrize("bisect", [True, False])
def test_handler_stopped_after_some_writes(writes: int, bisect: bool) -> None:
    loop = Loop(bisect=bisect, batch_size=250)
    loop.write()
    invocations = itertools.count()
    plain = loop.mapping.handler

    def stopped_sometimes(event: Mapping[str, Any]) -> None:
        done = itertools.count()

        def interrupt(when: str, _operation: str) -> None:
            if when == "before" and next(done) >= writes:
                raise TimedOutError

        if next(invocations) % 3 == 0:
            loop.cloud.dynamodb.interrupt = interrupt
        try:
            plain(event)
        finally:
            loop.cloud.dynamodb.interrupt = lambda *_: None

    loop.mapping.handler = stopped_sometimes
    loop.mapping.deliver()
    assert not loop.mapping.failed
    loop.assert_nothing_is_lost()


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_retrain_table_that_throttles(share: float) -> None:
    loop = Loop(retries=50)
    loop.write()
    chance = random.Random(2)
    operations = ("TransactWriteItems", "UpdateItem")

    def throttle(when: str, operation: str) -> None:
        if when == "before" and operation in operations and chance.random() < share:
            raise error("ThrottlingException")

    loop.cloud.dynamodb.calls.clear()
    loop.cloud.dynamodb.interrupt = throttle
    loop.mapping.deliver()
    assert not loop.mapping.failed
    assert not loop.cloud.dynamodb.calls["UpdateItem"], "a busy table is not asked 100 times more"
    loop.assert_nothing_is_lost()


def test_write_that_was_applied_and_not_answered_is_no_second_candidate() -> None:
    loop = Loop()
    loop.write()
    chance = random.Random(3)

    def cut(when: str, operation: str) -> None:
        if when == "after" and operation == "TransactWriteItems" and chance.random() < 0.5:
            raise error("InternalServerError")

    loop.cloud.dynamodb.interrupt = cut
    loop.mapping.deliver()
    loop.assert_nothing_is_lost()


@pytest.mark.parametrize("place", ["first", "middle", "last"])
@pytest.mark.parametrize("poison", ["unjudgeable", "no image", "too large to copy"])
def test_poison_blocks_nobody(poison: str, place: str) -> None:
    loop = Loop(200, batch_size=500, shards=1)
    loop.write()
    bad = poisoned(poison)
    at = {"first": 0, "middle": 100, "last": 200}[place]
    loop.cloud.stream.insert(at, bad)
    loop.mapping.deliver()
    assert not loop.mapping.failed
    assert loop.mapping.invocations == 1
    loop.assert_nothing_is_lost()


def poisoned(how: str) -> dict[str, Any]:
    """A stream record of another run that the function can do nothing with."""
    cloud: Any = MemoryCloud()
    key = key_of(new_run_id(), 0)
    item = {**item_of(key, sample_record(0)), "Features": ""}
    if how == "unjudgeable":
        item |= {"Class": item["Actual"], "Probability": "nan"}
    if how == "too large to copy":
        size = sum(len(name) + len(text) for name, text in item.items())
        item["Features"] = "x" * (ITEM_LIMIT - size)
    cloud.dynamodb.put_item(TableName=cloud.settings.score_table, Item=typed(item))
    (record,) = cloud.stream
    if how == "no image":
        del record["dynamodb"]["NewImage"]
    return dict(record)


def test_record_that_the_function_could_not_copy_is_not_written_in_the_first_place() -> None:
    loop = Loop(3)
    records = list(sample_records(3))
    records[1] = replace(records[1], feature_string="x" * (ITEM_LIMIT - 300))
    with pytest.raises(WriteError, match="1 records were not written"):
        loop.write(records)
    assert {key[1] for key in loop.cloud.items(loop.cloud.settings.score_table)} == {
        key_of(loop.run.id, row).sort_key for row in (0, 2)
    }


def test_mapping_that_is_disabled_for_a_while() -> None:
    loop = Loop(enabled=False)
    loop.write()
    loop.mapping.deliver()
    assert loop.cloud.items(loop.cloud.settings.retrain_table) == {}
    loop.mapping.enabled = True
    loop.mapping.deliver()
    loop.assert_nothing_is_lost()


def test_mapping_that_is_late_finds_what_replay_brought() -> None:
    loop = Loop(enabled=False)
    loop.write()
    loop.mapping.deliver()
    loop.assert_candidates_are_missing_until_they_are_replayed()
    loop.mapping.enabled = True
    loop.mapping.deliver()
    loop.assert_nothing_is_lost()


@pytest.mark.parametrize("changed", ["0", "0.5", "1"])
def test_threshold_that_is_changed_before_the_records_are_delivered(changed: str) -> None:
    loop = Loop()
    loop.write()
    loop.cloud.lambda_.environment["PROBABILITY_THRESHOLD"] = changed
    loop.mapping.deliver()
    loop.assert_nothing_is_lost()


def test_records_that_grew_too_old_are_named_and_replayed() -> None:
    loop = Loop(enabled=False)
    loop.write()
    loop.mapping.enabled, loop.mapping.now = True, 90_000
    loop.mapping.deliver()
    assert {condition for condition, _ in loop.mapping.failed} == {"RecordAgeExceeded"}
    assert not loop.mapping.invocations
    loop.assert_candidates_are_missing_until_they_are_replayed()


def test_batches_that_were_tried_too_often_are_named_and_replayed() -> None:
    loop = Loop(200, retries=3)
    loop.write()
    refused = {key_of(loop.run.id, row).sort_key for row in candidate_rows(200)[:2]}
    plain = loop.mapping.handler

    def refuse(event: Mapping[str, Any]) -> None:
        if refused & {r["dynamodb"]["Keys"]["sort_key"]["S"] for r in event["Records"]}:
            raise RuntimeError
        plain(event)

    loop.mapping.handler = refuse
    loop.mapping.deliver()
    gone = [record for _, records in loop.mapping.failed for record in records]
    assert {r["dynamodb"]["Keys"]["sort_key"]["S"] for r in gone} == refused, "bisected to them"
    loop.assert_candidates_are_missing_until_they_are_replayed()


def test_large_records_are_replayed_within_lambdas_payload() -> None:
    loop = Loop(120, enabled=False)
    loop.write(
        replace(record, class_string="virginica", feature_string="x" * 300_000)
        for record in sample_records(120)
    )
    loop.assert_candidates_are_missing_until_they_are_replayed()


def test_10000_redeliveries_change_no_verdict() -> None:
    loop = Loop(batch_size=1)
    loop.write()
    loop.mapping.deliver()
    decided = {}
    for number, candidate in enumerate(retrain_table.candidates(loop.cloud, loop.run)):
        decision, label = (("right", None), ("relabel", "setosa"), ("drop", None))[number % 3]
        decided[candidate.key] = retrain_table.decide(
            loop.cloud, candidate, decision, label=label  # type: ignore[arg-type]
        )  # fmt: skip
    loop.mapping.deliver_again(10_000)
    now = {found.key: found for found in retrain_table.candidates(loop.cloud, loop.run)}
    assert now == decided


def test_of_two_reviewers_the_second_is_told_and_loads_the_first_ones_verdict() -> None:
    loop = Loop(30)
    loop.write()
    loop.mapping.deliver()
    seen_by_both = retrain_table.page(loop.cloud, loop.run, limit=1).candidates[0]
    first = retrain_table.decide(loop.cloud, seen_by_both, "right")
    with pytest.raises(ConflictError, match="Load it again"):
        retrain_table.decide(loop.cloud, seen_by_both, "drop")
    loaded = retrain_table.load(loop.cloud, seen_by_both.key)
    assert loaded == first
    assert retrain_table.decide(loop.cloud, first, "drop").version == 2


def test_reviewer_whose_answer_was_lost_is_not_told_that_somebody_else_decided() -> None:
    loop = Loop(30)
    loop.write()
    loop.mapping.deliver()
    candidate = retrain_table.page(loop.cloud, loop.run, limit=1).candidates[0]
    plain = loop.cloud.dynamodb.update_item

    def sent_again(**request: Any) -> Any:
        """As botocore does when the connection breaks before the answer."""
        plain(**request)
        return plain(**request)

    loop.cloud.dynamodb.update_item = sent_again
    decided = retrain_table.decide(loop.cloud, candidate, "relabel", label="setosa")
    loop.cloud.dynamodb.update_item = plain
    assert retrain_table.load(loop.cloud, candidate.key) == decided
    with pytest.raises(ConflictError):
        retrain_table.decide(loop.cloud, candidate, "relabel", label="setosa")
