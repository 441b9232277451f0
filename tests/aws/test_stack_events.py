"""The events of a deploy are found by its token, whatever this machine's clock says."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws import stack
from aws.errors import DeployError
from aws.stack_events import StackEvent
from tests.aws.failing_stack import (
    AlreadyExistsError,
    TokenAlreadyExistsError,
    failing,
    nothing_but_a_stack,
)


@pytest.fixture(autouse=True)
def _nothing_but_a_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing_but_a_stack(monkeypatch)


def error_of(code: str, kind: type[ClientError]) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": code}}
    return kind(answer, "CreateStack")


@pytest.mark.parametrize("seconds", [-86_400, -20, 0, 20, 86_400])
@pytest.mark.parametrize("work", [stack.deploy, stack.destroy])
def test_reason_of_a_failure_is_found_with_a_clock_that_is_wrong(work: Any, seconds: int) -> None:
    cloud, _ = failing("UPDATE_COMPLETE", ours=timedelta(seconds=seconds))
    seen: list[StackEvent] = []
    with pytest.raises(DeployError, match="Function: no right, says arn") as caught:
        work(cloud, on_event=seen.append)
    assert "last week" not in str(caught.value)
    assert "1" * 12 not in str(caught.value)
    assert [event.state for event in seen] == [
        "UPDATE_IN_PROGRESS",
        "UPDATE_FAILED",
        "UPDATE_FAILED",
        "UPDATE_ROLLBACK_COMPLETE",
    ]


def test_create_that_somebody_else_was_quicker_with_reports_theirs() -> None:
    cloud, cloudformation = failing(None)
    cloudformation.refusal = error_of("AlreadyExistsException", AlreadyExistsError)
    cloudformation.somebody_elses = True
    with pytest.raises(DeployError, match="Function: no right"):
        stack.deploy(cloud)


@pytest.mark.parametrize("state", [None, "UPDATE_COMPLETE"])
def test_token_of_a_try_whose_answer_was_lost_is_followed(state: str | None) -> None:
    cloud, cloudformation = failing(state)
    cloudformation.refusal = error_of("TokenAlreadyExistsException", TokenAlreadyExistsError)
    with pytest.raises(DeployError, match="Function: no right"):
        stack.deploy(cloud)


def test_each_operation_has_a_token_of_its_own() -> None:
    cloud, cloudformation = failing("UPDATE_COMPLETE")
    for _ in range(3):
        cloudformation.state = "UPDATE_COMPLETE"
        with suppress(DeployError):
            stack.deploy(cloud)
    assert len({event["ClientRequestToken"] for event in cloudformation.events}) == 4
