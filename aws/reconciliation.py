"""Reconciliation: is every tested record stored, and every candidate copied? If not, replay.

Both tables are read block by block and compared by key, so memory stays that of a few blocks
however long the run is. Expected are the records that the rule, applied to the *stored strings*,
makes candidates.
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
from aws.score_table import read_partition
from aws.tables import count, query
from iris_core.records.attributes import ACTUAL, CLASS, KEYS, PROBABILITY, REASON, Item
from iris_core.records.candidate import is_candidate_item
from iris_core.records.keys import PARTITION_ROWS, Key, key_of, partitions
from iris_core.records.reason import Reason
from iris_core.records.reconciliation import Reconciliation
from lambda_src.index import parse_share

_T = TypeVar("_T")
_SCORE_ATTRIBUTES = (*KEYS, CLASS, ACTUAL, PROBABILITY)
_RETRAIN_ATTRIBUTES = (*KEYS, REASON)


def wait_for_candidates(
    cloud: Cloud,
    expected: Counter[str],
    *,
    timeout: float,
    on_progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> bool:
    """Wait until each partition holds as many candidates as are expected of it.

    Partitions are queried one after the other, in the order in which the stream delivers them:
    waiting should not slow the Lambda down.

    Args:
        cloud: whose retrain table is queried.
        expected: number of candidates by partition key, as `ExpectedCandidates` counts them.
        timeout: seconds to wait.
        on_progress: called with the number of candidates copied and expected.
        cancelled: asked at each query whether to stop waiting.

    Returns:
        Whether all are there; False when time ran out, or when cancelled.
    """
    deadline = time.monotonic() + timeout
    total, complete = expected.total(), 0
    shortest = 0.02 if cloud.settings.target == "local" else 0.5
    for partition, in_partition in expected.items():
        pause = shortest
        while (copied := _count_candidates(cloud, partition)) < in_partition:
            if on_progress:
                on_progress(complete + copied, total)
            if time.monotonic() > deadline or (cancelled and cancelled()):
                return False
            time.sleep(pause)
            pause = min(10 * shortest, 1.5 * pause)
        complete += in_partition
        if on_progress:
            on_progress(complete, total)
    return True


def reconcile(
    cloud: Cloud, run: str, rows: int, threshold: str, *, expired: bool = False
) -> Reconciliation:
    """Compare both tables for a run.

    Args:
        cloud: whose tables are compared.
        run: id of the run.
        rows: number of its tested records.
        threshold: that of the run, 0 to 1.
        expired: whether the time for which its records are kept is over: those that are not there
            are then no loss.
    """
    limit = parse_share(threshold)
    stored = expected = copied = gone = 0
    missing: list[Key] = []
    unexpected: list[Key] = []
    unstored: list[int] = []
    names = partitions(run, rows)
    with ThreadPoolExecutor(cloud.settings.threads) as pool:
        # A few blocks at a time: map would otherwise run ahead of what is compared here.
        for batch in _batched(enumerate(names), 2 * cloud.settings.threads):
            parts = pool.map(lambda entry: _compare(cloud, entry[1], limit), batch)
            for (block, _), part in zip(batch, parts, strict=True):
                start = block * PARTITION_ROWS
                tested = range(start, min(start + PARTITION_ROWS, rows))
                not_there = [row for row in tested if key_of(run, row) not in part.stored]
                asked_for = part.expected
                if expired:
                    gone += len(not_there)
                    asked_for |= part.copied & {key_of(run, row) for row in not_there}
                else:
                    unstored += not_there
                stored += len(part.stored)
                expected += len(asked_for)
                copied += len(part.copied)
                missing += sorted(asked_for - part.copied)
                unexpected += sorted(part.copied - asked_for)
    return Reconciliation(
        tested=rows,
        stored=stored,
        expected=expected,
        found=copied,
        missing=tuple(missing),
        unexpected=tuple(unexpected),
        unstored=tuple(unstored),
        expired=gone,
    )


def replay(cloud: Cloud, missing: Sequence[Key], threshold: str) -> int:
    """Send stored records to the function again.

    Args:
        cloud: whose function is invoked.
        missing: keys in ascending order, as `reconcile` returns them.
        threshold: that of the run, 0 to 1.

    Returns:
        How many records were sent.
    """
    sent = 0
    for batch in function.replay_batches(_stored_items(cloud, missing)):
        function.invoke(cloud, batch, threshold)
        sent += len(batch)
    return sent


@dataclass(frozen=True, slots=True)
class _Block:
    """The keys of one partition: stored, expected as candidates, and copied."""

    stored: frozenset[Key]
    expected: frozenset[Key]
    copied: frozenset[Key]


def _compare(cloud: Cloud, partition: str, threshold: Decimal) -> _Block:
    stored: set[Key] = set()
    expected: set[Key] = set()
    for item in read_partition(cloud, partition, *_SCORE_ATTRIBUTES):
        key = Key.from_item(item)
        stored.add(key)
        # The Lambda refuses a record that lacks a class: it is no candidate.
        if CLASS in item and ACTUAL in item:
            probability = item.get(PROBABILITY, "")
            if is_candidate(item[CLASS], item[ACTUAL], probability, threshold):
                expected.add(key)
    table = cloud.settings.retrain_table
    copied = {
        Key.from_item(item)
        for item in query(cloud, table, partition, attributes=_RETRAIN_ATTRIBUTES)
        if is_candidate_item(item)
    }
    return _Block(frozenset(stored), frozenset(expected), frozenset(copied))


def _count_candidates(cloud: Cloud, partition: str) -> int:
    return count(cloud, cloud.settings.retrain_table, partition, unless=(REASON, Reason.WITHDRAWN))


def _stored_items(cloud: Cloud, keys: Sequence[Key]) -> Iterator[Item]:
    """Yield the score items of keys in ascending order, reading each of their blocks once."""
    requested = set(keys)
    for partition in dict.fromkeys(key.partition_key for key in keys):
        for item in read_partition(cloud, partition):
            if Key.from_item(item) in requested:
                yield item


def _batched(entries: Iterable[_T], size: int) -> Iterator[tuple[_T, ...]]:
    """Yield tuples of at most `size` entries; `itertools.batched` needs Python 3.12."""
    rest = iter(entries)
    while batch := tuple(islice(rest, size)):
        yield batch
