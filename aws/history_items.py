"""Runs and candidates as they are carried from one cloud to another; what is newer stays.

A candidate is carried with its verdict, the opinions on it and what guards them, so that it goes on
where it was left. What belongs to one cloud alone stays behind: who has it on the screen, and its
number in the stream.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import Enum, auto
from typing import Final

from aws.clients import Cloud
from aws.errors import translated
from aws.tables import get_many, query, typed
from iris_core.records.attributes import (
    AGREEMENT,
    KEYS,
    REQUIRED,
    REVIEW,
    REVIEWED_AT,
    RULE,
    SCORE,
    VERDICT_ID,
    VERSION,
    Item,
)
from iris_core.records.keys import Key, partitions
from iris_core.records.run import Run
from iris_core.records.verdict import undone_by

CARRIED: Final = (*KEYS, *SCORE, *RULE, *REVIEW, VERSION, VERDICT_ID, *AGREEMENT)
"""The attributes of a candidate that are carried."""
GROUP = 100
"""Candidates that are compared at once."""


class Carried(Enum):
    """What became of a run or a candidate that was carried to a cloud."""

    ADDED = auto()
    """It was not there, or an earlier state of it."""
    THERE = auto()
    """It was there, as it is or newer."""
    CONFLICT = auto()
    """Another state of it is there, and stays."""


def candidate_items(cloud: Cloud, run: Run) -> Iterator[Item]:
    """Yield what is carried of the candidates of a run, in test order, a page in memory at a time.

    Also of those that were withdrawn. Attributes that may be missing are left out without a text.
    """
    table = cloud.settings.retrain_table
    for partition in partitions(run.id, run.rows):
        for item in query(cloud, table, partition, attributes=CARRIED):
            yield _carried(item)


def put_candidates(cloud: Cloud, items: Sequence[Item]) -> list[Carried]:
    """Store candidates that are not there, or of which an earlier state is.

    Args:
        cloud: whose retrain table they are to be in.
        items: of different keys, as `candidate_items` yields them.

    Returns:
        What became of each.
    """
    groups = [items[start : start + GROUP] for start in range(0, len(items), GROUP)]
    with ThreadPoolExecutor(cloud.settings.threads) as pool:
        done = pool.map(lambda group: _put_group(cloud, group), groups)
        return [carried for group in done for carried in group]


def _put_group(cloud: Cloud, items: Sequence[Item]) -> list[Carried]:
    keys = list(map(Key.from_item, items))
    there = get_many(cloud, cloud.settings.retrain_table, keys)
    return [_put(cloud, item, stored) for item, stored in zip(items, there, strict=True)]


def _put(cloud: Cloud, item: Item, there: Item) -> Carried:
    """Store a candidate unless it is there; what somebody does to it meanwhile stays."""
    while True:
        outcome = _outcome(item, there)
        if outcome is not Carried.ADDED or _write(cloud, item, there):
            return outcome
        (there,) = get_many(cloud, cloud.settings.retrain_table, [Key.from_item(item)])


def _outcome(item: Mapping[str, str], there: Mapping[str, str]) -> Carried:
    """Return what is to become of a candidate beside what the table has of it, if anything."""
    if not there:
        return Carried.ADDED
    if _carried(there) == _carried(item) or _is_later(there, item):
        return Carried.THERE
    return Carried.ADDED if _is_later(item, there) else Carried.CONFLICT


def _carried(item: Mapping[str, str]) -> Item:
    """Return what is carried of an item; an empty text says no more than a missing one."""
    return {
        name: item[name]
        for name in CARRIED
        if item.get(name) or (name in REQUIRED and name in item)
    }


def _is_later(state: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Return whether a state of a candidate came later than another one, by version and time.

    An undo has the time of the verdict that it restores, so its version alone counts.
    """
    if int(state.get(VERSION, "0")) <= int(other.get(VERSION, "0")):
        return False
    is_undo = bool(undone_by(state.get(VERDICT_ID, "")))
    return is_undo or state.get(REVIEWED_AT, "") >= other.get(REVIEWED_AT, "")


def _write(cloud: Cloud, item: Item, there: Item) -> bool:
    """Store a candidate in place of what was read; return False if that has changed meanwhile."""
    # What an earlier verdict had, such as a note, must not stay beside a later one.
    emptied = {name: "" for name in (*REVIEW, *AGREEMENT) if there.get(name)}
    values = {name: text for name, text in {**emptied, **item}.items() if name not in KEYS}
    names = {f"#{name}": name for name in values}
    bound = {f":{name}": text for name, text in values.items()}
    if not there:
        condition = "attribute_not_exists(partition_key)"
    elif there.get(VERSION):
        condition, bound = f"{VERSION} = :before", {**bound, ":before": there[VERSION]}
    else:
        condition = f"attribute_exists(partition_key) AND attribute_not_exists({VERSION})"
    with translated("importing a candidate"):
        try:
            cloud.dynamodb.update_item(
                TableName=cloud.settings.retrain_table,
                Key=typed(Key.from_item(item)._asdict()),
                UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
                ConditionExpression=condition,
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=typed(bound),
            )
        except cloud.dynamodb.exceptions.ConditionalCheckFailedException:
            return False
    return True
