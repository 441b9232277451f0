"""A stack that CloudFormation calls by a state until somebody does what ends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from aws.clients import Cloud

OK = (
    AWSResponse("", 200, HTTPHeaders(), None),
    {"ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "of-the-test"}},
)
ENDING = {"ContinueUpdateRollback": "UPDATE_ROLLBACK_COMPLETE"}
"""The calls that the emulator does not make in such a state, and the state that they end in."""


class Stuck:
    """What was asked of the stack.

    Attributes:
        state: that it is in; None once it is left.
        requests: the parameters of the calls by which it was left.
    """

    def __init__(self, state: str, left_by: str) -> None:
        self.state: str | None = state
        self.requests: list[dict[str, Any]] = []
        self._left_by = left_by

    def leave(self, params: dict[str, Any], **_call: Any) -> Any:
        self.requests.append(params["body"])
        self.state = ENDING.get(self._left_by)
        return OK if self.state else None

    def update(self, **_call: Any) -> None:
        if self.state in ENDING.values():
            self.state = None

    def describe(self, parsed: dict[str, Any], **_call: Any) -> None:
        for stack in parsed.get("Stacks", ()):
            stack["StackStatus"] = self.state or stack["StackStatus"]


@contextmanager
def stuck(cloud: Cloud, state: str, *, left_by: str) -> Iterator[Stuck]:
    """Let the stack be in a state until a call such as `DeleteStack` is made."""
    made = Stuck(state, left_by)
    events = cloud.cloudformation.meta.events
    listeners: dict[str, Callable[..., Any]] = {
        f"before-call.cloudformation.{left_by}": made.leave,
        "before-call.cloudformation.UpdateStack": made.update,
        "after-call.cloudformation.DescribeStacks": made.describe,
    }
    for name, listener in listeners.items():
        events.register(name, listener)
    try:
        yield made
    finally:
        for name, listener in listeners.items():
            events.unregister(name, listener)
