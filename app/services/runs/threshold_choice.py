"""Choosing a threshold from a curve: by the run's own, or by the errors that it is to catch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from iris_core.evaluation.threshold_curve import ThresholdCurve

ERROR_SHARES = (0.5, 0.8, 0.9, 0.95, 0.99, 1.0)
"""Shares of the errors for which people look for a threshold."""


@dataclass(frozen=True, slots=True)
class LowestThreshold:
    """The lowest threshold that catches a share of the errors.

    Attributes:
        error_share: share of the errors, 0 to 1.
        threshold: 0 to 1.
        below: number of records below it: what is reviewed where the labels are not known.
        below_share: their share of all records, 0 to 1.
    """

    error_share: float
    threshold: float
    below: int
    below_share: float


def nearest_threshold(thresholds: Sequence[float], threshold: float) -> float:
    """Return the one of `thresholds` that is nearest to another."""
    return min(thresholds, key=lambda entry: abs(entry - threshold))


def lowest_thresholds(
    curve: ThresholdCurve, error_shares: Sequence[float] = ERROR_SHARES
) -> list[LowestThreshold]:
    """Return the lowest threshold for each share of the errors that one can catch.

    An error with probability 1 is below no threshold, so the highest shares may be lacking.
    """
    lowest = []
    for error_share in error_shares:
        indices = np.flatnonzero(curve.caught_share >= error_share)
        if len(indices):
            index = int(indices[0])
            below = int(curve.below[index])
            threshold = float(curve.thresholds[index])
            lowest.append(LowestThreshold(error_share, threshold, below, below / curve.rows))
    return lowest
