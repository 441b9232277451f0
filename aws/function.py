"""The deployed function: its configuration, its threshold, its log, and replay by invoking it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aws.clients import Cloud
from aws.errors import DeployError, ServiceError, SettingsError, translated
from aws.redaction import redacted
from iris_core.records.attributes import Item
from lambda_src.index import InvalidRecordError, parse_share

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import EventSourceMappingConfigurationTypeDef

REPLAY_RECORDS = 500
"""Records of one replaying invocation at most."""
REPLAY_BYTES = 5_000_000
"""Bytes of one replaying invocation at most; Lambda takes 6 MB."""

UPDATE_SECONDS = 60.0
"""How long an update of the function's configuration may take."""

LONGEST_PATTERN = 1000
"""Characters of a pattern for the log; AWS takes 1,024."""

_THRESHOLD = "PROBABILITY_THRESHOLD"
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_OPEN = re.compile(r"[^A-Za-z0-9_#=@/;,-]")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the function's log, with its time in UTC."""

    at: datetime
    text: str


def check_threshold(text: str) -> str:
    """Return a threshold as it is written, once it is checked.

    Raises:
        SettingsError: it is no number from 0 to 1.
    """
    try:
        parse_share(text)
    except InvalidRecordError as error:
        raise SettingsError(f"The threshold is a share of 1: {error}.") from error
    return text


def threshold(cloud: Cloud) -> str:
    """Return the threshold that the function applies now, as its environment writes it.

    It applies to records that carry none of their own.
    """
    return _environment(cloud).get(_THRESHOLD, cloud.settings.threshold)


def threshold_in_force(cloud: Cloud) -> str:
    """Return the threshold in the function's environment; empty without one, or a function."""
    variables: Mapping[str, str] = configuration(cloud).get("Environment", {}).get("Variables", {})
    return variables.get(_THRESHOLD, "")


def set_threshold(cloud: Cloud, text: str) -> None:
    """Change the function's threshold and wait until it applies; no code is deployed.

    Args:
        cloud: whose function is changed.
        text: the threshold, 0 to 1.

    Raises:
        SettingsError: `text` is no number from 0 to 1.
        DeployError: Lambda did not apply the change within `UPDATE_SECONDS`.
    """
    check_threshold(text)
    _set_environment(cloud, {_THRESHOLD: text})


def restore_environment(cloud: Cloud, threshold: str) -> bool:
    """Set what the function needs in its environment; return whether it had to be set.

    Args:
        cloud: whose function is changed.
        threshold: the one that it is to apply, 0 to 1.

    Raises:
        DeployError: Lambda did not apply the change within `UPDATE_SECONDS`.
    """
    return _set_environment(
        cloud, {_THRESHOLD: threshold, "RETRAIN_TABLE": cloud.settings.retrain_table}
    )


def _set_environment(cloud: Cloud, needed: Mapping[str, str]) -> bool:
    environment = _environment(cloud)
    if environment.items() >= needed.items():
        return False
    name = cloud.settings.function
    with translated("setting the function's environment"):
        cloud.lambda_.update_function_configuration(
            FunctionName=name, Environment={"Variables": {**environment, **needed}}
        )
        deadline = time.monotonic() + UPDATE_SECONDS
        while True:
            state = cloud.lambda_.get_function_configuration(FunctionName=name)
            if state.get("LastUpdateStatus", "Successful") == "Successful":
                return True
            if state["LastUpdateStatus"] == "Failed" or time.monotonic() > deadline:
                raise DeployError(
                    f"The function {name} did not take the threshold {needed[_THRESHOLD]}: "
                    f"{state.get('LastUpdateStatusReason', 'it is still updating')}. See its state "
                    "in the Lambda console and set it again."
                )
            time.sleep(0.05 if cloud.settings.target == "local" else 1)


def configuration(cloud: Cloud) -> Mapping[str, Any]:
    """Return Lambda's description of the function, empty when there is none."""
    with translated("looking at the function"):
        try:
            return cloud.lambda_.get_function_configuration(FunctionName=cloud.settings.function)
        except cloud.lambda_.exceptions.ResourceNotFoundException:
            return {}


def mapping(cloud: Cloud) -> EventSourceMappingConfigurationTypeDef | None:
    """Return the mapping of the score table's stream to the function, None when there is none."""
    with translated("looking for the stream mapping"):
        pages = cloud.lambda_.get_paginator("list_event_source_mappings").paginate(
            FunctionName=cloud.settings.function
        )
        try:
            for page in pages:
                for entry in page["EventSourceMappings"]:
                    if f":table/{cloud.settings.score_table}/" in entry.get("EventSourceArn", ""):
                        return entry
        except cloud.lambda_.exceptions.ResourceNotFoundException:
            return None
    return None


def invoke(cloud: Cloud, items: Sequence[Item], threshold: str) -> None:
    """Invoke the function with stored score items that the stream did not deliver.

    Without a sequence number the function writes an item only where the retrain table has none, so
    nothing newer is overwritten.

    Args:
        cloud: whose function is invoked.
        items: one batch of `replay_batches`.
        threshold: the one that the function applies to these records, that of their run, 0 to 1.

    Raises:
        ServiceError: the function failed.
    """
    event = {"Threshold": threshold, "Records": list(map(_stream_record, items))}
    with translated("replaying records"):
        answer = cloud.lambda_.invoke(
            FunctionName=cloud.settings.function, Payload=json.dumps(event).encode()
        )
        body = answer["Payload"].read()
    if answer.get("FunctionError"):
        why = redacted(body.decode(errors="replace"))[:500]
        raise ServiceError(
            f"The function failed on replayed records: {why} "
            "Read its log, fix the cause and replay again.",
            code="FunctionError",
        )


def replay_batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield the items in batches that one invocation takes."""
    batch: list[Item] = []
    room = REPLAY_BYTES
    for item in items:
        size = len(json.dumps(_stream_record(item)))
        if batch and (size > room or len(batch) == REPLAY_RECORDS):
            yield batch
            batch, room = [], REPLAY_BYTES
        batch.append(item)
        room -= size
    if batch:
        yield batch


def _stream_record(item: Item) -> dict[str, object]:
    """Return a stored item in the form of a record of the stream."""
    image = {name: {"S": text} for name, text in item.items()}
    return {"eventName": "INSERT", "dynamodb": {"NewImage": image}}


def log_lines(
    cloud: Cloud, *, since: datetime | None = None, containing: str = "", limit: int = 1000
) -> list[LogLine]:
    """Return the newest lines of the function's log, oldest first.

    Args:
        cloud: whose function it is.
        since: the time from which the log is read; None for its start.
        containing: a text that each line contains.
        limit: number of lines at most.

    Returns:
        The lines; none before the function ran for the first time.
    """
    request: dict[str, Any] = {"logGroupName": cloud.settings.log_group}
    if since:
        request["startTime"] = int(since.timestamp() * 1000)
    if containing and cloud.settings.target == "aws":
        # The local cloud has another syntax; it is near.
        request["filterPattern"] = filter_pattern(containing)
    lines = [line for line in _log_lines(cloud, request) if containing in line.text]
    return sorted(lines, key=lambda line: line.at)[-limit:]


def filter_pattern(text: str) -> str:
    """Return CloudWatch Logs' filter pattern for lines that contain a text, and a few others.

    A quoted term would be one of whole words. A regular expression finds parts of words, but knows
    few characters: any other is left open (AWS, "Filter pattern syntax", supported regex syntax).
    Empty where all lines are to be read.
    """
    pieces = _FOREIGN.split(text.partition("\n")[0])
    known = ".*".join(_OPEN.sub(".", piece) for piece in pieces)
    return f"%{known[:LONGEST_PATTERN]}%" if known else ""


def _log_lines(cloud: Cloud, request: Mapping[str, Any]) -> Iterator[LogLine]:
    with translated("reading the function's log"):
        pages = cloud.logs.get_paginator("filter_log_events").paginate(**request)
        try:
            for page in pages:
                for event in page["events"]:
                    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
                    yield LogLine(at, event["message"].rstrip())
        except cloud.logs.exceptions.ResourceNotFoundException:
            return


def _environment(cloud: Cloud) -> dict[str, str]:
    with translated("reading the function's settings"):
        answer = cloud.lambda_.get_function_configuration(FunctionName=cloud.settings.function)
    return dict(answer.get("Environment", {}).get("Variables", {}))
