"""Reconciliation: is every tested record stored, and every candidate found? And if not, replay.

Both tables are read block by block and compared by key, so memory stays that of a few blocks
however long the run is. What is expected is what the rule says of the *stored strings*.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import TypeVar

from aws import function
from aws.clients import Cloud
from aws.retrain_rule import is_candidate
from aws.score_table import read_block
from aws.tables import count, query
from iris_core.records.attributes import Item
from iris_core.records.keys import BLOCK_ROWS, Key, key_of, partitions
from iris_core.records.reconciliation import Reconciliation
from lambda_src.index import WITHDRAWN, parse_share

_T = TypeVar("_T")
_JUDGED = ("partition_key", "sort_key", "Class", "Actual", "Probability")
_FOUND = ("partition_key", "sort_key", "Reason")


def wait_for_candidates(
    cloud: Cloud,
    expected: Counter[str],
    *,
    timeout: float,
    on_progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> bool:
    """Wait until each partition holds the candidates expected of it; False when time ran out.

    `expected`: candidates by partition key, as `Tally` counts them. `timeout` in seconds.
    `on_progress` is told found and expected. Partitions are asked one after the other, in the
    order in which the stream delivers them: whoever waits should not slow the Lambda down.
    """
    deadline = time.monotonic() + timeout
    total, complete = expected.total(), 0
    shortest = 0.02 if cloud.settings.target == "local" else 0.5
    for partition, wanted in expected.items():
        pause = shortest
        while (found := _count_found(cloud, partition)) < wanted:
            if on_progress:
                on_progress(complete + found, total)
            if time.monotonic() > deadline or (cancelled and cancelled()):
                return False
            time.sleep(pause)
            pause = min(10 * shortest, 1.5 * pause)
        complete += wanted
        if on_progress:
            on_progress(complete, total)
    return True


def reconcile(cloud: Cloud, run: str, rows: int, threshold: str) -> Reconciliation:
    """Compare both tables for a run of `rows` tested records, judged by `threshold` (0…1)."""
    limit = parse_share(threshold)
    stored = expected = found = 0
    missing: list[Key] = []
    unexpected: list[Key] = []
    unstored: list[int] = []
    names = partitions(run, rows)
    with ThreadPoolExecutor(cloud.settings.threads) as pool:
        # A few blocks at a time: map would otherwise run ahead of what is compared here.
        for some in _batched(enumerate(names), 2 * cloud.settings.threads):
            parts = pool.map(lambda entry: _compare(cloud, entry[1], limit), some)
            for (block, _), part in zip(some, parts, strict=True):
                stored += len(part.stored)
                expected += len(part.expected)
                found += len(part.found)
                missing += sorted(part.expected - part.found)
                unexpected += sorted(part.found - part.expected)
                start = block * BLOCK_ROWS
                wanted = range(start, min(start + BLOCK_ROWS, rows))
                unstored += [row for row in wanted if key_of(run, row) not in part.stored]
    return Reconciliation(
        rows, stored, expected, found, tuple(missing), tuple(unexpected), tuple(unstored)
    )


def replay(cloud: Cloud, missing: Sequence[Key], threshold: str) -> int:
    """Hand stored records to the function again, to be judged by `threshold`; returns how many.

    `missing`: sorted keys, as `reconcile` finds them.
    """
    handed = 0
    for some in function.replay_batches(_stored_items(cloud, missing)):
        function.invoke(cloud, some, threshold)
        handed += len(some)
    return handed


@dataclass(frozen=True, slots=True)
class _Block:
    stored: frozenset[Key]
    expected: frozenset[Key]
    found: frozenset[Key]


def _compare(cloud: Cloud, partition: str, threshold: Decimal) -> _Block:
    stored: set[Key] = set()
    expected: set[Key] = set()
    for item in read_block(cloud, partition, *_JUDGED):
        key = Key(item["partition_key"], item["sort_key"])
        stored.add(key)
        # A field that is missing is read as the Lambda reads it: not judgeable.
        if "Class" in item and "Actual" in item:
            text = item.get("Probability", "")
            if is_candidate(item["Class"], item["Actual"], text, threshold):
                expected.add(key)
    found = {
        Key(item["partition_key"], item["sort_key"])
        for item in query(cloud, cloud.settings.retrain_table, partition, attributes=_FOUND)
        if item.get("Reason") != WITHDRAWN
    }
    return _Block(frozenset(stored), frozenset(expected), frozenset(found))


def _count_found(cloud: Cloud, partition: str) -> int:
    return count(cloud, cloud.settings.retrain_table, partition, unless=("Reason", WITHDRAWN))


def _stored_items(cloud: Cloud, keys: Sequence[Key]) -> Iterator[Item]:
    """The score items of `keys`, which must be sorted, reading each of their blocks once."""
    wanted = set(keys)
    for partition in dict.fromkeys(key.partition_key for key in keys):
        for item in read_block(cloud, partition):
            if Key(item["partition_key"], item["sort_key"]) in wanted:
                yield item


def _batched(entries: Iterable[_T], size: int) -> Iterator[tuple[_T, ...]]:
    """Tuples of at most `size` entries; `itertools.batched` comes with Python 3.12 only."""
    rest = iter(entries)
    while some := tuple(islice(rest, size)):
        yield some
