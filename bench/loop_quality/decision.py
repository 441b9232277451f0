"""How often the paired comparison calls a model better, by exact enumeration."""

from __future__ import annotations

import math

from iris_core.evaluation.paired import (
    PairedComparison,
    mcnemar_p_value,
    probability_better,
)

_NEGLIGIBLE = 1e-12
"""Outcomes that are rarer are left out; there are some ten thousand."""


def is_called_better(comparison: PairedComparison) -> bool:
    """Return whether the second model is called better: a gain that is more than chance."""
    return comparison.is_significant and comparison.gain > 0


def share_called_better(rows: int, *, fixed: float, broken: float) -> float:
    """Return how often the second of two models is called better, 0 to 1.

    Args:
        rows: number of paired rows.
        fixed: probability that a row is fixed, 0 to 1.
        broken: probability that a row is broken, 0 to 1; with the former at most 1.
    """
    total = 0.0
    for fixes in range(rows + 1):
        for breaks in range(rows - fixes + 1):
            likely = _probability((fixes, breaks, rows - fixes - breaks), fixed, broken)
            if likely > _NEGLIGIBLE and is_called_better(_comparison(rows, fixes, breaks)):
                total += likely
    return total


def _comparison(rows: int, fixed: int, broken: int) -> PairedComparison:
    """Return the comparison that finds so many rows fixed and broken."""
    return PairedComparison(
        rows, fixed, broken, mcnemar_p_value(fixed, broken), probability_better(fixed, broken)
    )


def _probability(counts: tuple[int, int, int], fixed: float, broken: float) -> float:
    """Return the multinomial probability of the counts of fixed, broken and other rows."""
    log = math.lgamma(sum(counts) + 1) - sum(math.lgamma(count + 1) for count in counts)
    for count, share in zip(counts, (fixed, broken, 1 - fixed - broken), strict=True):
        if count and share <= 0:
            return 0.0
        log += count * math.log(share) if count else 0.0
    return math.exp(log)
