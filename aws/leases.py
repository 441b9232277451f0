"""Leases on candidates: taken with a conditional write, so that of two reviewers one gets it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from aws.clients import Cloud
from aws.errors import translated
from aws.tables import typed
from iris_core.records.attributes import LEASED_BY, LEASED_UNTIL, VERSION, Item
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key
from iris_core.records.lease import NO_LEASE, new_lease, stored_time


def take(cloud: Cloud, candidate: Candidate, who: str, *, now: float) -> Candidate | None:
    """Lease a candidate to a reviewer, or renew their lease.

    Args:
        cloud: whose retrain table holds the candidate.
        candidate: as it was read.
        who: the reviewer.
        now: seconds since 1970.

    Returns:
        The candidate with its lease; None if another reviewer has it, or somebody has reviewed it
        since it was read.
    """
    lease = new_lease(who, now)
    unchanged = f"{VERSION} = :version" if candidate.version else f"attribute_not_exists({VERSION})"
    # Written out, for AND binds more tightly than OR: one condition a way to be free.
    condition = " OR ".join(
        f"attribute_exists(partition_key) AND {unchanged} AND {free}"
        for free in (
            f"attribute_not_exists({LEASED_UNTIL})",
            f"{LEASED_UNTIL} < :free",
            f"{LEASED_BY} = :who",
        )
    )
    # A lease is over at its end, so one that ends now is free.
    values = {":who": who, ":free": stored_time(now + 1)}
    if candidate.version:
        values[":version"] = str(candidate.version)
    with translated(f"leasing {candidate.key}"):
        try:
            _set(cloud, candidate.key, lease.to_item(), condition, values)
        except cloud.dynamodb.exceptions.ConditionalCheckFailedException:
            return None
    return replace(candidate, lease=lease)


def give_up(cloud: Cloud, key: Key, who: str) -> None:
    """End a reviewer's lease on a candidate; one that is over, or another's, stays as it is."""
    with (
        translated(f"giving up {key}"),
        suppress(cloud.dynamodb.exceptions.ConditionalCheckFailedException),
    ):
        _set(cloud, key, NO_LEASE, f"{LEASED_BY} = :who", {":who": who})


def _set(cloud: Cloud, key: Key, item: Item, condition: str, values: Item) -> None:
    """Set attributes of one candidate on a condition, whose values are given."""
    cloud.dynamodb.update_item(
        TableName=cloud.settings.retrain_table,
        Key=typed(key._asdict()),
        UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in item),
        ConditionExpression=condition,
        ExpressionAttributeNames={f"#{name}": name for name in item},
        ExpressionAttributeValues=typed(
            {**{f":{name}": text for name, text in item.items()}, **values}
        ),
    )
