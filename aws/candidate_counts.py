"""Counts of a run's candidates by reason and true label, without reading their features."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from aws import tables
from aws.clients import Cloud
from iris_core.records.attributes import (
    ACTUAL,
    CARRIED_FROM,
    KEYS,
    REASON,
    VERDICT,
    VERSION,
    Item,
)
from iris_core.records.candidate import Candidate, is_listed
from iris_core.records.keys import PARTITION_ROWS, Key, partitions
from iris_core.records.run import Run
from iris_core.records.verdict import UNDECIDED

MAX_CANDIDATES = 2_000
"""Candidates of a run that are counted at most."""
MAX_PARTITIONS = 25
"""Blocks of a run that are read at most: each is a Query, and a long run has a thousand."""
_FIELDS = (*KEYS, REASON, ACTUAL, VERDICT, CARRIED_FROM, VERSION)


@dataclass(frozen=True, slots=True)
class CandidateCounts:
    """Counts of a run's first candidates.

    Attributes:
        counts: number of candidates by reason and true label.
        reviewed: number of those that have a verdict.
        carried: number of those whose verdict was given in an earlier run.
        complete: whether the run has no other candidates.
        verdicts: decision and version of each of those that were ever reviewed, also of a verdict
            that was taken back.
    """

    counts: Mapping[tuple[str, str], int]
    reviewed: int
    carried: int
    complete: bool
    verdicts: Mapping[Key, tuple[str, int]]

    @property
    def total(self) -> int:
        """Return the number of candidates that were counted."""
        return sum(self.counts.values())

    def updated(self, before: Candidate, after: Candidate) -> CandidateCounts:
        """Return the counts after a verdict on a candidate that was counted, or on another one.

        Args:
            before: as it was counted.
            after: as it is.
        """
        if before.version and before.key not in self.verdicts:
            return self
        was, now = before.verdict, after.verdict
        return replace(
            self,
            reviewed=min(self.total, self.reviewed + (now is not None) - (was is not None)),
            carried=self.carried + bool(now and now.carried_from) - bool(was and was.carried_from),
            verdicts={
                **self.verdicts,
                after.key: (now.decision if now else UNDECIDED, after.version),
            },
        )


def count_candidates(cloud: Cloud, run: Run) -> CandidateCounts:
    """Count the candidates of a run's first `MAX_PARTITIONS` blocks, `MAX_CANDIDATES` at most."""
    counts: Counter[tuple[str, str]] = Counter()
    verdicts: dict[Key, tuple[str, int]] = {}
    reviewed = carried = 0
    items = _items(cloud, run)
    for item in islice(items, MAX_CANDIDATES):
        counts[item.get(REASON, ""), item.get(ACTUAL, "")] += 1
        decision = item.get(VERDICT, UNDECIDED)
        reviewed += decision != UNDECIDED
        carried += decision != UNDECIDED and bool(item.get(CARRIED_FROM))
        if VERSION in item:
            verdicts[Key.from_item(item)] = decision, int(item[VERSION])
    reads_all_blocks = run.rows <= MAX_PARTITIONS * PARTITION_ROWS
    complete = reads_all_blocks and next(items, None) is None
    return CandidateCounts(dict(counts), reviewed, carried, complete, verdicts)


def _items(cloud: Cloud, run: Run) -> Iterator[Item]:
    """Yield the counted attributes of each candidate, in test order."""
    table = cloud.settings.retrain_table
    for partition in islice(partitions(run.id, run.rows), MAX_PARTITIONS):
        for item in tables.query(cloud, table, partition, attributes=_FIELDS):
            if is_listed(item):
                yield item
