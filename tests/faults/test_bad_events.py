"""Whatever a stream brings, the function copies the candidates and never blocks its shard.

A record that the rule cannot evaluate is counted, and logged with its key; one that need not be
copied is passed. What a change of the function's configuration mends is raised.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import boto3
import pytest

from lambda_src import index
from lambda_src.index import ConfigurationError
from tests.faults.budget import budget
from tests.lambda_src.events import stream_event, stream_record


class Table:
    """A retrain table that takes everything, and lists it."""

    exceptions = boto3.client("dynamodb", region_name="us-east-1").exceptions

    def __init__(self) -> None:
        self.items: list[dict[str, str]] = []

    def transact_write_items(self, TransactItems: list[dict[str, Any]]) -> None:  # noqa: N803
        for entry in TransactItems:
            update = entry["Update"]
            item = {name: value["S"] for name, value in update["Key"].items()}
            values = update["ExpressionAttributeValues"]
            self.items.append(item | {name[1:]: value["S"] for name, value in values.items()})

    def rows(self) -> list[int]:
        return sorted(int(item["sort_key"]) for item in self.items)


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Table:
    """GIVEN an empty retrain table, and a function configured for it."""
    memory = Table()
    monkeypatch.setenv("RETRAIN_TABLE", "Retrain")
    monkeypatch.setenv("PROBABILITY_THRESHOLD", "0.9")
    monkeypatch.setattr(index, "dynamodb_client", lambda: memory)
    return memory


def right(**changed: Any) -> dict[str, Any]:
    """A record that was predicted rightly."""
    return stream_record(5, **{"predicted": "setosa", "actual": "setosa", **changed})


def with_image(**attributes: Any) -> dict[str, Any]:
    """A candidate with other attributes; None removes one."""
    record = stream_record(5)
    image = {**record["dynamodb"]["NewImage"], **attributes}
    present = {name: value for name, value in image.items() if value is not None}
    return {**record, "dynamodb": {**record["dynamodb"], "NewImage": present}}


def with_change(**changed: Any) -> dict[str, Any]:
    record = stream_record(5)
    return {**record, "dynamodb": {**record["dynamodb"], **changed}}


def nested(depth: int) -> Any:
    inner: Any = {}
    for _ in range(depth):
        inner = {"M": inner}
    return inner


COPIED, PASSED, REFUSED = "copied", "passed", "unjudgeable"
NO_SHARE = "expected a number from 0 to 1"

# A record, its outcome, and words of the log if it is refused.
RECORDS = [
    pytest.param(stream_record(5), COPIED, "", id="wrong"),
    pytest.param(stream_record(5, probability="nan"), COPIED, "", id="wrong by nan"),
    pytest.param(with_image(Probability=None), COPIED, "", id="wrong without a probability"),
    pytest.param(with_image(Features=None), COPIED, "", id="wrong without features"),
    pytest.param(with_image(Features={"S": "x" * 380_000}), COPIED, "", id="380 KB of features"),
    pytest.param(with_image(Features={"N": "1"}), COPIED, "", id="features that are a number"),
    pytest.param(with_image(Colour={"S": "red"}), COPIED, "", id="attribute of another's"),
    pytest.param(stream_record(5, event="MODIFY"), COPIED, "", id="changed"),
    pytest.param({**stream_record(5), "eventSource": "x"}, COPIED, "", id="source of another name"),
    pytest.param(right(probability="0.8999999"), COPIED, "", id="below the threshold"),
    pytest.param(right(probability="1e-1"), COPIED, "", id="exponent"),
    pytest.param(right(probability="0"), COPIED, "", id="nothing"),
    pytest.param(right(probability="0.95", event="MODIFY"), COPIED, "", id="right by now"),
    pytest.param(right(probability="0.9"), PASSED, "", id="exactly the threshold"),
    pytest.param(right(probability="9e-1"), PASSED, "", id="threshold as a power of ten"),
    pytest.param(right(probability="0.90000000000000000001"), PASSED, "", id="20 digits above"),
    pytest.param(right(probability="1"), PASSED, "", id="certain"),
    pytest.param(stream_record(5, event="REMOVE"), PASSED, "", id="REMOVE"),
    pytest.param(
        {"eventName": "REMOVE", "dynamodb": {"Keys": {}}}, PASSED, "", id="REMOVE of keys alone"
    ),
    pytest.param(
        {
            **stream_record(5, event="REMOVE"),
            "userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"},
        },
        PASSED,
        "",
        id="REMOVE of what expired",
    ),
    pytest.param({}, PASSED, "", id="empty record"),
    pytest.param({"eventName": "?"}, PASSED, "", id="event of another name"),
    pytest.param(
        {"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": {}}, PASSED, "", id="S3"
    ),
    pytest.param({"eventSource": "aws:sqs", "body": "{}"}, PASSED, "", id="SQS"),
    pytest.param(
        with_image(Threshold={"S": "high"}), REFUSED, NO_SHARE, id="a run's threshold in letters"
    ),
    pytest.param(right(probability="nan"), REFUSED, NO_SHARE, id="nan"),
    pytest.param(right(probability="inf"), REFUSED, NO_SHARE, id="inf"),
    pytest.param(right(probability=""), REFUSED, NO_SHARE, id="no digits"),
    pytest.param(right(probability=" 0.9"), REFUSED, NO_SHARE, id="space"),
    pytest.param(right(probability="0.9\n"), REFUSED, NO_SHARE, id="line end"),
    pytest.param(right(probability="0,95"), REFUSED, NO_SHARE, id="decimal comma"),
    pytest.param(right(probability="95%"), REFUSED, NO_SHARE, id="percentage"),
    pytest.param(right(probability="1_000"), REFUSED, NO_SHARE, id="underscore"),
    pytest.param(right(probability="1.0000001"), REFUSED, NO_SHARE, id="above 1"),
    pytest.param(right(probability="-0.1"), REFUSED, NO_SHARE, id="negative"),
    pytest.param(right(probability="0x1"), REFUSED, NO_SHARE, id="hexadecimal"),
    pytest.param(right(probability="\uff10.\uff19"), REFUSED, NO_SHARE, id="full-width digits"),
    pytest.param(right(probability="\u0660"), REFUSED, NO_SHARE, id="Arabic digit"),
    pytest.param(
        right(probability="1e-999999999"), REFUSED, NO_SHARE, id="nine digits of exponent"
    ),
    pytest.param(right(probability="0" * 100_000), REFUSED, NO_SHARE, id="100,000 digits"),
    pytest.param(right(probability="np.float32(0.5)"), REFUSED, NO_SHARE, id="repr of NumPy 2"),
    pytest.param(None, REFUSED, "", id="None"),
    pytest.param("text", REFUSED, "", id="text"),
    pytest.param(7, REFUSED, "", id="number"),
    pytest.param([], REFUSED, "", id="list"),
    pytest.param({"eventName": "INSERT"}, REFUSED, "NewImage", id="no change"),
    pytest.param({"eventName": "INSERT", "dynamodb": {}}, REFUSED, "NewImage", id="no image"),
    pytest.param(with_change(NewImage=None), REFUSED, "NewImage", id="keys alone"),
    pytest.param(with_change(NewImage=[]), REFUSED, "NewImage", id="image is a list"),
    pytest.param(with_change(NewImage={}), REFUSED, "partition_key", id="image without anything"),
    pytest.param(with_image(Class=None), REFUSED, "Class", id="no class"),
    pytest.param(with_image(Actual=None), REFUSED, "Actual", id="no actual class"),
    pytest.param(with_image(Class={"N": "1"}), REFUSED, "Class", id="N for S"),
    pytest.param(with_image(Class={"S": 1}), REFUSED, "Class", id="number in S"),
    pytest.param(with_image(Class="setosa"), REFUSED, "Class", id="text without its type"),
    pytest.param(
        with_image(Actual={"S": "virginica"}, Probability={"N": "0.1"}),
        REFUSED,
        NO_SHARE,
        id="N for S in the probability",
    ),
    pytest.param(
        with_change(NewImage={"id": {"S": "7"}, "name": {"S": "x"}}),
        REFUSED,
        "partition_key",
        id="record of another table",
    ),
    pytest.param(with_image(sort_key=None), REFUSED, "sort_key", id="no sort key"),
    pytest.param(with_image(sort_key={"S": ""}), REFUSED, "sort_key", id="sort key of nothing"),
    pytest.param(
        with_image(partition_key={"S": "k" * 2_049}), REFUSED, "2048 bytes", id="long partition key"
    ),
    pytest.param(
        with_image(sort_key={"S": "\u00e9" * 513}), REFUSED, "1024 bytes", id="long sort key"
    ),
    pytest.param(
        with_image(Features={"S": "x" * 400_000}), REFUSED, "390000 bytes", id="400 KB of features"
    ),
    pytest.param(
        with_image(Features={"S": "\u20ac" * 131_000}),
        REFUSED,
        "390000 bytes",
        id="393 KB in UTF-8",
    ),
    pytest.param(with_image(Class={"S": "\ud800"}), REFUSED, "surrogates", id="half a pair"),
    pytest.param(
        with_change(SequenceNumber="x"), REFUSED, "sequence number", id="sequence of text"
    ),
    pytest.param(with_change(SequenceNumber="1" * 41), REFUSED, "sequence number", id="41 digits"),
    pytest.param(
        with_change(SequenceNumber="\uff11"), REFUSED, "sequence number", id="full-width sequence"
    ),
    pytest.param(
        with_change(SequenceNumber=10**5_000), REFUSED, "digits", id="sequence of 5,000 digits"
    ),
    pytest.param(
        with_change(Keys=nested(5_000), NewImage=None), REFUSED, "NewImage", id="deep keys"
    ),
    pytest.param(
        with_change(NewImage={"partition_key": nested(5_000)}), REFUSED, "", id="deep image"
    ),
    pytest.param(
        with_change(Keys={"partition_key": {"S": "k" * 1_000_000}}, NewImage=None),
        REFUSED,
        "NewImage",
        id="keys of a megabyte",
    ),
]


@pytest.mark.parametrize(("record", "outcome", "words"), RECORDS)
@pytest.mark.parametrize("position", [0, 1, 2])
def test_bad_record_blocks_nobody(
    table: Table,
    capsys: pytest.CaptureFixture[str],
    record: Any,
    outcome: str,
    words: str,
    position: int,
) -> None:
    records = [stream_record(1), stream_record(2)]
    records.insert(position, record)
    with budget():
        counts = index.lambda_handler(stream_event(*records))
    assert table.rows() == ([1, 2, 5] if outcome == COPIED else [1, 2])
    assert counts["received"] == 3
    assert counts.get("passed", 0) == (outcome == PASSED)
    assert counts["unjudgeable"] == (outcome == REFUSED)
    (line,) = capsys.readouterr().out.splitlines()
    refused = json.loads(line)["refused"]
    assert len(refused) == (outcome == REFUSED)
    assert all(words in entry["why"] and len(str(entry)) < 1_000 for entry in refused)


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({}, id="no Records"),
        pytest.param({"Records": []}, id="no record"),
        pytest.param({"Records": None}, id="Records is None"),
        pytest.param({"Records": 7}, id="Records is a number"),
        pytest.param({"Records": "text"}, id="Records is text"),
        pytest.param({"Records": {"0": stream_record()}}, id="Records is an object"),
        pytest.param([stream_record()], id="event is a list"),
        pytest.param(None, id="no event"),
        pytest.param({"key1": "value1", "key2": "value2"}, id="test event of the console"),
    ],
)
def test_event_without_records_does_nothing(table: Table, event: Any) -> None:
    with budget():
        assert index.lambda_handler(event)["received"] == 0
    assert table.items == []


def batch(make: Callable[[int], Any], records: int = 10_000) -> dict[str, Any]:
    return stream_event(*map(make, range(records)))


@pytest.mark.parametrize(
    ("event", "copied"),
    [
        pytest.param(batch(lambda row: stream_record(row, sequence=row)), 10_000, id="all wrong"),
        pytest.param(batch(lambda _: right(probability="0.95")), 0, id="all right"),
        pytest.param(batch(lambda row: stream_record(5, sequence=row)), 1, id="all of one key"),
        pytest.param(batch(lambda _: right(probability="nan")), 0, id="all poison"),
        pytest.param(
            batch(lambda row: stream_record(row) if row % 100 else None), 9_900, id="some poison"
        ),
    ],
)
def test_ten_thousand_records_are_handled_at_once(
    table: Table, event: dict[str, Any], copied: int
) -> None:
    with budget():
        counts = index.lambda_handler(event)
    assert counts["received"] == 10_000
    assert counts.get("copied", 0) == len(table.items) == copied


CONFIGURATION = [
    pytest.param({"RETRAIN_TABLE": ""}, {}, "variable RETRAIN_TABLE", id="no table"),
    pytest.param({"PROBABILITY_THRESHOLD": ""}, {}, "PROBABILITY_THRESHOLD", id="no threshold"),
    pytest.param({"PROBABILITY_THRESHOLD": "0,9"}, {}, "'0,9'", id="decimal comma"),
    pytest.param({"PROBABILITY_THRESHOLD": "nan"}, {}, "'nan'", id="threshold is no number"),
    pytest.param({"PROBABILITY_THRESHOLD": "90"}, {}, "'90'", id="percentage"),
    pytest.param({}, {"Threshold": "high"}, "'high'", id="replay by words"),
    pytest.param({}, {"Threshold": [0.9]}, "'[0.9]'", id="replay by a list"),
]


@pytest.mark.parametrize(("variables", "event", "words"), CONFIGURATION)
def test_what_a_change_of_the_configuration_mends_is_raised_and_nothing_is_lost(
    table: Table,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    event: dict[str, Any],
    words: str,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with budget(), pytest.raises(ConfigurationError) as caught:
        index.lambda_handler({**stream_event(stream_record()), **event})
    assert words in str(caught.value)
    assert table.items == []


def test_replay_may_write_its_threshold_as_a_number(table: Table) -> None:
    index.lambda_handler({**stream_event(right(probability="0.95")), "Threshold": 0.99})
    assert [Decimal(item["Threshold"]) for item in table.items] == [Decimal("0.99")]
