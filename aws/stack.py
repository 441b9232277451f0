"""The stack: deploy, update and destroy it, with CloudFormation's events."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from aws import function
from aws.clients import Cloud
from aws.errors import DeployError, translate, translated
from aws.packaging import render_template
from aws.redaction import redacted

_FAILED_STATES = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")
"""States from which a stack can only be deleted."""
_DELETED = "DELETE_COMPLETE"
HEALTHY_STATES = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
"""States of a stack that is deployed."""


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


def deploy(cloud: Cloud, *, on_event: OnEvent | None = None, timeout: float = 600) -> bool:
    """Create the stack, or update it; the function keeps its threshold.

    Args:
        cloud: where to deploy.
        on_event: called with each of CloudFormation's events.
        timeout: seconds to wait for CloudFormation.

    Returns:
        Whether anything had to be done.

    Raises:
        DeployError: CloudFormation failed, or a table of one of our names exists outside the
            stack; nobody's table is replaced.
    """
    with translated("deploying"):
        _settle(cloud, timeout)
        state = stack_state(cloud)
        if state in _FAILED_STATES:
            destroy(cloud, on_event=on_event, timeout=timeout)
            state = None
        if state is None:
            _refuse_foreign_tables(cloud)
        threshold = cloud.settings.threshold if state is None else function.threshold(cloud)
        token = _new_token()
        request: dict[str, Any] = {
            "StackName": cloud.settings.stack,
            "ClientRequestToken": token,
            "TemplateBody": render_template(),
            "Parameters": _parameters(cloud, threshold),
            "Capabilities": ["CAPABILITY_IAM"],
        }
        if state is None:
            try:
                with _token_is_known(cloud):
                    cloud.cloudformation.create_stack(**request, OnFailure="DELETE")
            except cloud.cloudformation.exceptions.AlreadyExistsException:
                # By a try whose answer was lost, or by somebody else from the same template.
                token = ""
            _follow(cloud, token, "CREATE_COMPLETE", on_event, timeout)
            return True
        try:
            with _token_is_known(cloud):
                cloud.cloudformation.update_stack(**request)
        except ClientError as error:
            if "No updates are to be performed" in str(error):
                return False
            raise
        _follow(cloud, token, "UPDATE_COMPLETE", on_event, timeout)
        return True


def destroy(cloud: Cloud, *, on_event: OnEvent | None = None, timeout: float = 600) -> bool:
    """Delete the stack with its tables and all their records.

    Args:
        cloud: whose stack is deleted.
        on_event: called with each of CloudFormation's events.
        timeout: seconds to wait for CloudFormation.

    Returns:
        Whether there was a stack.

    Raises:
        DeployError: CloudFormation failed.
    """
    with translated("destroying the stack"):
        if stack_state(cloud) is None:
            return False
        token = _new_token()
        with _token_is_known(cloud):
            cloud.cloudformation.delete_stack(
                StackName=cloud.settings.stack, ClientRequestToken=token
            )
        _follow(cloud, token, _DELETED, on_event, timeout)
        return True


def stack_state(cloud: Cloud) -> str | None:
    """Return the stack's state, such as `CREATE_COMPLETE`; None when there is no stack."""
    try:
        stacks = cloud.cloudformation.describe_stacks(StackName=cloud.settings.stack)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise translate(error, "looking at the stack") from error
    state = str(stacks[0]["StackStatus"])
    return None if state == _DELETED else state


def _parameters(cloud: Cloud, threshold: str) -> list[dict[str, str]]:
    settings = cloud.settings
    values = {
        "ScoreTableName": settings.score_table,
        "RetrainTableName": settings.retrain_table,
        "RunsTableName": settings.runs_table,
        "FunctionName": settings.function,
        "RoleArn": settings.role_arn,
        "ProbabilityThreshold": threshold,
    }
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]


def _refuse_foreign_tables(cloud: Cloud) -> None:
    settings = cloud.settings
    names = {settings.score_table, settings.retrain_table, settings.runs_table}
    pages = cloud.dynamodb.get_paginator("list_tables").paginate()
    foreign = sorted(names & {name for page in pages for name in page["TableNames"]})
    if foreign:
        raise DeployError(
            f"The tables {', '.join(foreign)} exist, but not in the stack {settings.stack}. Delete "
            "or rename them, or choose other names (IRIS_SCORE_TABLE, IRIS_RETRAIN_TABLE, "
            "IRIS_RUNS_TABLE): nothing was changed."
        )


def _settle(cloud: Cloud, timeout: float) -> None:
    """Wait until an operation that somebody else started has ended."""
    deadline = time.monotonic() + timeout
    while (stack_state(cloud) or "").endswith("_IN_PROGRESS"):
        if time.monotonic() > deadline:
            raise DeployError(
                f"The stack {cloud.settings.stack} is still busy after {timeout:.0f} s. See its "
                "events in the CloudFormation console, then try again."
            )
        time.sleep(_pause(cloud))


def _follow(cloud: Cloud, token: str, goal: str, on_event: OnEvent | None, timeout: float) -> None:
    """Report events until the stack is no longer in progress; raise unless it reaches `goal`."""
    deadline = time.monotonic() + timeout
    seen: set[str] = set()
    last_failure = ""
    while True:
        state = stack_state(cloud) or _DELETED
        for identity, event in _events(cloud, token):
            if identity in seen:
                continue
            seen.add(identity)
            if event.state.endswith("_FAILED") and not last_failure:
                last_failure = f"{event.part}: {event.reason}"
            if on_event:
                on_event(event)
        if not state.endswith("_IN_PROGRESS"):
            break
        if time.monotonic() > deadline:
            raise DeployError(f"The stack is still in {state} after {timeout:.0f} s.")
        time.sleep(_pause(cloud))
    if state != goal:
        raise DeployError(
            f"Expected the stack to reach {goal}, it came to {state}. {last_failure} "
            "Mend that and deploy again."
        )


def _new_token() -> str:
    """Return what names one deploy or destroy among the stack's events, whatever the clocks say."""
    return f"iris-loop-{uuid.uuid4()}"


def _token_is_known(cloud: Cloud) -> AbstractContextManager[None]:
    """Take a token that is in use for that of an earlier try whose answer was lost."""
    return suppress(cloud.cloudformation.exceptions.TokenAlreadyExistsException)


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
    try:
        # Newest first: behind the first one of an earlier operation are no more of this one.
        for event in (event for page in pages for event in page["StackEvents"]):
            token = token or event.get("ClientRequestToken", "")
            if event.get("ClientRequestToken", token) != token:
                break
            ours.append(event)
    except ClientError:
        return
    for event in reversed(ours):
        part = event.get("LogicalResourceId", "")
        state, reason = event.get("ResourceStatus", ""), event.get("ResourceStatusReason", "")
        at = event["Timestamp"].astimezone(UTC)
        yield event["EventId"], StackEvent(at, part, state, redacted(reason))


def _pause(cloud: Cloud) -> float:
    return 0.05 if cloud.settings.target == "local" else 2.0
