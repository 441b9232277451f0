"""What CloudFormation reports of one deploy or destroy, and how that ends."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from aws.clients import Cloud
from aws.errors import ASK, DeployError, translate
from aws.inventory import DELETED, described_stack, pause
from aws.redaction import redacted

_FORBIDDEN = ("not authorized to perform", "AccessDenied")
"""Words of a reason that a right is missing."""


@dataclass(frozen=True, slots=True)
class StackEvent:
    """One step of a deploy or destroy, as CloudFormation reports it.

    Attributes:
        at: UTC.
        part: the resource's logical id.
        state: CloudFormation's word for the resource's new state.
        reason: why, often empty.
    """

    at: datetime
    part: str
    state: str
    reason: str

    def __str__(self) -> str:
        """Return one line for a terminal."""
        reason = f"  {self.reason}" if self.reason else ""
        return f"{self.at:%H:%M:%S}  {self.state:<20}  {self.part}{reason}"


OnEvent = Callable[[StackEvent], None]


def new_token() -> str:
    """Return what names one deploy or destroy among the stack's events, whatever the clocks say."""
    return f"iris-loop-{uuid.uuid4()}"


def token_is_known(cloud: Cloud) -> AbstractContextManager[None]:
    """Take a token that is in use for that of an earlier try whose answer was lost."""
    return suppress(cloud.cloudformation.exceptions.TokenAlreadyExistsException)


def follow(cloud: Cloud, token: str, goal: str, on_event: OnEvent | None, timeout: float) -> None:
    """Report events until the stack is no longer in progress.

    Args:
        cloud: whose stack it is.
        token: of the operation; empty for the newest one.
        goal: the state that it is to reach.
        on_event: called with each event; whoever may not read them waits without.
        timeout: seconds to wait.

    Raises:
        DeployError: the stack has come to another state, or is still in progress.
    """
    deadline = time.monotonic() + timeout
    reported = _Reported(cloud, token, on_event)
    while True:
        state = described_stack(cloud)[0] or DELETED
        reported.read_on()
        if not state.endswith("_IN_PROGRESS"):
            break
        if time.monotonic() > deadline:
            raise DeployError(f"The stack is still in {state} after {timeout:.0f} s.")
        time.sleep(pause(cloud))
    if state != goal:
        raise DeployError(
            f"Expected the stack to reach {goal}, it came to {state}. {reported.why} "
            f"{_remedy(reported.why)}"
        )


class _Reported:
    """The events of one deploy or destroy, as they are read.

    Attributes:
        why: the first failure; empty where there is none, or why the events cannot be read.
    """

    def __init__(self, cloud: Cloud, token: str, on_event: OnEvent | None) -> None:
        self.why = ""
        self._cloud, self._token, self._on_event = cloud, token, on_event
        self._seen: set[str] = set()

    def read_on(self) -> None:
        """Report the events that are new; whoever may not read them does without."""
        try:
            for identity, event in _events(self._cloud, self._token):
                if identity not in self._seen:
                    self._seen.add(identity)
                    self._report(event)
        except ClientError as error:
            if "does not exist" not in str(error):
                self.why = self.why or str(translate(error, "reading the stack's events"))

    def _report(self, event: StackEvent) -> None:
        if event.state.endswith("_FAILED") and not self.why:
            self.why = f"{event.part}: {event.reason}"
        if self._on_event:
            self._on_event(event)


def _remedy(why: str) -> str:
    """Return what to do about the reason of a failure."""
    if not any(words in why for words in _FORBIDDEN):
        return "Mend that and deploy again."
    return "Deploy again then." if ASK in why else f"{ASK} Deploy again then."


def _events(cloud: Cloud, token: str) -> Iterator[tuple[str, StackEvent]]:
    """Yield id and event of one deploy or destroy, oldest first; none when there is no stack.

    Args:
        cloud: whose stack it is.
        token: of the operation; empty for the newest one. An event without any is an emulator's,
            and counts.
    """
    pages = cloud.cloudformation.get_paginator("describe_stack_events").paginate(
        StackName=cloud.settings.stack
    )
    ours = []
    # Newest first: behind the first one of an earlier operation are no more of this one.
    for event in (event for page in pages for event in page["StackEvents"]):
        token = token or event.get("ClientRequestToken", "")
        if event.get("ClientRequestToken", token) != token:
            break
        ours.append(event)
    for event in reversed(ours):
        part = event.get("LogicalResourceId", "")
        state, reason = event.get("ResourceStatus", ""), event.get("ResourceStatusReason", "")
        at = event["Timestamp"].astimezone(UTC)
        yield event["EventId"], StackEvent(at, part, state, redacted(reason))
