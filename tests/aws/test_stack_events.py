"""The events of a deploy are found by its token, whatever this machine's clock says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws import function, stack
from aws.errors import DeployError
from aws.inventory import Inventory, described_stack, name_parameters
from aws.settings import Settings
from tests.faults.memory import MemoryCloud

Events = list[dict[str, Any]]


class AlreadyExistsError(ClientError):
    """The stack is there by now."""


class TokenAlreadyExistsError(ClientError):
    """The token was used by an earlier try."""


class Failing:
    """CloudFormation whose clock differs from ours, and which fails a change for a reason.

    A page has two events. `refusal` is raised once the change has begun.
    """

    exceptions = SimpleNamespace(
        AlreadyExistsException=AlreadyExistsError,
        TokenAlreadyExistsException=TokenAlreadyExistsError,
    )

    def __init__(self, state: str | None, ours: timedelta) -> None:
        self.state = state
        self.refusal: ClientError | None = None
        self.somebody_elses = False
        self.at = datetime.now(UTC) - ours
        self.events: Events = []
        self.fail("the change of last week", "of-last-week")

    def fail(self, reason: str, token: str) -> None:
        for state, part, why in (
            ("UPDATE_IN_PROGRESS", "IrisLoop", ""),
            ("UPDATE_FAILED", "Function", reason),
            ("UPDATE_FAILED", "Queue", "cancelled"),
            ("UPDATE_ROLLBACK_COMPLETE", "IrisLoop", ""),
        ):
            event = {"EventId": f"{len(self.events)}", "LogicalResourceId": part,
                     "ResourceStatus": state, "ResourceStatusReason": why,
                     "Timestamp": self.at, "ClientRequestToken": token}  # fmt: skip
            self.events.insert(0, event)

    def describe_stacks(self, **_which: Any) -> dict[str, Any]:
        if self.state is None:
            missing: Any = {"Error": {"Code": "ValidationError", "Message": "does not exist"}}
            raise ClientError(missing, "DescribeStacks")
        names = name_parameters(Settings()).items()
        parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in names]
        return {"Stacks": [{"StackStatus": self.state, "Parameters": parameters}]}

    def describe_stack_resources(self, **_which: Any) -> dict[str, Any]:
        return {"StackResources": []}

    def get_paginator(self, _operation: str) -> Any:
        return SimpleNamespace(paginate=lambda **_which: self.pages())

    def pages(self) -> Iterator[dict[str, Any]]:
        for start in range(0, len(self.events), 2):
            yield {"StackEvents": self.events[start : start + 2]}

    def _change(self, request: dict[str, Any]) -> None:
        token = "somebody-else" if self.somebody_elses else request["ClientRequestToken"]
        self.fail(f"no right, says arn:aws:iam::{'1' * 12}:role/R", token)
        self.state = "UPDATE_ROLLBACK_COMPLETE"
        if self.refusal:
            raise self.refusal

    def update_stack(self, **request: Any) -> None:
        self._change(request)

    def create_stack(self, **request: Any) -> None:
        self._change(request)

    def delete_stack(self, **request: Any) -> None:
        self._change(request)


@pytest.fixture(autouse=True)
def _nothing_but_a_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """An account in which there is a stack, or none, and nothing else."""

    def found(cloud: Any) -> Inventory:
        return Inventory(*described_stack(cloud), {}, frozenset(), frozenset())

    monkeypatch.setattr(stack, "take_inventory", found)
    monkeypatch.setattr(function, "threshold_in_force", lambda _cloud: "0.9")


def failing(state: str | None, ours: timedelta = timedelta(0)) -> tuple[Any, Failing]:
    cloud: Any = MemoryCloud(Settings())
    cloud.cloudformation = Failing(state, ours)
    return cloud, cloud.cloudformation


def error_of(code: str, kind: type[ClientError]) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": code}}
    return kind(answer, "CreateStack")


@pytest.mark.parametrize("seconds", [-86_400, -20, 0, 20, 86_400])
@pytest.mark.parametrize("work", [stack.deploy, stack.destroy])
def test_reason_of_a_failure_is_found_with_a_clock_that_is_wrong(work: Any, seconds: int) -> None:
    cloud, _ = failing("UPDATE_COMPLETE", ours=timedelta(seconds=seconds))
    seen: list[stack.StackEvent] = []
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
