"""The threshold lab: what each threshold would cost, and what it would catch.

A record is reviewed when it is wrong, or when its probability is below the threshold; equal is not
below. Where labels are known, as in a test, both count. In use nobody knows which records are
wrong: there only those below the threshold are reviewed, and the errors among them are all that is
caught. Both are told apart here.

Probabilities and thresholds are to be read from the stored texts, as the retrain rule reads them: a
float32 of 0.9 is 0.89999998, but what is stored is "0.9", and that is not below 0.9.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iris_core.checks import check_number, check_whole
from iris_core.records.run_metrics import ThresholdCounts

POINTS = 400
"""Thresholds of a curve, beside those of the even grid."""
STEPS = 100
"""The even grid is 0, 1/100, 2/100, … 1."""
STORED_POINTS = 100
"""Thresholds that a run keeps beside those of the even grid: some kilobytes."""


@dataclass(frozen=True, eq=False)
class ThresholdCurve:
    """What each threshold would do to the same records.

    Attributes:
        rows: number of records.
        errors: number of them that are wrong.
        invalid: number of them without a probability: reviewed if wrong, below no threshold.
        thresholds: (points,) increasing, 0 to 1.
        reviews: (points,) records that are wrong or below the threshold: what the function copies.
        below: (points,) records that are below it: what would be reviewed without the labels.
        caught: (points,) wrong records among those.
    """

    rows: int
    errors: int
    invalid: int
    thresholds: NDArray[np.float64]
    reviews: NDArray[np.int64]
    below: NDArray[np.int64]
    caught: NDArray[np.int64]

    @property
    def caught_share(self) -> NDArray[np.float64]:
        """(points,) share of the errors that are caught without the labels; 1 without errors."""
        if not self.errors:
            return np.ones(len(self.caught))
        return np.asarray(self.caught / self.errors, dtype=np.float64)


def threshold_curve(
    wrong: NDArray[np.bool_], probability: NDArray[np.float64], *, points: int = POINTS
) -> ThresholdCurve:
    """Return what each threshold of an even grid would do, and each at which something changes.

    Args:
        wrong: (rows,) whether the predicted class is not the actual one.
        probability: (rows,) of the predicted class, 0 to 1, NaN where there is none.
        points: thresholds beside the even grid at most, 0 to 10,000; if more would do something,
            every so many-th of them is taken.

    Raises:
        OptionError: `points` is out of its range.
    """
    check_whole("points", points, low=0, high=10_000)
    ordered = np.sort(probability[~np.isnan(probability)])
    # Just above a probability nothing changes before the next one: there the records of the first
    # come to be below.
    changes = ordered[1:][ordered[1:] != ordered[:-1]]
    step = max(1, -(-len(changes) // points)) if points else len(changes) + 1
    grid = np.arange(STEPS + 1) / STEPS
    thresholds = np.union1d(grid, changes[step - 1 :: step])
    return _curve(wrong, probability, ordered, thresholds)


def at_threshold(
    wrong: NDArray[np.bool_], probability: NDArray[np.float64], threshold: float
) -> ThresholdCurve:
    """Return the curve's one point at a threshold, 0 to 1, that may lie off its grid.

    Raises:
        OptionError: the threshold is out of its range.
    """
    check_number("threshold", threshold, low=0, high=1)
    ordered = np.sort(probability[~np.isnan(probability)])
    return _curve(wrong, probability, ordered, np.array([float(threshold)]))


def _curve(
    wrong: NDArray[np.bool_],
    probability: NDArray[np.float64],
    ordered: NDArray[np.float64],
    thresholds: NDArray[np.float64],
) -> ThresholdCurve:
    """Return the curve; `ordered` are the probabilities that there are, increasing."""
    of_errors = np.sort(probability[wrong & ~np.isnan(probability)])
    below = np.searchsorted(ordered, thresholds, side="left")
    caught = np.searchsorted(of_errors, thresholds, side="left")
    errors = int(np.count_nonzero(wrong))
    return ThresholdCurve(
        rows=len(probability),
        errors=errors,
        invalid=len(probability) - len(ordered),
        thresholds=thresholds,
        reviews=errors + below - caught,
        below=below,
        caught=caught,
    )


def threshold_counts(
    wrong: NDArray[np.bool_],
    probability: NDArray[np.float64],
    threshold: float,
    *,
    points: int = STORED_POINTS,
) -> ThresholdCounts:
    """Return the curve's points at which something changes, few enough to store with a run.

    Args:
        wrong: (rows,) whether the predicted class is not the actual one.
        probability: (rows,) of the predicted class, 0 to 1, NaN where there is none.
        threshold: of the run, 0 to 1; it is always among the points.
        points: beside the even grid at most.
    """
    curve = threshold_curve(wrong, probability, points=points)
    own = at_threshold(wrong, probability, threshold)
    thresholds, first = np.unique(
        np.concatenate((curve.thresholds, own.thresholds)), return_index=True
    )
    below = np.concatenate((curve.below, own.below))[first]
    caught = np.concatenate((curve.caught, own.caught))[first]
    kept = np.append(True, below[1:] != below[:-1]) | (thresholds == own.thresholds[0])
    return ThresholdCounts(
        rows=curve.rows,
        errors=curve.errors,
        invalid=curve.invalid,
        thresholds=tuple(thresholds[kept].tolist()),
        below=tuple(below[kept].tolist()),
        caught=tuple(caught[kept].tolist()),
    )


def curve_of(counts: ThresholdCounts) -> ThresholdCurve:
    """Return the curve through stored points, on the even grid too: between two nothing changes."""
    marks = np.array(counts.thresholds, dtype=np.float64)
    thresholds = np.union1d(marks, np.arange(STEPS + 1) / STEPS)
    places = np.searchsorted(marks, thresholds, side="right") - 1
    below = np.array(counts.below, dtype=np.int64)[places]
    caught = np.array(counts.caught, dtype=np.int64)[places]
    return ThresholdCurve(
        rows=counts.rows,
        errors=counts.errors,
        invalid=counts.invalid,
        thresholds=thresholds,
        reviews=counts.errors + below - caught,
        below=below,
        caught=caught,
    )
