"""The line of a batch is in CloudWatch's embedded metric format, by the rules that AWS documents.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iris_core.records.reason import Reason
from lambda_src import index
from tests.lambda_src.events import stream_event, stream_record

METRICS, SETS, DIMENSIONS, NAME = 100, 30, 30, 1024
"""How many metrics, sets of dimensions and dimensions there may be, and characters of a name."""
UNITS = ("Count",)
DAY = 86_400_000
NO_IMAGE = {"eventName": "INSERT"}


def violations(line: dict[str, Any], now: float) -> list[str]:
    """Which rules of the format a line breaks; `now` is in milliseconds."""
    metadata = line.get("_aws", {})
    at, directives = metadata.get("Timestamp"), metadata.get("CloudWatchMetrics")
    is_recent = isinstance(at, int) and now - 14 * DAY <= at <= now + DAY / 12
    found = [] if is_recent else ["timestamp"]
    if not isinstance(directives, list) or not directives:
        return [*found, "directives"]
    return found + [rule for directive in directives for rule in broken_by(directive, line)]


def broken_by(directive: dict[str, Any], line: dict[str, Any]) -> list[str]:
    """Which rules one directive of a line breaks."""
    sets, metrics = directive["Dimensions"], directive["Metrics"]
    rules = {
        "namespace": re.fullmatch(r"[\w./#:-]{1,256}", directive["Namespace"], re.ASCII),
        "dimension sets": 1 <= len(sets) <= SETS,
        "dimensions": all(
            len(names) <= DIMENSIONS and all(is_dimension(line.get(name)) for name in names)
            for names in sets
        ),
        "metrics": 1 <= len(metrics) <= METRICS,
        "names": all(1 <= len(metric["Name"]) <= NAME for metric in metrics),
        "values": all(type(line.get(metric["Name"])) in (int, float) for metric in metrics),
        "units": all(metric.get("Unit", "None") in UNITS for metric in metrics),
    }
    return [rule for rule, is_kept in rules.items() if not is_kept]


def is_dimension(value: object) -> bool:
    """Whether a member may be a dimension's value: text in ASCII that does not begin with ':'."""
    return (
        isinstance(value, str)
        and value.isascii()
        and 1 <= len(value.strip()) <= NAME
        and not value.startswith(":")
    )


def handled(event: object) -> tuple[dict[str, int], dict[str, Any]]:
    """The counts and the line of a batch, every candidate of which is written."""
    lines: list[str] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("RETRAIN_TABLE", "Retrain")
        patched.setenv("PROBABILITY_THRESHOLD", "0.9")
        patched.setenv("AWS_LAMBDA_FUNCTION_NAME", "team-dev-IrisLambdaFn")
        patched.setattr(index, "copy_images", lambda images, *_: len(images))
        patched.setattr("builtins.print", lines.append)
        counts = index.lambda_handler(event)
    (line,) = lines
    return counts, json.loads(line)


def carrying(row: int, threshold: str, **changes: Any) -> dict[str, Any]:
    record = stream_record(row, **changes)
    record["dynamodb"]["NewImage"]["Threshold"] = {"S": threshold}
    return record


def directive_of(line: dict[str, Any]) -> dict[str, Any]:
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    return directive  # type: ignore[no-any-return]


thresholds = st.sampled_from(["0.9", "0.5", "1", "1.5", "", "é", ":0"])
batches = st.lists(
    st.builds(
        carrying,
        st.integers(0, 99),
        thresholds,
        actual=st.sampled_from(["setosa", "virginica"]),
        probability=st.sampled_from(["0.2", "0.95", "none"]),
        event=st.sampled_from(["INSERT", "MODIFY", "REMOVE"]),
    )
    | st.just({"dynamodb": {"NewImage": {"Threshold": {"S": ["0.9"]}}}}),
    max_size=6,
)


@given(batches, st.booleans())
@settings(max_examples=60, deadline=None)
def test_line_of_any_batch_keeps_to_the_format_and_has_every_count(
    records: list[Any], replayed: bool
) -> None:
    event = {**stream_event(*records), **({"Threshold": "0.7"} if replayed else {})}
    counts, line = handled(event)
    assert violations(line, 1000 * time.time()) == []
    directive = directive_of(line)
    assert {metric["Name"]: line[metric["Name"]] for metric in directive["Metrics"]} == counts


def test_counts_are_of_the_function_and_of_the_threshold_that_was_applied() -> None:
    batch = stream_event(
        carrying(1, "0.8"), carrying(2, "0.8", actual="virginica", probability="0.7"), NO_IMAGE
    )
    _, line = handled(batch)
    directive = directive_of(line)
    assert directive["Namespace"] == "IrisLoop"
    assert directive["Dimensions"] == [["FunctionName"], ["FunctionName", "AppliedThreshold"]]
    assert (line["FunctionName"], line["AppliedThreshold"]) == ("team-dev-IrisLambdaFn", "0.8")
    counted = {metric["Name"] for metric in directive["Metrics"]}
    assert counted == {
        *("received", "unjudgeable", "copied", "known"),
        *(Reason.WRONG, Reason.UNSURE),
    }
    # AND what the line had before is as it was
    assert (line["threshold"], line["received"], line["unjudgeable"]) == ("0.9", 3, 1)


@pytest.mark.parametrize(
    ("event", "applied"),
    [
        (stream_event(carrying(1, "0.8"), stream_record(2)), "several"),
        (stream_event(stream_record(1), carrying(2, "0.9")), "0.9"),
        ({**stream_event(carrying(1, "0.8"), stream_record(2)), "Threshold": "0.7"}, "0.7"),
        (stream_event(NO_IMAGE), "none"),
    ],
    ids=["two", "the function's", "a replay's", "none"],
)
def test_batch_is_counted_under_one_threshold(event: object, applied: str) -> None:
    assert handled(event)[1]["AppliedThreshold"] == applied


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({"received": "3"}, ["values"]),
        ({"received": True}, ["values"]),
        ({"FunctionName": ""}, ["dimensions"]),
        ({"AppliedThreshold": 0.9}, ["dimensions"]),
        ({"AppliedThreshold": ":0"}, ["dimensions"]),
        ({"_aws": {"Timestamp": 0, "CloudWatchMetrics": []}}, ["timestamp", "directives"]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_line_that_breaks_the_format_is_found(change: dict[str, Any], broken: list[str]) -> None:
    _, line = handled(stream_event(stream_record(1)))
    assert violations({**line, **change}, 1000 * time.time()) == broken
