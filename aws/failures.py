"""The failure queue: batches that the stream gave up on, read without taking them away."""

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

PEEK_MESSAGES = 10
"""Messages that one peek returns: SQS gives no more at once."""
HIDDEN_SECONDS = 1
"""Visibility time-out of a message that was peeked at: nobody else receives it meanwhile."""
BODY_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Failure:
    """A batch that the function did not take.

    Attributes:
        at: when the message was sent, UTC.
        why: the condition that Lambda names; empty where it names none.
        records: of the batch; None where Lambda does not say.
        body: the message, shortened.
        receipt: SQS's receipt handle, to delete the message with.
    """

    at: datetime
    why: str
    records: int | None
    body: str
    receipt: str


@dataclass(frozen=True, slots=True)
class QueuePeek:
    """Some of the queue's messages.

    Attributes:
        waiting: about how many messages the queue holds, as `count` has it.
        failures: those that could be received, `PEEK_MESSAGES` at most.
    """

    waiting: int
    failures: tuple[Failure, ...]


def count(cloud: Cloud) -> int | None:
    """Return about how many batches the queue holds, None when there is no queue.

    The one way in which they are counted. A message that somebody has received and not deleted is
    in flight: not visible, but still in the queue.
    """
    with translated("counting the failure queue"):
        url = _url(cloud)
        return None if url is None else _count(cloud, url)


def peek(cloud: Cloud) -> QueuePeek | None:
    """Return some messages of the queue, which stay there; None when there is no queue."""
    with translated("reading the failure queue"):
        url = _url(cloud)
        if url is None:
            return None
        waiting = _count(cloud, url)
        if not waiting:
            return QueuePeek(0, ())
        answer = cloud.sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=PEEK_MESSAGES,
            VisibilityTimeout=HIDDEN_SECONDS,
            WaitTimeSeconds=0,
            AttributeNames=["SentTimestamp"],
        )
    failures = tuple(_failure(message) for message in answer.get("Messages", []))
    return QueuePeek(max(waiting, len(failures)), failures)


def delete(cloud: Cloud, receipts: Sequence[str]) -> int:
    """Delete messages of the queue.

    Args:
        cloud: whose queue it is.
        receipts: of the failures to delete, from one peek.

    Returns:
        How many are gone.
    """
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


def _count(cloud: Cloud, url: str) -> int:
    """Return about how many messages are visible or in flight."""
    answer = cloud.sqs.get_queue_attributes(
        QueueUrl=url,
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )
    return sum(map(int, answer["Attributes"].values()))


def _url(cloud: Cloud) -> str | None:
    try:
        return cloud.sqs.get_queue_url(QueueName=cloud.settings.queue)["QueueUrl"]
    except cloud.sqs.exceptions.QueueDoesNotExist:
        return None


def _failure(message: MessageTypeDef) -> Failure:
    """Read a message of Lambda's; one that somebody else wrote has no reason and no number."""
    body = message.get("Body", "")
    content = _parsed(body)
    context, batch = content.get("requestContext"), content.get("DDBStreamBatchInfo")
    why = context.get("condition") if isinstance(context, dict) else ""
    records = batch.get("batchSize") if isinstance(batch, dict) else None
    sent = int(message.get("Attributes", {}).get("SentTimestamp", "0"))
    excerpt = body if len(body) <= BODY_CHARACTERS else f"{body[: BODY_CHARACTERS - 1]}…"
    return Failure(
        at=datetime.fromtimestamp(sent / 1000, UTC),
        why=str(why or ""),
        records=records if isinstance(records, int) else None,
        body=excerpt,
        receipt=message.get("ReceiptHandle", ""),
    )


def _parsed(body: str) -> dict[str, Any]:
    """Return a message's JSON object, empty if it is none."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
