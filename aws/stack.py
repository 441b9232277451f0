"""The stack: deploy, update and destroy it, whatever state it is in."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from aws import drift, function, protection
from aws.clients import Cloud
from aws.errors import DeployError, translated
from aws.inventory import (
    DELETED,
    REVIEW,
    Inventory,
    described_stack,
    pause,
    refuse_foreign,
    refuse_loss,
    refuse_other_names,
    take_inventory,
)
from aws.packaging import render_template, stack_request
from aws.stack_events import OnEvent, StackEvent, follow, new_token, token_is_known

_FAILED_STATES = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", REVIEW)
"""States from which a stack can only be deleted."""
HEALTHY_STATES = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
"""States of a stack that is deployed: after an update that was undone it is as it was before."""
QUEUE_SECONDS = 60.0
"""How long SQS refuses the name of a queue that was deleted."""
_QUEUE_DELETED = ("QueueDeletedRecently", "60 seconds after deleting a queue")


def deploy(cloud: Cloud, *, on_event: OnEvent | None = None, timeout: float = 600) -> bool:
    """Create the stack, or update it and mend what was changed without it.

    The function keeps its threshold. A table that is there stays, with its records.

    Args:
        cloud: where to deploy.
        on_event: called with each of CloudFormation's events.
        timeout: seconds to wait for CloudFormation.

    Returns:
        Whether anything had to be done.

    Raises:
        DeployError: CloudFormation failed; something of one of our names is not the stack's, or the
            stack has other names; or it can only be deleted and has records.
    """
    with translated("deploying"):
        found = _changeable(cloud, on_event, timeout)
        refuse_foreign(cloud.settings, found)
        threshold = (
            function.threshold_in_force(cloud)
            or found.parameters.get("ProbabilityThreshold")
            or cloud.settings.threshold
        )
        changed = drift.turn_stream_on(cloud, found)
        changed |= drift.lift_write_limits(cloud, found)
        parameters = drift.parameters(cloud, found, threshold)
        without = drift.not_to_add(cloud.settings, found)
        first = protection.while_made(found, parameters)
        if omitted := drift.to_omit(found):
            reduced = render_template(omitted | without)
            _apply(cloud, found, reduced, first, on_event, timeout)
        whole = render_template(without)
        changed |= _apply(cloud, found, whole, first, on_event, timeout)
        if first != parameters:
            request = stack_request(cloud.settings.stack, whole, parameters)
            _update(cloud, request, on_event, timeout)
        changed |= function.restore_environment(cloud, threshold)
        changed |= drift.limit_log(cloud)
        changed |= protection.restore(cloud)
        return drift.restore_mapping(cloud) or changed


def _changeable(cloud: Cloud, on_event: OnEvent | None, timeout: float) -> Inventory:
    """Return what there is, once the stack is gone or in a state in which it can be changed."""
    _settle(cloud, timeout)
    found = take_inventory(cloud)
    refuse_other_names(cloud.settings, found.state, found.parameters)
    left = found.held.keys() - drift.to_omit(found) - drift.not_to_add(cloud.settings, found)
    if found.state in _FAILED_STATES or (found.held and not left):
        # A stack of which nothing is left cannot be updated either: a template is never empty.
        refuse_loss(cloud, found)
        destroy(cloud, on_event=on_event, timeout=timeout)
    elif found.state == "UPDATE_ROLLBACK_FAILED":
        token = new_token()
        # What is missing cannot be changed back: it is left as it is, and made anew afterwards.
        with token_is_known(cloud):
            cloud.cloudformation.continue_update_rollback(
                StackName=cloud.settings.stack,
                ResourcesToSkip=sorted(found.failed & found.missing),
                ClientRequestToken=token,
            )
        follow(cloud, token, "UPDATE_ROLLBACK_COMPLETE", on_event, timeout)
    else:
        return found
    return take_inventory(cloud)


def _apply(
    cloud: Cloud,
    found: Inventory,
    template: str,
    parameters: dict[str, str],
    on_event: OnEvent | None,
    timeout: float,
) -> bool:
    """Create or update the stack, again if a queue was deleted too short a time before.

    CloudFormation has then undone the first try.
    """
    request = stack_request(cloud.settings.stack, template, parameters)
    change = _create if found.state is None else _update
    try:
        return change(cloud, request, on_event, timeout)
    except DeployError as error:
        if not any(reason in str(error) for reason in _QUEUE_DELETED):
            raise
    if on_event:
        reason = f"SQS refuses the name for {QUEUE_SECONDS:.0f} s after a queue was deleted"
        on_event(StackEvent(datetime.now(UTC), "FailureQueue", "WAITING", reason))
    time.sleep(pause(cloud) if cloud.settings.target == "local" else QUEUE_SECONDS)
    return change(cloud, request, on_event, timeout)


def _create(
    cloud: Cloud, request: dict[str, Any], on_event: OnEvent | None, timeout: float
) -> bool:
    token = new_token()
    try:
        with token_is_known(cloud):
            cloud.cloudformation.create_stack(
                **request, OnFailure="DELETE", ClientRequestToken=token
            )
    except cloud.cloudformation.exceptions.AlreadyExistsException:
        # By a try whose answer was lost, or by somebody else from the same template.
        follow(cloud, "", "CREATE_COMPLETE", on_event, timeout)
    else:
        follow(cloud, token, "CREATE_COMPLETE", on_event, timeout)
    return True


def _update(
    cloud: Cloud, request: dict[str, Any], on_event: OnEvent | None, timeout: float
) -> bool:
    token = new_token()
    try:
        with token_is_known(cloud):
            cloud.cloudformation.update_stack(**request, ClientRequestToken=token)
    except ClientError as error:
        if "No updates are to be performed" in str(error):
            return False
        raise
    follow(cloud, token, "UPDATE_COMPLETE", on_event, timeout)
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
        DeployError: CloudFormation failed, or the stack has other names than the settings.
    """
    with translated("destroying the stack"):
        _settle(cloud, timeout)
        state, parameters = described_stack(cloud)
        if state is None:
            return False
        refuse_other_names(cloud.settings, state, parameters)
        protection.lift(cloud)
        token = new_token()
        with token_is_known(cloud):
            cloud.cloudformation.delete_stack(
                StackName=cloud.settings.stack, ClientRequestToken=token
            )
        follow(cloud, token, DELETED, on_event, timeout)
        return True


def stack_state(cloud: Cloud) -> str | None:
    """Return the stack's state, such as `CREATE_COMPLETE`; None when there is no stack."""
    return described_stack(cloud)[0]


def _settle(cloud: Cloud, timeout: float) -> None:
    """Wait until an operation that somebody else started has ended."""
    deadline = time.monotonic() + timeout
    while (state := stack_state(cloud) or "").endswith("_IN_PROGRESS") and state != REVIEW:
        if time.monotonic() > deadline:
            raise DeployError(
                f"The stack {cloud.settings.stack} is still busy after {timeout:.0f} s. See its "
                "events in the CloudFormation console, then try again."
            )
        time.sleep(pause(cloud))
