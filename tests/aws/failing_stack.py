"""A CloudFormation that fails each change, in an account with nothing but a stack."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws import function, stack
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

    A page has two events. `refusal` is raised once the change has begun, `unreadable` when its
    events are asked for; `reason` is why it fails.
    """

    exceptions = SimpleNamespace(
        AlreadyExistsException=AlreadyExistsError,
        TokenAlreadyExistsException=TokenAlreadyExistsError,
    )

    def __init__(self, state: str | None, ours: timedelta) -> None:
        self.state = state
        self.refusal: ClientError | None = None
        self.unreadable: ClientError | None = None
        self.somebody_elses = False
        self.reason = f"no right, says arn:aws:iam::{'1' * 12}:role/R"
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
        if self.unreadable:
            raise self.unreadable
        for start in range(0, len(self.events), 2):
            yield {"StackEvents": self.events[start : start + 2]}

    def _change(self, request: dict[str, Any]) -> None:
        token = "somebody-else" if self.somebody_elses else request["ClientRequestToken"]
        self.fail(self.reason, token)
        self.state = "UPDATE_ROLLBACK_COMPLETE"
        if self.refusal:
            raise self.refusal

    def update_stack(self, **request: Any) -> None:
        self._change(request)

    def create_stack(self, **request: Any) -> None:
        self._change(request)

    def delete_stack(self, **request: Any) -> None:
        self._change(request)


def nothing_but_a_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be a stack in the account, or none, and nothing else."""

    def found(cloud: Any) -> Inventory:
        return Inventory(*described_stack(cloud), {}, frozenset(), frozenset())

    monkeypatch.setattr(stack, "take_inventory", found)
    monkeypatch.setattr(function, "threshold_in_force", lambda _cloud: "0.9")


def failing(state: str | None, ours: timedelta = timedelta(0)) -> tuple[Any, Failing]:
    cloud: Any = MemoryCloud(Settings())
    cloud.cloudformation = Failing(state, ours)
    return cloud, cloud.cloudformation
