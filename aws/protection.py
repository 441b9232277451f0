"""What keeps runs and verdicts from being deleted: of the tables that hold them, and of the stack.

A table with deletion protection cannot be deleted by CloudFormation either, not even to undo what
has failed. So no table is made with it: it is turned on when all of the stack is there, and off,
with the protection of the stack, right before a deletion that was asked for.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from aws.clients import Cloud
from aws.errors import AccessError, DeployError, translated
from aws.inventory import Inventory, described_stack, held_resources, pause
from aws.settings import Settings
from aws.tables import description

RIGHT = "dynamodb:DescribeContinuousBackups"
"""What a dashboard with a policy of an earlier version may not do."""
CHANGE_SECONDS = 120.0
"""How long the protection of a table may take to be changed."""


@dataclass(frozen=True, slots=True)
class Protection:
    """Whether runs and verdicts are protected from deletion, and can be restored.

    Attributes:
        on: what is protected, in words.
        off: what is not.
        unknown: what may not be asked, for a right is missing (`RIGHT`).
    """

    on: tuple[str, ...]
    off: tuple[str, ...]
    unknown: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Return whether nothing is left unprotected, as far as that is known."""
        return bool(self.on) and not self.off and not self.unknown

    def __str__(self) -> str:
        """Return a sentence for people."""
        if self.is_whole:
            return (
                "Runs and verdicts are protected: neither the stack nor their tables can be "
                "deleted by mistake, and both tables can be restored to any second of 35 days."
            )
        if not self.on:
            return "Runs and verdicts are not protected from deletion."
        known = "Runs and verdicts are protected" + (" in part" if self.off else "")
        off = f" Not protected: {', '.join(self.off)}." if self.off else ""
        unknown = f" Not known, for the right {RIGHT} is missing: {', '.join(self.unknown)}."
        return f"{known}.{off}{unknown if self.unknown else ''}"


def protection(cloud: Cloud) -> Protection:
    """Return how runs and verdicts are protected; nothing is, where there is no stack."""
    with translated("looking at the protection"):
        if described_stack(cloud)[0] is None:
            return Protection((), ("the stack",))
        states: dict[str, bool | None] = {"the stack": _is_stack_protected(cloud)}
        for table in _tables(cloud.settings).values():
            is_there = bool(description(cloud, table))
            states[f"the table {table}"] = is_there and _is_table_protected(cloud, table)
            states[f"earlier states of {table}"] = is_there and _restorable_if_known(cloud, table)
    on, off, unknown = (
        tuple(what for what, is_on in states.items() if is_on is state)
        for state in (True, False, None)
    )
    return Protection(on, off, unknown)


def while_made(found: Inventory, parameters: Mapping[str, str]) -> dict[str, str]:
    """Return the template's parameters with which what is not there can be made.

    Without protection, if one of the tables is made: one that is protected would be left behind
    when CloudFormation undoes an update that failed.
    """
    made = not found.there.issuperset(_PROTECTED)
    return {**parameters, **({"ProtectHistory": "off"} if made else {})}


def restore(cloud: Cloud) -> bool:
    """Protect the stack, or no longer, and mend what of the tables somebody turned off.

    CloudFormation compares a template with the one before, not with what is there.

    Returns:
        Whether anything was changed.
    """
    chosen, changed = cloud.settings.protects_history, False
    for table in _tables(cloud.settings).values() if chosen else ():
        if not _is_table_protected(cloud, table):
            _protect_table(cloud, table, on=True)
            changed = True
        if not _is_restorable(cloud, table):
            cloud.dynamodb.update_continuous_backups(
                TableName=table,
                PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
            )
            changed = True
    if _is_stack_protected(cloud) != chosen:
        _protect_stack(cloud, on=chosen)
        changed = True
    return changed


def lift(cloud: Cloud) -> None:
    """Let the stack, and those of the tables that are its own, be deleted."""
    held, _ = held_resources(cloud)
    for part, table in _tables(cloud.settings).items():
        if held.get(part) == table and _is_table_protected(cloud, table):
            _protect_table(cloud, table, on=False)
    if _is_stack_protected(cloud):
        _protect_stack(cloud, on=False)


_PROTECTED = ("RetrainTable", "RunsTable")


def _tables(settings: Settings) -> dict[str, str]:
    """Return the names of the tables with runs and verdicts, by their names in the template."""
    return dict(zip(_PROTECTED, (settings.retrain_table, settings.runs_table), strict=True))


def _is_stack_protected(cloud: Cloud) -> bool:
    (stack,) = cloud.cloudformation.describe_stacks(StackName=cloud.settings.stack)["Stacks"]
    return bool(stack.get("EnableTerminationProtection"))


def _protect_stack(cloud: Cloud, *, on: bool) -> None:
    cloud.cloudformation.update_termination_protection(
        StackName=cloud.settings.stack, EnableTerminationProtection=on
    )


def _is_table_protected(cloud: Cloud, table: str) -> bool:
    return bool(description(cloud, table).get("DeletionProtectionEnabled"))


def _protect_table(cloud: Cloud, table: str, *, on: bool) -> None:
    """Turn the deletion protection of a table on or off, and wait until that is done."""
    cloud.dynamodb.update_table(TableName=table, DeletionProtectionEnabled=on)
    deadline = time.monotonic() + CHANGE_SECONDS
    while description(cloud, table).get("TableStatus", "ACTIVE") != "ACTIVE":
        if time.monotonic() > deadline:
            raise DeployError(
                f"Try again in some minutes: the protection of {table} is still being changed "
                f"after {CHANGE_SECONDS:.0f} s."
            )
        time.sleep(pause(cloud))


def _restorable_if_known(cloud: Cloud, table: str) -> bool | None:
    """Return whether a table can be restored; None for whoever may not ask."""
    try:
        return _is_restorable(cloud, table)
    except AccessError:
        return None


def _is_restorable(cloud: Cloud, table: str) -> bool:
    """Return whether a table can be restored to an earlier second."""
    with translated(f"looking at the backups of {table}"):
        answer = cloud.dynamodb.describe_continuous_backups(TableName=table)
    backups = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    return backups.get("PointInTimeRecoveryStatus") == "ENABLED"
