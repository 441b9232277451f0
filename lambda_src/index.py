"""The retrain Lambda: copies the records that need review from the stream to the retrain table.

This file is the whole deployment and the one home of the retrain rule; the dashboard imports the
same `evaluate_rule` to know what to expect. Python standard library and boto3 only. Guarantees:

* Bad data never raises, for one bad record would block its shard: it is counted and logged.
* What a retry can cure (throttling, a missing permission, a lost connection) raises, and the whole
  batch is delivered again. That is harmless: a write is conditional on being newer.
* Only the attributes in `COPIED` and `ADDED` are written, never those of a reviewer's verdict.
* The newest image of a record wins, whatever the order: the stream's sequence number is compared. A
  record that is no candidate any more stays as `Reason = withdrawn`: no older image restores it.
"""

from __future__ import annotations

import json
import os
import re
import reprlib
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

WRONG, UNSURE, WRONG_AND_UNSURE = "wrong", "unsure", "wrong and unsure"
WITHDRAWN = "withdrawn"
"""The reason of a changed record whose newest image is no candidate."""

KEYS = ("partition_key", "sort_key")
COPIED = ("Features", "Class", "Actual", "Probability", "Fingerprint")
"""Attributes copied from the score record as they are."""
ADDED = ("Reason", "Threshold", "Sequence")
"""Attributes that this function adds; `Sequence` is the image's number in the stream."""

ITEM_LIMIT = 390_000
"""Bytes of a score record at most: an item takes 409,600, and its copy gets a verdict as well."""
SEQUENCE_DIGITS = 40
"""DynamoDB's sequence numbers have 21 to 40 digits; padded, they compare as text."""
KEY_BYTES = {"partition_key": 2048, "sort_key": 1024}
"""Bytes of a key that DynamoDB takes at most; it takes no empty one."""
WRITERS = 8
GROUP = 100
"""Updates that one transaction takes."""
REFUSED_WHOLE = ("TransactionCanceledException", "ValidationException")
"""Errors of a transaction that its single updates need not share."""
THROTTLED = {"ProvisionedThroughputExceeded", "RequestLimitExceeded", "ThrottlingError"}
"""Reasons of a cancelled transaction that they do share: the table is over its limits."""
_SEQUENCE = re.compile(rf"\d{{0,{SEQUENCE_DIGITS}}}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_LONGEST_NUMBER = _LONGEST_RUN = 64

_for_log = reprlib.Repr()
_for_log.maxstring = _for_log.maxother = 200


class InvalidRecordError(ValueError):
    """A record lacks what the rule needs, or its probability is no number from 0 to 1."""


class ConfigurationError(Exception):
    """The function's environment, or a replay, lacks a table or a valid threshold."""


def parse_share(text: str) -> Decimal:
    """Return the number that a text writes, exactly: 0.9 is 0.9, as in no float.

    Raises:
        InvalidRecordError: it is no number from 0 to 1.
    """
    is_number = len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text)
    if is_number and 0 <= (number := Decimal(text)) <= 1:
        return number
    raise InvalidRecordError(f"expected a number from 0 to 1, received {text[:40]!r}")


def evaluate_rule(predicted: str, actual: str, probability: str, threshold: Decimal) -> str | None:
    """Apply the retrain rule to the strings as stored.

    A record is a candidate when its predicted class is not the actual one, or when its probability
    is below the threshold (0 to 1; equal is not below). Where the actual class is not known, "",
    the probability alone counts.

    Returns:
        `WRONG`, `UNSURE` or `WRONG_AND_UNSURE`; None for a record that is no candidate.

    Raises:
        InvalidRecordError: the classes are equal and the probability is no number from 0 to 1.
    """
    wrong = actual not in ("", predicted)
    try:
        unsure = parse_share(probability) < threshold
    except InvalidRecordError:
        if not wrong:
            raise
        unsure = False
    if wrong:
        return WRONG_AND_UNSURE if unsure else WRONG
    return UNSURE if unsure else None


@dataclass(frozen=True, slots=True)
class Image:
    """One image of a score record, as the retrain table is to store it."""

    key: tuple[str, str]
    fields: Mapping[str, str]
    reason: str
    threshold: str
    sequence: str


def read_image(record: Mapping[str, Any], threshold: str, *, override: bool) -> Image | None:
    """Apply the rule to one record of the stream; return the image to write, None for nothing.

    `threshold`, 0 to 1, is for a record that carries none; `override` applies it to every record.

    Raises:
        InvalidRecordError: the record has no valid image.
    """
    event = record.get("eventName")
    if event not in ("INSERT", "MODIFY"):
        return None
    image = _part(record, "dynamodb", "NewImage")
    if not isinstance(image, dict):
        raise InvalidRecordError("expected a NewImage, received none")
    key = (_string(image, "partition_key"), _string(image, "sort_key"))
    predicted, actual = _string(image, "Class"), _string(image, "Actual")
    if not override:
        threshold = _string(image, "Threshold", default=threshold)
    probability = _string(image, "Probability", default="")
    reason = evaluate_rule(predicted, actual, probability, parse_share(threshold))
    if reason is None and event == "INSERT":
        return None
    sequence = str(record["dynamodb"].get("SequenceNumber", ""))
    if not _SEQUENCE.fullmatch(sequence):
        raise InvalidRecordError(f"expected a sequence number, received {sequence[:40]!r}")
    fields = {name: _string(image, name, default="") for name in COPIED}
    _check_sizes({**dict(zip(KEYS, key, strict=True)), **fields})
    return Image(key, fields, reason or WITHDRAWN, threshold, sequence.zfill(SEQUENCE_DIGITS))


def _check_sizes(item: Mapping[str, str]) -> None:
    """Raise `InvalidRecordError` for an item that DynamoDB would refuse at every retry."""
    sizes = {name: len(text.encode()) for name, text in item.items()}
    for name, most in KEY_BYTES.items():
        if not 1 <= (size := sizes[name]) <= most:
            raise InvalidRecordError(f"expected a {name} of 1 to {most} bytes, received {size}")
    if (size := sum(sizes.values())) > ITEM_LIMIT:
        raise InvalidRecordError(f"expected at most {ITEM_LIMIT} bytes, received {size}")


def _string(image: Mapping[str, Any], name: str, *, default: str | None = None) -> str:
    text = _part(image, name, "S")
    text = text if isinstance(text, str) else default
    if text is None:
        received = image.get(name)
        raise InvalidRecordError(f"expected the string attribute {name}, received {received!r:.60}")
    return text


def _part(content: object, *path: str) -> Any:
    """Return what is under keys that lead into each other, None where there is nothing."""
    for name in path:
        content = content.get(name) if isinstance(content, Mapping) else None
    return content


def copy_images(images: list[Image], table: str) -> int:
    """Write the images that the table does not hold, nor newer ones; return how many."""
    client = dynamodb_client()
    updates = [update_of(image, table) for image in images]
    groups = [updates[start : start + GROUP] for start in range(0, len(updates), GROUP)]
    with ThreadPoolExecutor(WRITERS) as pool:
        return sum(pool.map(lambda group: write_group(client, group), groups))


def write_group(client: Any, updates: list[dict[str, Any]]) -> int:
    """Write a group at once or, when that is refused, one by one; return how many were written.

    A transaction is refused whole, and why is logged, when the table holds one of its images, when
    somebody writes one of its items meanwhile, or when it is too large. Other errors, such as a
    table over its limits, are no better one by one: the client's error is raised.
    """
    try:
        client.transact_write_items(TransactItems=[{"Update": update} for update in updates])
    except client.exceptions.ClientError as error:
        parts = error.response.get("CancellationReasons", ())
        if reasons := Counter(str(part.get("Code")) for part in parts):
            print(json.dumps({"cancelled": reasons}))
        if error.response["Error"]["Code"] not in REFUSED_WHOLE or reasons.keys() & THROTTLED:
            raise
        return sum(write_one(client, update) for update in updates)
    return len(updates)


def write_one(client: Any, update: dict[str, Any]) -> bool:
    """Write one image; return False when the table holds it, or a newer one."""
    try:
        client.update_item(**update)
    except client.exceptions.ConditionalCheckFailedException:
        return False
    return True


def update_of(image: Image, table: str) -> dict[str, Any]:
    """Return the conditional update that writes an image and leaves a reviewer's attributes."""
    added = zip(ADDED, (image.reason, image.threshold, image.sequence), strict=True)
    values = {**image.fields, **dict(added)}
    return {
        "TableName": table,
        "Key": {name: {"S": part} for name, part in zip(KEYS, image.key, strict=True)},
        "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in values),
        "ConditionExpression": "attribute_not_exists(#Sequence) OR #Sequence < :Sequence",
        "ExpressionAttributeNames": {f"#{name}": name for name in values},
        "ExpressionAttributeValues": {f":{name}": {"S": text} for name, text in values.items()},
    }


def lambda_handler(event: object, _context: object = None) -> dict[str, int]:
    """Handle one batch of stream records; return, and log, the number of them by outcome.

    `PROBABILITY_THRESHOLD` is for records that carry none, a replay's `Threshold` for all of them.

    Raises:
        ConfigurationError: a variable of the environment is not set, or a threshold is not valid.
        ClientError: a write failed for a reason that a retry can cure.
    """
    content: Mapping[str, Any] = event if isinstance(event, Mapping) else {}
    threshold = str(content.get("Threshold", "")) or _variable("PROBABILITY_THRESHOLD")
    try:
        parse_share(threshold)
    except InvalidRecordError as error:
        raise ConfigurationError(f"the threshold: {error}") from error
    table = _variable("RETRAIN_TABLE")
    records = content["Records"] if isinstance(content.get("Records"), list) else []
    counts: Counter[str] = Counter(received=len(records))
    latest: dict[tuple[str, str], Image] = {}
    refused: list[dict[str, str]] = []
    applied: set[str] = set()
    for record in records:
        try:
            image = read_image(record, threshold, override="Threshold" in content)
            if record.get("eventName") in ("INSERT", "MODIFY"):
                own = _part(record, "dynamodb", "NewImage", "Threshold", "S")
                applied.add(threshold if "Threshold" in content else own or threshold)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not block its shard
            key = _for_log.repr(_part(record, "dynamodb", "Keys"))
            refused.append({"key": key, "why": str(error)[:200]})
            continue
        counts["passed" if image is None else image.reason] += 1
        if image is not None and image.sequence > latest.setdefault(image.key, image).sequence:
            latest[image.key] = image
    counts["unjudgeable"] = len(refused)
    if latest:
        counts["copied"] = copy_images(list(latest.values()), table)
        counts["known"] = len(latest) - counts["copied"]
    line = {**counts, "runs": Counter(map(run_of, records)), "refused": refused}
    print(json.dumps({"threshold": threshold, **line, **metrics_of(counts, applied)}))
    return dict(counts)


def metrics_of(counts: Iterable[str], thresholds: set[str]) -> dict[str, Any]:
    """Return what makes CloudWatch metrics of the counts in a line (embedded metric format)."""
    dimensions = [["FunctionName"], ["FunctionName", "AppliedThreshold"]]
    metrics = [{"Name": name, "Unit": "Count"} for name in counts]
    directive = {"Namespace": "IrisLoop", "Dimensions": dimensions, "Metrics": metrics}
    return {
        "FunctionName": os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "unnamed"),
        "AppliedThreshold": min(thresholds, default="none") if len(thresholds) < 2 else "several",
        "_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]},
    }


def run_of(record: object) -> str:
    """Return the id of a record's run, for the log; empty when its key has none."""
    key = _part(record, "dynamodb", "NewImage", "partition_key", "S")
    return key.rpartition("#")[0][:_LONGEST_RUN] if isinstance(key, str) else ""


def _variable(name: str) -> str:
    """Return a variable of the function's environment, which must be set."""
    if value := os.environ.get(name, ""):
        return value
    raise ConfigurationError(f"set the environment variable {name}: expected one, received none")


@cache
def dynamodb_client() -> Any:
    """Return the environment's client; it validates nothing, for `update_of` builds all of it."""
    import boto3
    from botocore.config import Config

    retries: Any = {"mode": "standard", "total_max_attempts": 5}
    config = Config(max_pool_connections=WRITERS, retries=retries, parameter_validation=False)
    return boto3.client("dynamodb", config=config)
