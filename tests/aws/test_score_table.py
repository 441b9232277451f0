"""Writing records: the handout's way, and in batches that wait, retry and report."""

from __future__ import annotations

import ast
import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from aws import score_table
from aws.clients import Cloud
from aws.errors import NotDeployedError, WriteError
from aws.score_table import ITEM_LIMIT, ScoreWriter, item_size, post_score, read_partition
from aws.settings import MIN_MAX_WRITES, Settings
from iris_core.records.keys import Key, key_of, partitions
from iris_core.records.record import Record
from tests.aws.samples import sample_record, sample_records, sample_run, write_run

texts = st.text(max_size=30)
plain_values = st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts


@given(st.dictionaries(texts, plain_values, max_size=8), texts, texts, st.floats(0, 1, width=32))
def test_item_gives_the_record_and_the_features_back(
    features: dict[str, Any], predicted: str, actual: str, probability: float
) -> None:
    record = Record(5, str(features), predicted, actual, str(probability))
    item = record.to_item(key_of("run", 5))
    assert Record.from_item(item) == record
    assert ast.literal_eval(item["Features"]) == features
    assert all(isinstance(value, str) for value in item.values())


def test_post_score_writes_the_fields_of_the_handout(moto_cloud: Cloud) -> None:
    table = boto3.resource("dynamodb").Table(moto_cloud.settings.score_table)
    key = post_score(table, "{'species': 'setosa'}", "setosa", "virginica", "0.51")
    item = table.get_item(Key=key._asdict())["Item"]
    assert item == {
        "partition_key": key.partition_key,
        "sort_key": key.sort_key,
        "Features": "{'species': 'setosa'}",
        "Class": "setosa",
        "Actual": "virginica",
        "Probability": "0.51",
    }


class ListTable:
    """A table that is a list."""

    def __init__(self) -> None:
        self.items: list[dict[str, str]] = []

    def put_item(self, *, Item: dict[str, str]) -> None:  # noqa: N803 - boto3's spelling
        self.items.append(Item)


def test_posted_scores_of_many_threads_never_share_a_key() -> None:
    table = ListTable()
    threads = [
        threading.Thread(target=lambda: [post_score(table, "{}", "a", "a", "1") for _ in "x" * 500])
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({(item["partition_key"], item["sort_key"]) for item in table.items}) == 4000


def test_writer_stores_every_record_under_its_key(moto_cloud: Cloud) -> None:
    run = write_run(moto_cloud, 1060)
    stored = [
        item for name in partitions(run.id, run.rows) for item in read_partition(moto_cloud, name)
    ]
    assert [Record.from_item(item) for item in stored] == list(sample_records(1060))


def test_writer_stores_what_posting_one_by_one_stores(moto_cloud: Cloud) -> None:
    run = write_run(moto_cloud, 60)
    score_table = moto_cloud.settings.score_table
    schema = moto_cloud.dynamodb.describe_table(TableName=score_table)["Table"]
    plain = boto3.resource("dynamodb").create_table(
        TableName="Plain",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=schema["AttributeDefinitions"],
        KeySchema=schema["KeySchema"],
    )
    for record in sample_records(60):
        texts = (record.feature_string, record.class_string, record.actual_string)
        post_score(plain, *texts, record.prob_string, key=key_of(run.id, record.row))
    batched = boto3.resource("dynamodb").Table(score_table)
    one, other = (
        {frozenset(item.items()) for item in table.scan()["Items"]} for table in (batched, plain)
    )
    assert len(one) == 60
    assert one == other


def test_record_sent_again_is_the_same_record(moto_cloud: Cloud) -> None:
    run = sample_run(30)
    for _ in range(2):
        with ScoreWriter(moto_cloud, run.id) as writer:
            for record in sample_records(30):
                writer(record)
    (name,) = partitions(run.id, 30)
    assert len(list(read_partition(moto_cloud, name))) == 30


def test_record_over_400_kb_is_named_and_the_others_are_written(moto_cloud: Cloud) -> None:
    run = sample_run(60)
    writer = ScoreWriter(moto_cloud, run.id)
    records = list(sample_records(60))
    records[31] = replace(records[31], feature_string="x" * ITEM_LIMIT)
    with pytest.raises(WriteError, match="1 refused, 0 unknown") as caught:
        write_all(writer, records)
    assert caught.value.refused == (key_of(run.id, 31),)
    assert not caught.value.unknown
    assert writer.written == 59


def test_missing_table_says_what_to_do(moto_cloud: Cloud) -> None:
    elsewhere = replace(moto_cloud, settings=Settings(target="aws", score_table="NotThere"))
    with pytest.raises(WriteError, match="Deploy first") as caught:
        write_run(elsewhere, 10)
    assert isinstance(caught.value.__cause__, NotDeployedError)
    assert len(caught.value.refused) == 10


def write_all(writer: ScoreWriter, records: Iterable[Record]) -> None:
    with writer:
        for record in records:
            writer(record)


class StubbornTable:
    """A DynamoDB client that takes at most `takes` items a call and hands the others back."""

    def __init__(self, takes: int) -> None:
        self.takes = takes
        self.stored: dict[str, Any] = {}
        self.calls = 0
        self._lock = threading.Lock()

    def batch_write_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        ((table, puts),) = RequestItems.items()
        with self._lock:
            self.calls += 1
            for put in puts[: self.takes]:
                item = put["PutRequest"]["Item"]
                self.stored[item["sort_key"]["S"]] = item
        left = puts[self.takes :]
        return {"UnprocessedItems": {table: left} if left else {}}


class ThrottledTable(StubbornTable):
    """One that is over its limits for the first calls, then takes everything."""

    def batch_write_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        if self.calls < 3:
            self.calls += 1
            code = "ProvisionedThroughputExceededException"
            raise ClientError({"Error": {"Code": code}}, "BatchWriteItem")
        return super().batch_write_item(RequestItems=RequestItems)


class Clock:
    """A time that passes while somebody sleeps: for all threads, so a share of it for each."""

    def __init__(self, threads: int) -> None:
        self.now = 0.0
        self._threads = threads
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds / self._threads


class LimitedTable(StubbornTable):
    """One that takes so many items in a second of a clock, and raises where it takes none."""

    def __init__(self, clock: Clock, most: int) -> None:
        super().__init__(takes=25)
        self._clock, self._most, self._room, self._since = clock, most, float(most), 0.0
        self._filling = threading.Lock()

    def batch_write_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        ((_, puts),) = RequestItems.items()
        with self._filling:
            now = self._clock.monotonic()
            self._room = min(self._most, self._room + self._most * (now - self._since))
            self._since = now
            self.takes = min(len(puts), int(self._room))
            self._room -= self.takes
            if not self.takes:
                raise ClientError({"Error": {"Code": "ThrottlingException"}}, "BatchWriteItem")
            return super().batch_write_item(RequestItems=RequestItems)


class BrokenTable(StubbornTable):
    """One that refuses everything from its third call on."""

    def batch_write_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        if self.calls >= 2:
            raise ClientError({"Error": {"Code": "ExpiredTokenException"}}, "BatchWriteItem")
        return super().batch_write_item(RequestItems=RequestItems)


class FakeCloud:
    """A cloud that consists of one DynamoDB client."""

    def __init__(self, dynamodb: StubbornTable) -> None:
        self.settings = Settings(threads=4)
        self.dynamodb = dynamodb


@pytest.mark.parametrize("table", [StubbornTable(takes=7), ThrottledTable(takes=25)])
def test_unprocessed_items_are_sent_again_until_all_are_stored(table: StubbornTable) -> None:
    with ScoreWriter(FakeCloud(table), sample_run(90).id) as writer:  # type: ignore[arg-type]
        for record in sample_records(90):
            writer(record)
    assert len(table.stored) == writer.written == 90


@pytest.mark.parametrize("threads", [1, 8])
def test_more_records_than_the_limit_of_a_second_are_all_stored_and_it_says_that_they_waited(
    monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    # GIVEN a table with the lowest limit of writes
    clock = Clock(threads)
    monkeypatch.setattr(score_table, "time", clock)
    table = LimitedTable(clock, MIN_MAX_WRITES)
    cloud = FakeCloud(table)
    cloud.settings = Settings(threads=threads, max_writes=str(MIN_MAX_WRITES))
    # WHEN ten times as many records are written as it takes in a second
    rows = 10 * MIN_MAX_WRITES
    with ScoreWriter(cloud, sample_run(rows).id) as writer:  # type: ignore[arg-type]
        for record in sample_records(rows):
            writer(record)
    # THEN all are stored, after the time that the limit asks for
    assert len(table.stored) == writer.written == rows
    assert clock.now > 8.99
    # AND it says of some, not of those of the first batch, that they waited
    assert 0 < writer.delayed <= rows - 25


def test_table_that_takes_everything_delays_nothing() -> None:
    with ScoreWriter(FakeCloud(StubbornTable(takes=25)), sample_run(90).id) as writer:  # type: ignore[arg-type]
        for record in sample_records(90):
            writer(record)
    assert (writer.written, writer.delayed) == (90, 0)


def test_table_that_takes_nothing_ends_by_the_deadline_and_names_the_keys() -> None:
    run = sample_run(30)
    writer = ScoreWriter(FakeCloud(StubbornTable(takes=0)), run.id, retry_seconds=0.2)  # type: ignore[arg-type]
    with pytest.raises(WriteError, match=r"took no more for 0 s") as caught:
        write_all(writer, sample_records(30))
    assert caught.value.refused == tuple(key_of(run.id, row) for row in range(30))
    assert not caught.value.unknown
    assert writer.written == 0


def test_failing_cloud_stops_the_run_and_accounts_for_every_accepted_record() -> None:
    run, table = sample_run(5000), BrokenTable(takes=25)
    rest = sample_records(5000)
    writer = ScoreWriter(FakeCloud(table), run.id)  # type: ignore[arg-type]
    with pytest.raises(WriteError, match="expired") as caught:
        write_all(writer, rest)
    first_left = next(rest, None)
    assert first_left is not None, "the run stopped before its end"
    assert writer.written == len(table.stored) == 50
    # The record before it is the one that was not accepted any more.
    assert len(caught.value.refused) == first_left.row - 1 - 50
    assert not caught.value.unknown


class UnansweredTable(StubbornTable):
    """One that stores everything, and whose answer is lost from its third call on."""

    def batch_write_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        answer = super().batch_write_item(RequestItems=RequestItems)
        if self.calls >= 3:
            raise ReadTimeoutError(endpoint_url="http://127.0.0.1")
        return answer


def test_records_whose_answer_is_lost_are_unknown_and_those_behind_them_refused() -> None:
    run, table = sample_run(5000), UnansweredTable(takes=25)
    cloud: Any = FakeCloud(table)
    cloud.settings = Settings(threads=1)
    writer = ScoreWriter(cloud, run.id)
    with pytest.raises(WriteError, match=r"\d+ refused, 25 unknown") as caught:
        write_all(writer, sample_records(5000))
    error = caught.value
    assert [key.row for key in error.unknown] == list(range(50, 75))
    assert {key.sort_key for key in error.unknown} <= table.stored.keys()
    assert {key.sort_key for key in error.refused}.isdisjoint(table.stored)
    assert error.unacknowledged == error.unknown + error.refused
    assert writer.written == 50


def test_writer_holds_only_a_few_batches_while_the_cloud_is_slow() -> None:
    gate = threading.Event()

    class SlowTable(StubbornTable):
        def batch_write_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
            gate.wait()
            return super().batch_write_item(RequestItems=RequestItems)

    cloud: Any = FakeCloud(SlowTable(takes=25))
    writer = ScoreWriter(cloud, sample_run(5000).id)
    limit = 25 * (2 * cloud.settings.threads + 1) - 1
    accepted = 0

    def produce() -> None:
        nonlocal accepted
        with writer:
            for row in range(5000):
                writer(sample_record(row))
                accepted += 1

    thread = threading.Thread(target=produce)
    thread.start()
    try:
        deadline = time.monotonic() + 60
        while accepted < limit and time.monotonic() < deadline:
            time.sleep(0.01)
        thread.join(0.1)
        assert accepted == limit, "the next one waits, for as long as the table does"
    finally:
        gate.set()
        thread.join()
    assert writer.written == 5000


def test_item_size_counts_names_and_utf8() -> None:
    assert item_size({"ab": "é", "c": ""}) == 2 + 2 + 1


def test_key_reads_as_one_line() -> None:
    assert str(Key("p", "s")) == "p/s"
