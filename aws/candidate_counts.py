"""A run's candidates counted, by reason and class, without reading their features."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from aws import tables
from aws.clients import Cloud
from iris_core.records.attributes import Item
from iris_core.records.keys import BLOCK_ROWS, partitions
from iris_core.records.run import Run
from lambda_src.index import WITHDRAWN

COUNTED = 2_000
"""Candidates of a run that are counted at most."""
BLOCKS = 25
"""Of a run, in which they are counted: each is a Query, and a long run has a thousand."""
_FIELDS = ("sort_key", "Reason", "Actual", "Verdict")


@dataclass(frozen=True, slots=True)
class CandidateCounts:
    """Counts of a run's first candidates: by reason and actual class, and how many are judged."""

    counts: Mapping[tuple[str, str], int]
    judged: int
    complete: bool
    """Whether these are all."""

    @property
    def total(self) -> int:
        """How many were counted."""
        return sum(self.counts.values())


def count_candidates(cloud: Cloud, run: Run) -> CandidateCounts:
    """Count the candidates of a run's first blocks, `COUNTED` at most."""
    counts: Counter[tuple[str, str]] = Counter()
    judged = 0
    items = _items(cloud, run)
    for item in islice(items, COUNTED):
        counts[item.get("Reason", ""), item.get("Actual", "")] += 1
        judged += "Verdict" in item
    whole = run.rows <= BLOCKS * BLOCK_ROWS
    return CandidateCounts(dict(counts), judged, whole and next(items, None) is None)


def _items(cloud: Cloud, run: Run) -> Iterator[Item]:
    """What is counted of a run's candidates."""
    table = cloud.settings.retrain_table
    for partition in islice(partitions(run.id, run.rows), BLOCKS):
        for item in tables.query(cloud, table, partition, attributes=_FIELDS):
            if item.get("Reason") != WITHDRAWN or "Verdict" in item:
                yield item
