"""What a client's retries leave behind: whether a write that failed may have been applied."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from aws.clients import connect_local
from aws.errors import UnreachableError, translate
from aws.retry_policy import may_be_applied
from aws.settings import Settings

ENDPOINT = "http://127.0.0.1:9"
SILENT = ReadTimeoutError(endpoint_url=ENDPOINT)
UNCONNECTED = EndpointConnectionError(endpoint_url=ENDPOINT)

Try = BotoCoreError | tuple[int, str]
"""What one try comes to: an error of the connection's, or a status and an error's code."""


class Answer(AWSResponse):
    """DynamoDB's answer, without a connection."""

    def __init__(self, status: int, code: str) -> None:
        error = f'{{"__type": "com.amazonaws.dynamodb.v20120810#{code}"}}'
        body = error if code else '{"UnprocessedItems": {}}'
        headers: Any = {"x-amzn-RequestId": "r"}
        super().__init__(ENDPOINT, status, headers, None)
        self._content = body.encode()


def outcome(*tries: Try) -> BaseException | dict[str, Any]:
    """What a call raises or returns whose tries end like this, the last one again and again."""
    cloud = replace(connect_local(Settings(), ENDPOINT), retry_seconds=0.4)
    left = iter(tries)

    def send(**_request: Any) -> AWSResponse:
        end = next(left, tries[-1])
        if isinstance(end, BotoCoreError):
            raise end
        return Answer(*end)

    sending: Any = send
    cloud.dynamodb.meta.events.register("before-send", sending)
    try:
        return dict(cloud.dynamodb.batch_write_item(RequestItems={}))
    except (BotoCoreError, ClientError) as error:
        return error


THROTTLED = (400, "ThrottlingException")
EXPIRED = (400, "ExpiredTokenException")
FAILED = (500, "InternalServerError")
DONE = (200, "")


@pytest.mark.parametrize(
    "tries",
    [
        [EXPIRED],
        [THROTTLED, EXPIRED],
        [THROTTLED],
        [UNCONNECTED],
        [ConnectTimeoutError(endpoint_url=ENDPOINT), UNCONNECTED],
        [NoCredentialsError()],
        [UNCONNECTED, THROTTLED, EXPIRED],
        [UNCONNECTED, DONE],
    ],
    ids=str,
)
def test_write_that_was_refused_or_never_sent_is_not_applied(tries: list[Try]) -> None:
    assert not may_be_applied(outcome(*tries))


@pytest.mark.parametrize(
    "tries",
    [
        [SILENT],
        [FAILED],
        [SILENT, EXPIRED],
        [FAILED, EXPIRED],
        [SILENT, THROTTLED],
        [SILENT, UNCONNECTED],
        [FAILED, UNCONNECTED],
        [SILENT, DONE],
    ],
    ids=str,
)
def test_write_of_which_one_try_was_not_answered_may_be_applied(tries: list[Try]) -> None:
    assert may_be_applied(outcome(*tries))


def test_unanswered_try_before_a_refused_connection_is_an_unreachable_cloud() -> None:
    error = outcome(SILENT, UNCONNECTED)
    assert isinstance(error, BotoCoreError)
    assert isinstance(error.__cause__, EndpointConnectionError)
    assert isinstance(translate(error, "writing"), UnreachableError)
