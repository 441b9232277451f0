"""The retrain Lambda: copies doubtful score records from the stream to the retrain table.

This file is the whole deployment and the one home of the retrain rule; the dashboard imports the
same `judge` to say what it expects. Python standard library and boto3 only.

What is guaranteed, and how:

* Bad data never raises, for one bad record would block its shard: it is counted and logged.
* What a retry can cure (throttling, a missing permission, a lost connection) raises, so that the
  whole batch comes again. That is harmless: every write is conditional on being newer.
* Only the attributes in `COPIED` and `JUDGED` are written. What a reviewer decided lives in other
  attributes of the same item and is therefore never overwritten.
* The newest image of a record wins, in whatever order images arrive: the stream's sequence number
  is stored and compared. A record that stopped being a candidate stays as `Reason = withdrawn`,
  so that an older image which arrives late cannot bring it back.
"""

from __future__ import annotations

import json
import os
import re
import reprlib
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

WRONG = "wrong"
UNSURE = "unsure"
WRONG_AND_UNSURE = "wrong and unsure"
WITHDRAWN = "withdrawn"
"""Reason of a record that was a candidate until a newer image of it came."""

KEYS = ("partition_key", "sort_key")
COPIED = ("Features", "Class", "Actual", "Probability")
"""Attributes copied from the score record as they are."""
JUDGED = ("Reason", "Threshold", "Sequence")
"""Attributes that this function adds; `Sequence` is the image's place in the stream."""

ITEM_LIMIT = 390_000
"""Bytes that a score record may have: an item has at most 409,600, its copy a verdict as well."""
SEQUENCE_DIGITS = 40
"""DynamoDB's sequence numbers have 21 to 40 digits; padded, they compare as text."""
KEY_BYTES = {"partition_key": 2048, "sort_key": 1024}
"""What DynamoDB takes as a key; one of none it takes neither."""
WRITERS = 8
GROUP = 100
"""Updates that one transaction takes."""
REFUSED_WHOLE = ("TransactionCanceledException", "ValidationException")
"""Errors of a transaction that its single updates need not share."""
_SEQUENCE = re.compile(rf"\d{{0,{SEQUENCE_DIGITS}}}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_LONGEST_NUMBER = 64
_LONGEST_RUN = 64

_for_log = reprlib.Repr()
_for_log.maxstring = _for_log.maxother = 200


class InvalidRecordError(ValueError):
    """The record lacks what the rule needs, or holds a probability that is none."""


class ConfigurationError(Exception):
    """The function's environment, or a replay, lacks what every record is judged by."""


def parse_share(text: str) -> Decimal:
    """The number in 0…1 that `text` writes, exactly; raises `UnjudgeableError` for any other text.

    Decimal, not float: the rule is about the stored string, so 0.9 is 0.9.
    """
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        raise InvalidRecordError(f"expected a number from 0 to 1, received {text[:40]!r}")
    number = Decimal(text)
    if not 0 <= number <= 1:
        raise InvalidRecordError(f"expected a number from 0 to 1, received {text[:40]!r}")
    return number


def evaluate_rule(predicted: str, actual: str, probability: str, threshold: Decimal) -> str | None:
    """The retrain rule: why this record should be reviewed, or None when it need not be.

    A record is a candidate when its predicted class is not the actual one, or when its
    probability is below `threshold` (0…1; equal is not below). Judged on the strings as stored.

    Returns `WRONG`, `UNSURE`, `WRONG_AND_UNSURE` or None. Raises `UnjudgeableError` when the
    classes are equal and the probability is no number in 0…1.
    """
    wrong = predicted != actual
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
    """One judged image of a score record: what the retrain table should say of it."""

    key: tuple[str, str]
    fields: Mapping[str, str]
    reason: str
    threshold: str
    sequence: str


def read_image(
    record: Mapping[str, Any], threshold: str, *, override: bool = False
) -> Image | None:
    """Judge one stream record; None when there is nothing to write.

    A record that carries the threshold of its run is judged by that one, others by `threshold`
    (0…1); with `override` all are. Raises `UnjudgeableError` for a record without a usable image.
    """
    event = record.get("eventName")
    if event not in ("INSERT", "MODIFY"):
        return None
    change = record.get("dynamodb")
    image = change.get("NewImage") if isinstance(change, dict) else None
    if not isinstance(change, dict) or not isinstance(image, dict):
        raise InvalidRecordError("expected a NewImage, received none")
    partition_key, sort_key, predicted, actual = (
        _string(image, name) for name in (*KEYS, "Class", "Actual")
    )
    if not override:
        threshold = _string(image, "Threshold", default=threshold)
    probability = _string(image, "Probability", default="")
    reason = evaluate_rule(predicted, actual, probability, parse_share(threshold))
    if reason is None:
        if event == "INSERT":
            return None
        reason = WITHDRAWN
    sequence = str(change.get("SequenceNumber", ""))
    if not _SEQUENCE.fullmatch(sequence):
        raise InvalidRecordError(
            f"expected a sequence number of digits, received {sequence[:40]!r}"
        )
    fields = {name: _string(image, name, default="") for name in COPIED}
    key = (partition_key, sort_key)
    _check_sizes({**dict(zip(KEYS, key, strict=True)), **fields})
    return Image(key, fields, reason, threshold, sequence.zfill(SEQUENCE_DIGITS))


def _check_sizes(item: Mapping[str, str]) -> None:
    """Raise `UnjudgeableError` for an item that DynamoDB would refuse however often it came."""
    sizes = {name: len(text.encode()) for name, text in item.items()}
    for name, most in KEY_BYTES.items():
        if not 1 <= sizes[name] <= most:
            raise InvalidRecordError(
                f"expected a {name} of 1 to {most} bytes, received {sizes[name]}"
            )
    if (size := sum(sizes.values())) > ITEM_LIMIT:
        raise InvalidRecordError(f"expected at most {ITEM_LIMIT} bytes, received {size}")


def _string(image: Mapping[str, Any], name: str, *, default: str | None = None) -> str:
    value = image.get(name)
    text = value.get("S") if isinstance(value, dict) else None
    if isinstance(text, str):
        return text
    if default is not None:
        return default
    raise InvalidRecordError(f"expected the string attribute {name}, received {value!r:.60}")


def newest(images: Iterable[Image]) -> list[Image]:
    """One image a key, the one with the highest sequence number."""
    chosen: dict[tuple[str, str], Image] = {}
    for image in images:
        held = chosen.get(image.key)
        if held is None or image.sequence > held.sequence:
            chosen[image.key] = image
    return list(chosen.values())


def copy_images(images: list[Image], table: str) -> int:
    """Write images, unless the table holds them, or newer ones; returns how many were written."""
    client = dynamodb_client()
    updates = [update_of(image, table) for image in images]
    groups = [updates[start : start + GROUP] for start in range(0, len(updates), GROUP)]
    with ThreadPoolExecutor(WRITERS) as pool:
        return sum(pool.map(lambda group: write_group(client, group), groups))


def write_group(client: Any, updates: list[dict[str, Any]]) -> int:
    """Write a group at once or, when that is refused, one by one; returns how many were written.

    A transaction is refused whole when one of its images is known already, when somebody writes one
    of its items at the same time, or when it is too large. Anything else, such as a table that is
    over its limits, is no better one by one; it raises what the client raises.
    """
    try:
        client.transact_write_items(TransactItems=[{"Update": update} for update in updates])
    except client.exceptions.ClientError as error:
        if error.response["Error"]["Code"] not in REFUSED_WHOLE:
            raise
        return sum(write_one(client, update) for update in updates)
    return len(updates)


def write_one(client: Any, update: dict[str, Any]) -> bool:
    """Write one image; False when the table holds it, or a newer one, already."""
    try:
        client.update_item(**update)
    except client.exceptions.ConditionalCheckFailedException:
        return False
    return True


def update_of(image: Image, table: str) -> dict[str, Any]:
    """The conditional update that writes one image and leaves a reviewer's attributes alone."""
    values = {
        **image.fields,
        "Reason": image.reason,
        "Threshold": image.threshold,
        "Sequence": image.sequence,
    }
    return {
        "TableName": table,
        "Key": {name: {"S": part} for name, part in zip(KEYS, image.key, strict=True)},
        "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in values),
        "ConditionExpression": "attribute_not_exists(#Sequence) OR #Sequence < :Sequence",
        "ExpressionAttributeNames": {f"#{name}": name for name in values},
        "ExpressionAttributeValues": {f":{name}": {"S": text} for name, text in values.items()},
    }


def lambda_handler(event: object, _context: object = None) -> dict[str, int]:
    """Handle one batch of stream records; the counts by outcome are logged and returned.

    Reads `RETRAIN_TABLE` and `PROBABILITY_THRESHOLD` from the environment; that threshold is for
    records that carry none. An event with a `Threshold` of its own is a replay, judged by it.
    Raises `ConfigurationError`, or what the client raises when a write failed for a reason that a
    retry can cure; the stream then delivers the batch again.
    """
    told: Mapping[str, Any] = event if isinstance(event, Mapping) else {}
    threshold = str(told.get("Threshold", "")) or _setting("PROBABILITY_THRESHOLD")
    try:
        parse_share(threshold)
    except InvalidRecordError as problem:
        raise ConfigurationError(f"the threshold: {problem}") from problem
    table = _setting("RETRAIN_TABLE")
    records = told.get("Records")
    if not isinstance(records, list):
        records = []
    counts: Counter[str] = Counter(received=len(records))
    images: list[Image] = []
    refused: list[dict[str, str]] = []
    runs: Counter[str] = Counter()
    for record in records:
        runs[run_of(record)] += 1
        try:
            image = read_image(record, threshold, override="Threshold" in told)
        except Exception as problem:  # noqa: BLE001 - whatever it is, it must not block its shard
            refused.append({"key": _key_for_log(record), "why": str(problem)[:200]})
            continue
        counts["passed" if image is None else image.reason] += 1
        if image is not None:
            images.append(image)
    counts["unjudgeable"] = len(refused)
    if images:
        latest = newest(images)
        counts["copied"] = copy_images(latest, table)
        counts["known"] = len(latest) - counts["copied"]
    print(json.dumps({"threshold": threshold, **counts, "runs": runs, "refused": refused}))
    return dict(counts)


def run_of(record: object) -> str:
    """The run that a record belongs to, for the log; empty when its key does not tell."""
    part: object = record
    for name in ("dynamodb", "NewImage", "partition_key", "S"):
        part = part.get(name) if isinstance(part, Mapping) else None
    return part.rpartition("#")[0][:_LONGEST_RUN] if isinstance(part, str) else ""


def _key_for_log(record: object) -> str:
    """The key of a record that could not be judged, as far as it has one."""
    change = record.get("dynamodb") if isinstance(record, Mapping) else None
    keys = change.get("Keys") if isinstance(change, Mapping) else None
    return _for_log.repr(keys)


def _setting(name: str) -> str:
    """A variable of the function's environment; raises `ConfigurationError` if it is not set."""
    value = os.environ.get(name, "")
    if not value:
        raise ConfigurationError(
            f"expected the environment variable {name}, received none. Set it in the function's "
            "configuration."
        )
    return value


@cache
def dynamodb_client() -> Any:
    """The client of this execution environment, made on first use and kept while it is warm."""
    import boto3
    from botocore.config import Config

    config = Config(
        max_pool_connections=WRITERS,
        retries={"mode": "standard", "total_max_attempts": 5},
        parameter_validation=False,  # `update_of` makes no others, and checking takes as long
    )
    return boto3.client("dynamodb", config=config)
