"""Each error that AWS documents for the calls we make is named in docs/aws.md, and has a remedy."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError
from moto import mock_aws

from aws.clients import connect, connect_local
from aws.errors import AccessError, CloudError, CredentialsError, NotDeployedError, translate
from aws.retry_policy import THROTTLED
from aws.settings import Settings
from aws.stack import deploy, stack_state
from tests.security.api_calls import calls_in_the_sources, calls_of_the_function

PAGE = (Path(__file__).parents[2] / "docs" / "aws.md").read_text("utf-8")
WITHOUT_A_MODEL = {
    *THROTTLED,
    *("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "RequestExpired"),
    *("SignatureDoesNotMatch", "UnrecognizedClientException"),
    *("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "ValidationError"),
    "QueueDeletedRecently",
}
"""Errors that botocore's models of these calls do not name, for all services have them."""


@cache
def documented() -> frozenset[str]:
    """The codes of the errors of all calls in the sources, as botocore's models have them."""
    clients = connect_local(Settings(), "http://127.0.0.1:1")
    codes: set[str] = set()
    for call in calls_in_the_sources() | calls_of_the_function():
        service, _, name = call.partition(":")
        client = getattr(clients, "lambda_" if service == "lambda" else service)
        shapes = client.meta.service_model.operation_model(name).error_shapes
        codes |= {shape.error_code for shape in shapes}
    return frozenset(codes)


def named(heading: str = "## Errors") -> list[str]:
    """The codes, and the beginnings of codes, in the first column of the table under a heading."""
    section = PAGE.partition(f"{heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]*) \|", section, re.MULTILINE)
    return [code for row in rows for code in re.findall(r"`([^`]+)`", row)]


def test_every_documented_error_is_on_the_page() -> None:
    codes = named()
    assert [
        code for code in sorted(documented()) if not any(fnmatchcase(code, one) for one in codes)
    ] == []


def test_every_state_of_a_stack_is_on_the_page_and_nothing_else() -> None:
    model = connect_local(Settings(), "http://127.0.0.1:1").cloudformation.meta.service_model
    shape: Any = model.shape_for("StackStatus")
    states = set(shape.enum)
    rest = "…_IN_PROGRESS"
    known = {one for one in states if not one.endswith("_IN_PROGRESS")}
    assert set(named("## States of the stack")) == known | {"REVIEW_IN_PROGRESS", rest}


def test_nothing_else_is_on_the_page() -> None:
    known = documented() | WITHOUT_A_MODEL
    assert [one for one in named() if not any(fnmatchcase(code, one) for code in known)] == []
    assert {state for state in THROTTLED if state not in named()} == set()


@pytest.mark.parametrize("code", sorted(documented() | WITHOUT_A_MODEL))
def test_each_becomes_a_sentence_that_says_what_was_done(code: str) -> None:
    answer = ClientError({"Error": {"Code": code, "Message": "Said the cloud."}}, "Call")
    error = translate(answer, "deploying")
    assert isinstance(error, CloudError)
    assert "while deploying" in str(error)
    # Its code is named, unless there is a sentence of its own for it.
    assert code in str(error) or not type(error).__name__.startswith("Service")


CALLS = (
    "cloudformation.DescribeStacks",
    "cloudformation.CreateStack",
    "dynamodb.DescribeTable",
    "lambda.GetFunctionConfiguration",
    "lambda.ListEventSourceMappings",
    "logs.DescribeLogGroups",
    "sqs.GetQueueUrl",
)
REFUSALS: dict[str, type[CloudError]] = {
    "AccessDenied": AccessError,
    "ExpiredTokenException": CredentialsError,
    "UnrecognizedClientException": CredentialsError,
}


@pytest.mark.parametrize("code", REFUSALS)
@pytest.mark.parametrize("call", CALLS)
def test_deploy_that_is_refused_at_a_call_says_so_and_the_next_one_completes_it(
    call: str, code: str
) -> None:
    refusal = (
        AWSResponse("", 400, HTTPHeaders(), None),
        {
            "Error": {"Code": code, "Message": f"not authorized to perform: {call}"},
            "ResponseMetadata": {"HTTPStatusCode": 400, "RequestId": "of-the-test"},
        },
    )

    def refuse(**_call: Any) -> Any:
        return refusal

    with mock_aws():
        cloud = connect(Settings(target="aws"))
        cloud.session.events.register(f"before-call.{call}", refuse)
        with pytest.raises(REFUSALS[code]) as caught:
            deploy(cloud)
        if code == "AccessDenied":
            assert call in str(caught.value)
        cloud = connect(Settings(target="aws"))
        deploy(cloud)
        assert stack_state(cloud) == "UPDATE_COMPLETE"


def test_missing_table_says_to_deploy() -> None:
    answer = ClientError({"Error": {"Code": "QueueDoesNotExist", "Message": "m"}}, "Call")
    assert isinstance(translate(answer, "reading"), NotDeployedError)
