"""The handler against recorded stream events and a DynamoDB that moto keeps in memory."""

from __future__ import annotations

import importlib
import itertools
import json
import random
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from iris_core.records import attributes
from lambda_src import index
from tests.faults.conditions import TransactionCanceledError, cancelled
from tests.lambda_src.events import stream_event, stream_record

TABLE = "Retrain"


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """GIVEN an empty retrain table, and a function configured for it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("RETRAIN_TABLE", TABLE)
    monkeypatch.setenv("PROBABILITY_THRESHOLD", "0.9")
    with mock_aws():
        forget_client = index.dynamodb_client.cache_clear
        forget_client()
        yield make_table()
        forget_client()


def make_table(name: str = TABLE) -> Any:
    return boto3.resource("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "partition_key", "AttributeType": "S"},
            {"AttributeName": "sort_key", "AttributeType": "S"},
        ],
        KeySchema=[
            {"AttributeName": "partition_key", "KeyType": "HASH"},
            {"AttributeName": "sort_key", "KeyType": "RANGE"},
        ],
    )


def content(table: Any) -> dict[str, dict[str, Any]]:
    return {item["sort_key"]: item for item in table.scan()["Items"]}


def test_misclassified_record_is_copied_with_reason_and_threshold(table: Any) -> None:
    counts = index.lambda_handler(stream_event(stream_record(7)))

    copied = content(table)["000000007"]
    image = stream_record(7)["dynamodb"]["NewImage"]
    assert {name: copied[name] for name in image} == {n: v["S"] for n, v in image.items()}
    assert (copied["Reason"], copied["Threshold"]) == ("wrong", "0.9")
    assert (counts["received"], counts["wrong"], counts["copied"]) == (1, 1, 1)


def test_correct_high_confidence_record_is_not_copied(table: Any) -> None:
    counts = index.lambda_handler(stream_event(stream_record(actual="virginica")))
    assert content(table) == {}
    assert counts["passed"] == 1


def test_threshold_comes_from_the_environment(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROBABILITY_THRESHOLD", "0.98")
    index.lambda_handler(stream_event(stream_record(actual="virginica")))
    assert content(table)["000000000"]["Threshold"] == "0.98"


def test_replayed_event_applies_the_threshold_of_its_run(table: Any) -> None:
    event = {**stream_event(stream_record(actual="virginica")), "Threshold": "0.99"}
    index.lambda_handler(event)
    assert content(table)["000000000"]["Threshold"] == "0.99"


def test_record_that_carries_the_threshold_of_its_run_gets_it_applied(table: Any) -> None:
    carries = stream_record(actual="virginica", probability="0.97")
    carries["dynamodb"]["NewImage"]["Threshold"] = {"S": "0.98"}
    index.lambda_handler(stream_event(carries, stream_record(1, actual="virginica")))
    assert {key: item["Threshold"] for key, item in content(table).items()} == {"000000000": "0.98"}
    index.lambda_handler({**stream_event(carries), "Threshold": "0.5"})
    assert content(table)["000000000"]["Threshold"] == "0.98"


def test_log_counts_the_records_of_each_run(table: Any, capsys: pytest.CaptureFixture[str]) -> None:
    other = stream_record(3)
    other["dynamodb"]["NewImage"]["partition_key"] = {"S": "other#000000"}
    replayed = {"eventName": "INSERT", "dynamodb": {"NewImage": other["dynamodb"]["NewImage"]}}
    long = stream_record(4)
    long["dynamodb"]["NewImage"]["partition_key"] = {"S": f"{'x' * 1000}#0"}
    passed = stream_record(2, actual="virginica")
    index.lambda_handler(stream_event(stream_record(1), passed, other, replayed, long, {}))
    run = "20261122T093000.123456Z-0123456789abcdef"
    assert json.loads(capsys.readouterr().out)["runs"] == {run: 2, "other": 2, "x" * 64: 1, "": 1}


def test_log_is_one_line_of_json_a_batch_with_counts_by_reason(
    table: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    unsure = stream_record(1, actual="virginica", probability="0.5")
    index.lambda_handler(stream_event(stream_record(0), unsure))
    (line,) = capsys.readouterr().out.splitlines()
    logged = json.loads(line)
    assert (logged["received"], logged["wrong"], logged["unsure"]) == (2, 1, 1)


def test_batch_delivered_five_times_and_shuffled_gives_what_one_delivery_gives(
    table: Any,
) -> None:
    batch = [stream_record(row, sequence=row, probability=f"0.{row % 10}") for row in range(60)]
    index.lambda_handler(stream_event(*batch))
    once = content(table)
    for seed in range(5):
        again = random.Random(seed).sample(batch, len(batch))
        index.lambda_handler(stream_event(*again))
    assert content(table) == once
    assert len(once) == 60


def test_candidates_are_those_of_the_handout(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    make_table("Handout")
    monkeypatch.setenv("RETRAIN_TABLE", "Handout")
    handout = importlib.import_module("bench.peers.handout_lambda")
    monkeypatch.setenv("RETRAIN_TABLE", TABLE)
    chance = random.Random(0)
    shares = ("0.9", "0.89999998", "0.90000004", "1.0", "0.34", "9e-1")
    names = ("setosa", "versicolor")
    event = stream_event(
        *(
            stream_record(
                row,
                predicted=chance.choice(names),
                actual=chance.choice(names),
                probability=chance.choice(shares),
                sequence=row,
            )
            for row in range(120)  # one transaction: moto copies its tables without a lock
        )
    )

    index.lambda_handler(event)
    handout.lambda_handler(event, None)

    fields = (*index.KEYS, *attributes.REQUIRED)
    ours = {tuple(item[name] for name in fields) for item in table.scan()["Items"]}
    theirs = {tuple(item[name] for name in fields) for item in handout.table.scan()["Items"]}
    assert 50 < len(ours) < 100
    assert ours == theirs


def test_known_image_does_not_hold_up_the_others_of_its_group(table: Any) -> None:
    index.lambda_handler(stream_event(stream_record(3, sequence=3)))
    batch = [stream_record(row, sequence=row) for row in range(90)]
    counts = index.lambda_handler(stream_event(*batch))
    assert (counts["copied"], counts["known"]) == (89, 1)
    assert len(content(table)) == 90


def test_newest_image_wins_whatever_the_order(table: Any) -> None:
    versions = [
        stream_record(probability="0.1", sequence=1),
        stream_record(probability="0.2", sequence=2, event="MODIFY"),
        stream_record(probability="0.3", sequence=3, event="MODIFY"),
    ]
    for order in itertools.permutations(versions):
        for item in content(table).values():
            key = {"partition_key": item["partition_key"], "sort_key": item["sort_key"]}
            table.delete_item(Key=key)
        for record in order:
            index.lambda_handler(stream_event(record))
        assert content(table)["000000000"]["Probability"] == "0.3"


def test_record_that_stopped_being_a_candidate_is_withdrawn_for_good(table: Any) -> None:
    wrong = stream_record(sequence=1)
    corrected = stream_record(actual="virginica", sequence=2, event="MODIFY")
    for order in ([wrong, corrected], [corrected, wrong]):
        for record in order:
            index.lambda_handler(stream_event(record))
        assert content(table)["000000000"]["Reason"] == index.WITHDRAWN


def test_review_is_never_overwritten(table: Any) -> None:
    index.lambda_handler(stream_event(stream_record(sequence=1)))
    (item,) = content(table).values()
    table.put_item(Item={**item, "Verdict": "relabel", "Label": "setosa", "Version": "1"})

    newer = stream_record(sequence=9, event="MODIFY", probability="0.2")
    for record in (stream_record(sequence=1), newer, stream_record(sequence=1)):
        index.lambda_handler(stream_event(record))

    (reviewed,) = content(table).values()
    assert (reviewed["Verdict"], reviewed["Label"]) == ("relabel", "setosa")
    assert reviewed["Probability"] == "0.2"


def test_replay_without_sequence_number_never_replaces_what_the_stream_brought(
    table: Any,
) -> None:
    index.lambda_handler(stream_event(stream_record(sequence=5, probability="0.8")))
    replayed = stream_record(probability="0.1")
    del replayed["dynamodb"]["SequenceNumber"]
    assert index.lambda_handler(stream_event(replayed))["known"] == 1
    assert content(table)["000000000"]["Probability"] == "0.8"


class RefusingClient:
    """A DynamoDB that refuses every write for a reason that a retry can cure."""

    exceptions = boto3.client("dynamodb", region_name="us-east-1").exceptions

    def update_item(self, **_request: Any) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException"}}, "UpdateItem")

    def transact_write_items(self, **_request: Any) -> None:
        raise ClientError({"Error": {"Code": "ValidationException"}}, "TransactWriteItems")


def test_write_that_a_retry_can_cure_raises_so_that_the_batch_comes_again(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "dynamodb_client", RefusingClient)
    with pytest.raises(ClientError):
        index.lambda_handler(stream_event(stream_record()))


class CancellingClient:
    """A DynamoDB that cancels every transaction for some reasons, and takes single updates."""

    exceptions = boto3.client("dynamodb", region_name="us-east-1").exceptions

    def __init__(self, *reasons: str) -> None:
        self.single = 0
        self._error = cancelled(reasons)

    def update_item(self, **_request: Any) -> None:
        self.single += 1

    def transact_write_items(self, **_request: Any) -> None:
        raise self._error


@pytest.mark.parametrize("code", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_transaction_that_is_throttled_is_not_sent_to_the_table_one_by_one(
    table: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: str
) -> None:
    client = CancellingClient("None", "ConditionalCheckFailed", code)
    monkeypatch.setattr(index, "dynamodb_client", lambda: client)
    with pytest.raises(TransactionCanceledError):
        index.lambda_handler(stream_event(*(stream_record(row) for row in range(3))))
    assert client.single == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {"cancelled": {"None": 1, "ConditionalCheckFailed": 1, code: 1}}


@pytest.mark.parametrize("code", ["ConditionalCheckFailed", "TransactionConflict"])
def test_transaction_that_is_cancelled_otherwise_is_written_one_by_one_and_says_why(
    table: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: str
) -> None:
    client = CancellingClient("None", code, "None")
    monkeypatch.setattr(index, "dynamodb_client", lambda: client)
    counts = index.lambda_handler(stream_event(*(stream_record(row) for row in range(3))))
    assert (client.single, counts["copied"]) == (3, 3)
    why, batch = map(json.loads, capsys.readouterr().out.splitlines())
    assert why == {"cancelled": {"None": 2, code: 1}}
    assert batch["received"] == 3


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)
hostile_records = json_values | st.fixed_dictionaries(
    {
        "eventName": st.sampled_from(["INSERT", "MODIFY", "REMOVE", "?"]),
        "dynamodb": json_values
        | st.fixed_dictionaries(
            {},
            optional={
                "Keys": json_values,
                "SequenceNumber": json_values,
                "NewImage": st.dictionaries(
                    st.sampled_from(["Class", "Actual", "Probability", "partition_key"]),
                    json_values | st.fixed_dictionaries({"S": st.text(max_size=9)}),
                ),
            },
        ),
    }
)


@settings(max_examples=200, deadline=None)
@given(st.lists(hostile_records, max_size=5))
def test_handler_never_raises_on_bad_data(records: list[Any]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("RETRAIN_TABLE", TABLE)
        patched.setenv("PROBABILITY_THRESHOLD", "0.9")
        patched.setattr(index, "copy_images", lambda images, *_: len(images))
        counts = index.lambda_handler({"Records": records})
    assert counts["received"] == len(records)
