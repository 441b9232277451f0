"""The failure queue, the log added up, and the lab's steps, in moto and in the local cloud."""

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
from aws.lab_steps import lab_steps
from aws.settings import Settings
from tests.aws.samples import write_run

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TOLD_BY_LAMBDA = json.dumps(
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
    url = cloud.sqs.get_queue_url(QueueName=f"{cloud.settings.function}-failures")["QueueUrl"]
    for body in bodies:
        cloud.sqs.send_message(QueueUrl=url, MessageBody=body)
    return url


def test_without_a_queue_there_is_nothing_to_see(empty_moto: Cloud) -> None:
    assert failures.look(empty_moto) is None
    assert failures.delete(empty_moto, ["receipt"]) == 0


def test_empty_queue_says_so(moto_cloud: Cloud) -> None:
    assert failures.look(moto_cloud) == failures.Look(0, ())


def looked_at_twice_and_deleted(cloud: Cloud) -> None:
    """What the queue of any cloud must do."""
    # GIVEN what Lambda writes, and what somebody else wrote
    send(cloud, TOLD_BY_LAMBDA, "no JSON " * 200, "[1, 2]")
    # WHEN it is looked at
    look = failures.look(cloud)
    # THEN all of it is told, the long message shortened
    assert look is not None
    assert look.waiting == 3
    told = {failure.body: failure for failure in look.failures}
    batch = told[TOLD_BY_LAMBDA]
    assert (batch.why, batch.records) == ("RetryAttemptsExhausted", 25)
    assert batch.at.year >= 2026
    assert max(map(len, told)) == failures.BODY_CHARACTERS
    assert (told["[1, 2]"].why, told["[1, 2]"].records) == ("", None)
    # AND it is still there for the next look
    time.sleep(failures.HIDDEN_SECONDS + 0.2)
    again = failures.look(cloud)
    assert again is not None
    assert {failure.body for failure in again.failures} == set(told)
    # WHEN what was shown is deleted, it is gone
    assert failures.delete(cloud, [failure.receipt for failure in again.failures]) == 3
    assert failures.look(cloud) == failures.Look(0, ())


def test_what_is_looked_at_stays_until_it_is_deleted(moto_cloud: Cloud) -> None:
    looked_at_twice_and_deleted(moto_cloud)


@pytest.mark.cloud
def test_local_cloud_keeps_failures_likewise(local_cloud: Cloud) -> None:
    looked_at_twice_and_deleted(local_cloud)


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


def test_handmade_table_with_other_keys_is_told(empty_moto: Cloud) -> None:
    empty_moto.dynamodb.create_table(
        TableName="IrisExtended",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    keys, stream, *_ = lab_steps(empty_moto)
    assert (keys.done, keys.found) == (False, "id (N)")
    assert "delete the table" in keys.remedy
    assert (stream.done, stream.found) == (False, "no stream")
