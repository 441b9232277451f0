"""What of the template the stack holds, what of it is there, and whose it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from aws import failures, function, watch
from aws.clients import Cloud
from aws.errors import DeployError, NotDeployedError, translate
from aws.settings import Settings
from aws.tables import description

DELETION_SECONDS = 120.0
"""How long a table may take to be gone."""
REVIEW = "REVIEW_IN_PROGRESS"
"""The state of a stack that a change set was made for, and that holds nothing. It never ends."""
DELETED = "DELETE_COMPLETE"
"""The state of a stack or a resource that is gone."""
_NOT_HELD = ("CREATE_FAILED", DELETED, "DELETE_SKIPPED")
"""States of resources that a stack names, but does not hold."""
_KINDS = {
    "ScoreTable": "table",
    "RetrainTable": "table",
    "RunsTable": "table",
    "Function": "function",
    "FailureQueue": "queue",
    **dict.fromkeys(watch.SUFFIXES, "alarm"),
    watch.DASHBOARD: "dashboard",
}
"""The resources whose names only the stack may have, and what they are."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """A stack and its resources, by their names in the template.

    Attributes:
        state: of the stack; None when there is none.
        parameters: that the stack was deployed with.
        held: what the stack holds, there or not, with the name or the id in the account.
        failed: what CloudFormation could not change back.
        there: what there is in the account under the settings' names, whoever made it.
    """

    state: str | None
    parameters: Mapping[str, str]
    held: Mapping[str, str]
    failed: frozenset[str]
    there: frozenset[str]

    @property
    def missing(self) -> frozenset[str]:
        """Return what the stack holds and is not there: somebody deleted it."""
        return frozenset(self.held) - self.there

    @property
    def foreign(self) -> frozenset[str]:
        """Return what is there and not the stack's."""
        return self.there - frozenset(self.held)


def described_stack(cloud: Cloud) -> tuple[str | None, dict[str, str]]:
    """Return the stack's state, None when there is none, and its parameters."""
    try:
        (stack,) = cloud.cloudformation.describe_stacks(StackName=cloud.settings.stack)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None, {}
        raise translate(error, "looking at the stack") from error
    if stack["StackStatus"] == DELETED:
        return None, {}
    parameters = stack.get("Parameters", [])
    return str(stack["StackStatus"]), {
        entry["ParameterKey"]: entry.get("ParameterValue", "") for entry in parameters
    }


def take_inventory(cloud: Cloud) -> Inventory:
    """Look up every resource of the template, in the account and in the stack.

    The account comes first: what somebody else's deploy makes meanwhile is then not called foreign.
    """
    there = {name for name, is_there in _lookups(cloud).items() if is_there()}
    has_alarms = bool(cloud.settings.alarm)
    there |= watch.named(cloud) if has_alarms else set()
    state, parameters = described_stack(cloud)
    held, failed = held_resources(cloud) if state is not None else ({}, frozenset())
    if "FunctionRole" in held and _has_role(cloud, held["FunctionRole"]):
        there.add("FunctionRole")
    if "StreamMapping" in held and function.mapping(cloud) is not None:
        there.add("StreamMapping")
    # Alarms that a deploy takes away are not missed.
    there |= _reachable(cloud, held) if has_alarms else watch.RESOURCES & held.keys()
    return Inventory(state, parameters, held, failed, frozenset(there))


def held_resources(cloud: Cloud) -> tuple[dict[str, str], frozenset[str]]:
    """Return what the stack holds, there or not, and what of it could not be changed back.

    The first by its names in the template, with the name or the id in the account.
    """
    held: dict[str, str] = {}
    failed: set[str] = set()
    answer = cloud.cloudformation.describe_stack_resources(StackName=cloud.settings.stack)
    for entry in answer["StackResources"]:
        if entry["ResourceStatus"] not in _NOT_HELD:
            held[entry["LogicalResourceId"]] = entry.get("PhysicalResourceId", "")
        if entry["ResourceStatus"] == "UPDATE_FAILED":
            failed.add(entry["LogicalResourceId"])
    return held, frozenset(failed)


def refuse_other_names(
    settings: Settings, state: str | None, parameters: Mapping[str, str]
) -> None:
    """Raise `DeployError` if the stack is about other names than the settings.

    Args:
        settings: with our names.
        state: of the stack; None when there is none.
        parameters: that it was deployed with.
    """
    if state in (None, REVIEW):
        return
    ours = name_parameters(settings)
    others = {name: parameters.get(name, "") for name in ours if parameters.get(name) != ours[name]}
    if not others:
        return
    received = ", ".join(f"{text or 'nothing'} ({name})" for name, text in others.items())
    raise DeployError(
        f"Set the names that the stack {settings.stack} was deployed with, or choose another stack "
        "by a prefix for all names (IRIS_PREFIX): nothing was changed. Expected in it "
        f"{', '.join(ours[name] for name in others)}, received {received}."
    )


def refuse_foreign(settings: Settings, found: Inventory) -> None:
    """Raise `DeployError` if something of one of the settings' names is not the stack's.

    A log is no obstacle: Lambda makes the one of a function's name when it has something to say,
    also after the stack was deleted.
    """
    names = resource_names(settings)
    foreign = [f"the {_KINDS[part]} {names[part]}" for part in _KINDS if part in found.foreign]
    if foreign:
        raise DeployError(
            "Choose other names by a prefix (IRIS_PREFIX), or delete or rename what is there: "
            f"expected nothing but the stack {settings.stack} to have them, and {_listed(foreign)} "
            "exist, but not in the stack. Nothing was changed."
        )


def refuse_loss(cloud: Cloud, found: Inventory) -> None:
    """Raise `DeployError` if a stack that can only be deleted has a table with records."""
    names = resource_names(cloud.settings)
    full = [
        part
        for part in _KINDS
        if _KINDS[part] == "table"
        and part in found.held
        and part in found.there
        and _has_records(cloud, names[part])
    ]
    if not full:
        return
    stack = cloud.settings.stack
    keep = ""
    if found.state == "DELETE_FAILED":
        keep = (
            f" To keep them, run `aws cloudformation delete-stack --stack-name {stack} "
            f"--retain-resources {' '.join(full)}`, and deploy under other names (IRIS_PREFIX)."
        )
    raise DeployError(
        f"Delete the stack {stack} with its records (`cloud destroy`), then deploy.{keep} Expected "
        f"a stack that can be changed, received {found.state}, and there are records in "
        f"{_listed([names[part] for part in full])}: nothing was changed."
    )


def name_parameters(settings: Settings) -> dict[str, str]:
    """Return the template's parameters that name what is deployed."""
    return {
        "ScoreTableName": settings.score_table,
        "RetrainTableName": settings.retrain_table,
        "RunsTableName": settings.runs_table,
        "FunctionName": settings.function,
    }


def resource_names(settings: Settings) -> dict[str, str]:
    """Return the chosen name of each resource that has one."""
    return {
        "ScoreTable": settings.score_table,
        "RetrainTable": settings.retrain_table,
        "RunsTable": settings.runs_table,
        "Function": settings.function,
        "FailureQueue": settings.queue,
        **watch.names(settings),
    }


def log_group(cloud: Cloud) -> Mapping[str, Any]:
    """Return the description of the function's log, empty when there is none."""
    name = cloud.settings.log_group
    pages = cloud.logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
    groups = (group for page in pages for group in page["logGroups"])
    return next((group for group in groups if group.get("logGroupName") == name), {})


def _lookups(cloud: Cloud) -> dict[str, Callable[[], bool]]:
    settings = cloud.settings
    return {
        "ScoreTable": lambda: _has_table(cloud, settings.score_table),
        "RetrainTable": lambda: _has_table(cloud, settings.retrain_table),
        "RunsTable": lambda: _has_table(cloud, settings.runs_table),
        "Function": lambda: bool(function.configuration(cloud)),
        "FunctionLog": lambda: bool(log_group(cloud)),
        "FailureQueue": lambda: _has_queue(cloud),
    }


def _has_table(cloud: Cloud, name: str) -> bool:
    """Return whether there is a table, once one that is being deleted is gone."""
    deadline = time.monotonic() + DELETION_SECONDS
    while (table := description(cloud, name)).get("TableStatus") == "DELETING":
        if time.monotonic() > deadline:
            raise DeployError(
                f"Deploy again when the table {name} is deleted: it still is being so."
            )
        time.sleep(pause(cloud))
    return bool(table)


def _has_records(cloud: Cloud, table: str) -> bool:
    answer = cloud.dynamodb.scan(TableName=table, Select="COUNT", Limit=1, ConsistentRead=True)
    return answer["Count"] > 0


def _has_queue(cloud: Cloud) -> bool:
    try:
        return failures.count(cloud) is not None
    except NotDeployedError:  # deleted a moment ago: SQS knows its address for a while
        return False


def _reachable(cloud: Cloud, held: Mapping[str, str]) -> set[str]:
    """Return which of the alarms' topic and its subscription the stack holds and are there.

    A subscription that nobody confirms is gone after some days.
    """
    there = set()
    for part in {watch.TOPIC, watch.SUBSCRIPTION} & held.keys():
        try:
            if part == watch.TOPIC:
                cloud.sns.get_topic_attributes(TopicArn=held[part])
            elif held[part].startswith("arn:"):
                cloud.sns.get_subscription_attributes(SubscriptionArn=held[part])
        except cloud.sns.exceptions.NotFoundException:
            continue
        there.add(part)
    return there


def _has_role(cloud: Cloud, name: str) -> bool:
    try:
        cloud.iam.get_role(RoleName=name)
    except cloud.iam.exceptions.NoSuchEntityException:
        return False
    return True


def _listed(texts: list[str]) -> str:
    *most, last = texts
    return f"{', '.join(most)} and {last}" if most else last


def pause(cloud: Cloud) -> float:
    """Return how long to wait before a cloud is asked again, in seconds."""
    return 0.05 if cloud.settings.target == "local" else 2.0
