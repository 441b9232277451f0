"""The threshold curve: how many records each threshold sends to review, and how many errors.

A record is reviewed when it is misclassified, or when its probability is below the threshold; equal
is not below. Where labels are known, as in a test, both count. In production nobody knows which
records are misclassified: there only those below the threshold are reviewed, and only the errors
among them are caught. The curve has both counts.

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
"""Thresholds of a curve at most, in addition to the even grid."""
STEPS = 100
"""The even grid is 0, 1/100, 2/100, … 1."""
STORED_POINTS = 100
"""Thresholds that a run stores at most, in addition to the even grid: some kilobytes."""


@dataclass(frozen=True, eq=False)
class ThresholdCurve:
    """The number of reviews and of caught errors at each threshold, for the same records.

    Attributes:
        rows: number of records.
        errors: number of them that are misclassified.
        invalid: number of them without a probability: below no threshold, so they are reviewed
            only if misclassified.
        thresholds: (points,) increasing, 0 to 1.
        reviews: (points,) records that are misclassified or below the threshold: those that the
            Lambda copies.
        below: (points,) records below it: those that would be reviewed without the labels.
        caught: (points,) misclassified records among those.
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
        """(points,) share of the errors caught without the labels, 0 to 1; 1 without errors."""
        if not self.errors:
            return np.ones(len(self.caught))
        return np.asarray(self.caught / self.errors, dtype=np.float64)


def threshold_curve(
    misclassified: NDArray[np.bool_], probability: NDArray[np.float64], *, points: int = POINTS
) -> ThresholdCurve:
    """Return the curve over an even grid and over the thresholds at which a count changes.

    Args:
        misclassified: (rows,) whether the predicted class is not the true one.
        probability: (rows,) of the predicted class, 0 to 1, NaN where there is none.
        points: thresholds at most in addition to the even grid, 0 to 10,000; if the counts change
            at more, every k-th of them is taken.

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
    return _curve(misclassified, probability, ordered, thresholds)


def at_threshold(
    misclassified: NDArray[np.bool_], probability: NDArray[np.float64], threshold: float
) -> ThresholdCurve:
    """Return the curve's one point at a threshold, which need not lie on its grid.

    Args:
        misclassified: (rows,) whether the predicted class is not the true one.
        probability: (rows,) of the predicted class, 0 to 1, NaN where there is none.
        threshold: 0 to 1.

    Raises:
        OptionError: the threshold is out of its range.
    """
    check_number("threshold", threshold, low=0, high=1)
    ordered = np.sort(probability[~np.isnan(probability)])
    return _curve(misclassified, probability, ordered, np.array([float(threshold)]))


def _curve(
    misclassified: NDArray[np.bool_],
    probability: NDArray[np.float64],
    ordered: NDArray[np.float64],
    thresholds: NDArray[np.float64],
) -> ThresholdCurve:
    """Return the curve; `ordered` are the probabilities that are not NaN, increasing."""
    of_errors = np.sort(probability[misclassified & ~np.isnan(probability)])
    below = np.searchsorted(ordered, thresholds, side="left")
    caught = np.searchsorted(of_errors, thresholds, side="left")
    errors = int(np.count_nonzero(misclassified))
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
    misclassified: NDArray[np.bool_],
    probability: NDArray[np.float64],
    threshold: float,
    *,
    points: int = STORED_POINTS,
) -> ThresholdCounts:
    """Return the curve's points at which a count changes, few enough to store with a run.

    Args:
        misclassified: (rows,) whether the predicted class is not the true one.
        probability: (rows,) of the predicted class, 0 to 1, NaN where there is none.
        threshold: of the run, 0 to 1; it is always among the points.
        points: thresholds at most in addition to the even grid, 0 to 10,000.

    Raises:
        OptionError: the threshold or `points` is out of its range.
    """
    curve = threshold_curve(misclassified, probability, points=points)
    run_point = at_threshold(misclassified, probability, threshold)
    thresholds, first = np.unique(
        np.concatenate((curve.thresholds, run_point.thresholds)), return_index=True
    )
    below = np.concatenate((curve.below, run_point.below))[first]
    caught = np.concatenate((curve.caught, run_point.caught))[first]
    is_stored = np.append(True, below[1:] != below[:-1]) | (thresholds == run_point.thresholds[0])
    return ThresholdCounts(
        rows=curve.rows,
        errors=curve.errors,
        invalid=curve.invalid,
        thresholds=tuple(thresholds[is_stored].tolist()),
        below=tuple(below[is_stored].tolist()),
        caught=tuple(caught[is_stored].tolist()),
    )


def curve_of(counts: ThresholdCounts) -> ThresholdCurve:
    """Return the curve through stored points and the even grid.

    Between two stored points no count changes, so at each threshold those of the point before it
    hold.
    """
    stored = np.array(counts.thresholds, dtype=np.float64)
    thresholds = np.union1d(stored, np.arange(STEPS + 1) / STEPS)
    point = np.searchsorted(stored, thresholds, side="right") - 1
    below = np.array(counts.below, dtype=np.int64)[point]
    caught = np.array(counts.caught, dtype=np.int64)[point]
    return ThresholdCurve(
        rows=counts.rows,
        errors=counts.errors,
        invalid=counts.invalid,
        thresholds=thresholds,
        reviews=counts.errors + below - caught,
        below=below,
        caught=caught,
    )
