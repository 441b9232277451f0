"""The failure queue, the function's log added up, and the lab's steps."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from moto import mock_aws

from aws import failures, stack
from aws.clients import Cloud, connect
from aws.function import LogLine
from aws.function_log import summarise
from aws.health import health
from aws.lab_steps import lab_steps
from aws.settings import Settings
from aws.status import Part, status
from tests.aws.samples import write_run

NOW = datetime(2026, 11, 22, tzinfo=UTC)
FROM_LAMBDA = json.dumps(
    {
        "requestContext": {"condition": "RetryAttemptsExhausted", "approximateInvokeCount": 11},
        "DDBStreamBatchInfo": {"batchSize": 25, "shardId": "shardId-1"},
    }
)


@pytest.fixture
def empty_moto(_no_real_account: None) -> Iterator[Cloud]:
    """An account without anything in it."""
    with mock_aws():
        yield connect(Settings(target="aws"))


def send(cloud: Cloud, *bodies: str) -> str:
    url = cloud.sqs.get_queue_url(QueueName=cloud.settings.queue)["QueueUrl"]
    for body in bodies:
        cloud.sqs.send_message(QueueUrl=url, MessageBody=body)
    return url


def test_without_a_queue_there_is_nothing_to_see(empty_moto: Cloud) -> None:
    assert failures.peek(empty_moto) is None
    assert failures.count(empty_moto) is None
    assert failures.delete(empty_moto, ["receipt"]) == 0


def test_empty_queue_says_so(moto_cloud: Cloud) -> None:
    assert failures.peek(moto_cloud) == failures.QueuePeek(0, ())


def queue_part(cloud: Cloud) -> Part:
    (part,) = (part for part in status(cloud) if part.kind == "failure queue")
    return part


def assert_messages_in_flight_count(cloud: Cloud) -> None:
    """Status, health and peek agree on any cloud, whoever has received some of the messages."""
    # GIVEN two messages
    url = send(cloud, FROM_LAMBDA, "another")
    assert (queue_part(cloud).state, queue_part(cloud).well) == ("2 failed batches", False)
    # WHEN somebody receives both, so that they are in flight: not visible, and not deleted
    received = cloud.sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600
    )["Messages"]
    assert len(received) == 2
    # THEN all count them still
    assert failures.peek(cloud) == failures.QueuePeek(2, ())
    assert failures.count(cloud) == 2
    assert (queue_part(cloud).state, queue_part(cloud).well) == ("2 failed batches", False)
    assert health(cloud).failures_queued == 2
    # AND none does once they are deleted
    assert failures.delete(cloud, [message["ReceiptHandle"] for message in received]) == 2
    assert (queue_part(cloud).state, queue_part(cloud).well) == ("empty", True)
    assert failures.peek(cloud) == failures.QueuePeek(0, ())


def test_status_and_failures_count_messages_in_flight_alike(moto_cloud: Cloud) -> None:
    assert_messages_in_flight_count(moto_cloud)


@pytest.mark.cloud
def test_local_cloud_counts_messages_in_flight_alike(local_cloud: Cloud) -> None:
    assert_messages_in_flight_count(local_cloud)


def assert_peeking_takes_nothing_away(cloud: Cloud) -> None:
    """On any cloud, what is peeked at stays until it is deleted."""
    # GIVEN a message of Lambda's, and two that somebody else wrote
    send(cloud, FROM_LAMBDA, "no JSON " * 200, "[1, 2]")
    # WHEN somebody peeks at the queue
    peek = failures.peek(cloud)
    # THEN all of them are there, the long one shortened
    assert peek is not None
    assert peek.waiting == 3
    by_body = {failure.body: failure for failure in peek.failures}
    batch = by_body[FROM_LAMBDA]
    assert (batch.why, batch.records) == ("RetryAttemptsExhausted", 25)
    assert batch.at.year >= 2026
    assert max(map(len, by_body)) == failures.BODY_CHARACTERS
    assert (by_body["[1, 2]"].why, by_body["[1, 2]"].records) == ("", None)
    # AND they are still there for the next peek
    time.sleep(failures.HIDDEN_SECONDS + 0.2)
    again = failures.peek(cloud)
    assert again is not None
    assert {failure.body for failure in again.failures} == set(by_body)
    # WHEN they are deleted, they are gone
    assert failures.delete(cloud, [failure.receipt for failure in again.failures]) == 3
    assert failures.peek(cloud) == failures.QueuePeek(0, ())


def test_messages_that_were_peeked_at_stay_until_they_are_deleted(moto_cloud: Cloud) -> None:
    assert_peeking_takes_nothing_away(moto_cloud)


@pytest.mark.cloud
def test_local_cloud_keeps_failures_likewise(local_cloud: Cloud) -> None:
    assert_peeking_takes_nothing_away(local_cloud)


def test_log_is_added_up_and_refusals_are_named() -> None:
    refused = [{"key": "{'partition_key': 'a'}", "why": "expected a number"}]
    texts = [
        "START RequestId: 1",
        json.dumps({"threshold": "0.9", "received": 3, "wrong": 1, "refused": []}),
        json.dumps({"threshold": "0.9", "received": 2, "unjudgeable": 1, "refused": refused}),
        '{"broken',
        '["no", "batch"]',
        json.dumps({"received": 1, "refused": ["odd"], "flag": True}),
    ]
    summary = summarise(LogLine(NOW, text) for text in texts)
    assert summary.batches == 3
    assert summary.counts == {"received": 6, "wrong": 1, "unjudgeable": 1}
    assert [(entry.key, entry.why) for entry in summary.refused] == [
        ("{'partition_key': 'a'}", "expected a number")
    ]
    assert summary.others == 3


def done(cloud: Cloud) -> list[bool]:
    steps = lab_steps(cloud)
    assert all(step.done or step.remedy for step in steps)
    return [step.done for step in steps]


def test_lab_steps_are_ticked_off_by_what_is_there(empty_moto: Cloud) -> None:
    assert done(empty_moto) == [False] * 7
    stack.deploy(empty_moto)
    assert done(empty_moto) == [True, True, True, True, True, False, False]
    write_run(empty_moto, 1)
    assert done(empty_moto)[5] is True


def test_handmade_table_with_other_keys_is_named(empty_moto: Cloud) -> None:
    empty_moto.dynamodb.create_table(
        TableName="IrisExtended",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    keys, stream, *_ = lab_steps(empty_moto)
    assert (keys.done, keys.state) == (False, "id (N)")
    assert "delete the table" in keys.remedy
    assert (stream.done, stream.state) == (False, "no stream")
