"""The failure queue: what the stream gave up on, looked at without taking it away."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aws.clients import Cloud
from aws.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

MOST = 10
"""Messages that one look shows: SQS gives no more at once."""
HIDDEN_SECONDS = 1
"""For so long nobody else sees a message that was looked at."""
BODY_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Failure:
    """A batch that the function did not take.

    `why` and `records` are what Lambda says of it, "" and None where it does not; `body` is the
    message, shortened. `receipt` serves to delete it.
    """

    at: datetime
    why: str
    records: int | None
    body: str
    receipt: str


@dataclass(frozen=True, slots=True)
class Look:
    """How many batches wait, about, and some of them."""

    waiting: int
    failures: tuple[Failure, ...]


def look(cloud: Cloud) -> Look | None:
    """Look at the queue; what waits there stays there. None when there is no queue."""
    with translated("looking at the failure queue"):
        url = _url(cloud)
        if url is None:
            return None
        many = _waiting(cloud, url)
        if not many:
            return Look(0, ())
        answer = cloud.sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=MOST,
            VisibilityTimeout=HIDDEN_SECONDS,
            WaitTimeSeconds=0,
            AttributeNames=["SentTimestamp"],
        )
    found = tuple(_failure(message) for message in answer.get("Messages", []))
    return Look(max(many, len(found)), found)


def waiting(cloud: Cloud) -> int:
    """About how many batches wait in the queue; none where there is no queue."""
    with translated("looking at the failure queue"):
        url = _url(cloud)
        return _waiting(cloud, url) if url else 0


def delete(cloud: Cloud, receipts: Sequence[str]) -> int:
    """Delete messages that a look returned; returns how many are gone."""
    if not receipts:
        return 0
    with translated("deleting from the failure queue"):
        url = _url(cloud)
        if url is None:
            return 0
        answer = cloud.sqs.delete_message_batch(
            QueueUrl=url,
            Entries=[
                {"Id": str(number), "ReceiptHandle": receipt}
                for number, receipt in enumerate(receipts)
            ],
        )
    return len(answer.get("Successful", []))


def _waiting(cloud: Cloud, url: str) -> int:
    counted = cloud.sqs.get_queue_attributes(
        QueueUrl=url,
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )
    return sum(map(int, counted["Attributes"].values()))


def _url(cloud: Cloud) -> str | None:
    try:
        name = f"{cloud.settings.function}-failures"
        return cloud.sqs.get_queue_url(QueueName=name)["QueueUrl"]
    except cloud.sqs.exceptions.QueueDoesNotExist:
        return None


def _failure(message: MessageTypeDef) -> Failure:
    """A message as Lambda writes it; one that somebody else wrote has no reason and no number."""
    body = message.get("Body", "")
    told = _parsed(body)
    context, batch = told.get("requestContext"), told.get("DDBStreamBatchInfo")
    why = context.get("condition") if isinstance(context, dict) else ""
    records = batch.get("batchSize") if isinstance(batch, dict) else None
    sent = int(message.get("Attributes", {}).get("SentTimestamp", "0"))
    shown = body if len(body) <= BODY_CHARACTERS else f"{body[: BODY_CHARACTERS - 1]}…"
    return Failure(
        datetime.fromtimestamp(sent / 1000, UTC),
        str(why or ""),
        records if isinstance(records, int) else None,
        shown,
        message.get("ReceiptHandle", ""),
    )


def _parsed(body: str) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
