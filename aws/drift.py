"""What was changed behind CloudFormation's back, and how a deploy mends it.

CloudFormation compares a template with the one before, not with what is there. So what is missing
is left out of the template in one update, with what refers to it, and added again by the next; what
a service can change back is changed back there.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from aws import function, watch
from aws.clients import Cloud
from aws.errors import DeployError
from aws.inventory import Inventory, log_group, name_parameters, pause
from aws.prices import TRANSACTION
from aws.settings import Settings
from aws.tables import description

REFERRING: Mapping[str, frozenset[str]] = {
    "ScoreTable": frozenset({"StreamMapping"}),
    "FailureQueue": frozenset({"StreamMapping"}),
    "Function": frozenset({"StreamMapping"}),
    "FunctionRole": frozenset({"Function", "StreamMapping"}),
    watch.TOPIC: frozenset({watch.SUBSCRIPTION, *watch.SUFFIXES}),
}
"""What cannot be in the template without a resource, for it refers to it."""
LOG_DAYS = 14
"""Days for which the template has the log kept."""
EVENTS: Mapping[str, list[str]] = {"eventName": ["INSERT", "MODIFY"]}
"""The pattern of the mapping in the template: records that are removed call no function."""
CHANGE_SECONDS = 120.0
"""How long a table's stream, or the mapping, may take to be changed."""
_ROLE_POLICY = "retrain"
"""The name of the role's policy in the template."""


def to_omit(found: Inventory) -> frozenset[str]:
    """Return what the template has to be without, so that what is missing is made anew."""
    return found.missing.union(*(REFERRING.get(part, frozenset()) for part in found.missing))


def not_to_add(settings: Settings, found: Inventory) -> frozenset[str]:
    """Return what the stack is not to hold: a log that Lambda made by itself, unchosen alarms."""
    unchosen = frozenset() if settings.alarm else watch.RESOURCES
    return found.foreign & {"FunctionLog"} | unchosen


def limit_log(cloud: Cloud) -> bool:
    """Let a log that Lambda made be kept as long as the template says; return whether it was."""
    group = log_group(cloud)
    if not group or group.get("retentionInDays"):
        return False
    cloud.logs.put_retention_policy(logGroupName=cloud.settings.log_group, retentionInDays=LOG_DAYS)
    return True


def delete_log(cloud: Cloud) -> None:
    """Delete the function's log, which Lambda makes anew when its last lines come late."""
    with suppress(cloud.logs.exceptions.ResourceNotFoundException):
        cloud.logs.delete_log_group(logGroupName=cloud.settings.log_group)


def parameters(cloud: Cloud, found: Inventory, threshold: str) -> dict[str, str]:
    """Return the template's parameters for what is there.

    Args:
        cloud: that is deployed to.
        found: its inventory.
        threshold: of the function, 0 to 1.
    """
    return {
        **name_parameters(cloud.settings),
        "RoleArn": cloud.settings.role_arn,
        "ProbabilityThreshold": threshold,
        "StreamArn": _stream(cloud, found),
        "Repairs": _repairs(cloud, found),
        "ProtectHistory": "on" if cloud.settings.protects_history else "off",
        "ScoresExpire": _expiry(cloud, found),
        **watch.parameters(cloud.settings),
        **write_limits(cloud.settings),
    }


def write_limits(settings: Settings) -> dict[str, str]:
    """Return the template's parameters that limit the writes of a second; empty for no limit.

    A candidate is written in a transaction, which takes two units: so the retrain table keeps up
    with the score table though every record is a candidate.
    """
    most = settings.max_writes
    return {
        "MaxScoreWrites": most,
        "MaxRetrainWrites": str(TRANSACTION * int(most)) if most else "",
    }


def lift_write_limits(cloud: Cloud, found: Inventory) -> bool:
    """Lift the limits of a stack that is to have none any more, and wait; return whether it had.

    A property that a template lacks is left as it is.
    """
    if cloud.settings.max_writes or not found.parameters.get("MaxScoreWrites"):
        return False
    settings = cloud.settings
    names = {"ScoreTable": settings.score_table, "RetrainTable": settings.retrain_table}
    limited = [name for part, name in names.items() if part in found.there]
    for name in limited:
        cloud.dynamodb.update_table(TableName=name, OnDemandThroughput={"MaxWriteRequestUnits": -1})
    for name in limited:
        _wait_until_active(cloud, name, "the limit")
    return True


def turn_stream_on(cloud: Cloud, found: Inventory) -> bool:
    """Turn the score table's stream on if it is off, and wait; return whether it was.

    What was stored meanwhile is not in the stream: a replay completes those runs.
    """
    name = cloud.settings.score_table
    if "ScoreTable" not in found.there & frozenset(found.held):
        return False
    if description(cloud, name).get("StreamSpecification", {}).get("StreamEnabled"):
        return False
    cloud.dynamodb.update_table(
        TableName=name,
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    _wait_until_active(cloud, name, "the stream")
    return True


def restore_mapping(cloud: Cloud) -> bool:
    """Enable the stream mapping, with the template's filter; return whether it was changed."""
    mapping = function.mapping(cloud)
    if mapping is None:
        return False
    change: dict[str, Any] = {}
    if mapping.get("State", "").startswith("Disabl"):
        change["Enabled"] = True
    if _patterns(mapping) != [EVENTS]:
        change["FilterCriteria"] = {"Filters": [{"Pattern": json.dumps(EVENTS)}]}
    if not change:
        return False
    deadline = time.monotonic() + CHANGE_SECONDS
    while True:
        try:
            cloud.lambda_.update_event_source_mapping(UUID=mapping["UUID"], **change)
        except cloud.lambda_.exceptions.ResourceInUseException:
            _wait(cloud, deadline, "the stream mapping")
        else:
            return True


def _patterns(mapping: Mapping[str, Any]) -> list[Any]:
    """Return the patterns of a mapping's filter, parsed: AWS may space them otherwise."""
    filters = (mapping.get("FilterCriteria") or {}).get("Filters", [])
    return [json.loads(one["Pattern"]) for one in filters]


def _stream(cloud: Cloud, found: Inventory) -> str:
    """Return the stream to read; empty for the one that the table of the stack was made with.

    CloudFormation goes on naming that one when the stream was turned off and on.
    """
    before = found.parameters.get("StreamArn", "")
    if "ScoreTable" not in found.there:
        return ""
    current = str(description(cloud, cloud.settings.score_table).get("LatestStreamArn", ""))
    mapping = function.mapping(cloud)
    if mapping and mapping.get("EventSourceArn") == current and before in ("", current):
        return before
    return current


def _expiry(cloud: Cloud, found: Inventory) -> str:
    """Return whether records expire; what was never turned on cannot be turned off."""
    if cloud.settings.record_days:
        return "yes"
    before = found.parameters.get("ScoresExpire", "no")
    return "no longer" if before != "no" and "ScoreTable" in found.there else "no"


def _repairs(cloud: Cloud, found: Inventory) -> str:
    """Return a number in the role's policy: with a new one it is put anew, as when it is gone."""
    before = found.parameters.get("Repairs", "")
    if "FunctionRole" not in found.there:
        return before
    try:
        cloud.iam.get_role_policy(RoleName=found.held["FunctionRole"], PolicyName=_ROLE_POLICY)
    except cloud.iam.exceptions.NoSuchEntityException:
        return str(int(before or "0") + 1)
    return before


def _wait_until_active(cloud: Cloud, table: str, changed: str) -> None:
    deadline = time.monotonic() + CHANGE_SECONDS
    while description(cloud, table).get("TableStatus") != "ACTIVE":
        _wait(cloud, deadline, f"{changed} of {table}")


def _wait(cloud: Cloud, deadline: float, what: str) -> None:
    if time.monotonic() > deadline:
        raise DeployError(
            f"Deploy again in some minutes: {what} is still being changed after "
            f"{CHANGE_SECONDS:.0f} s."
        )
    time.sleep(pause(cloud))
