"""Choosing a threshold from a curve: by the run's own, the errors to catch, or a review budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aws import run_table
from aws.clients import Cloud
from aws.errors import SettingsError
from aws.function import check_threshold
from iris_core.checks import check_number, check_whole
from iris_core.errors import OptionError
from iris_core.evaluation.threshold_curve import ThresholdCurve, curve_of
from iris_core.records.interval import Interval, wilson_interval
from iris_core.records.run import Run, RunState

ERROR_SHARES = (0.5, 0.8, 0.9, 0.95, 0.99, 1.0)
"""Shares of the errors for which people look for a threshold."""
MAX_BUDGET = 1_000_000_000
"""Records that somebody can review at most: more than any run has."""
MAX_COST = 1e9


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


@dataclass(frozen=True, slots=True)
class ReviewLoad:
    """What people would review of a run at one threshold, and which errors that catches.

    Attributes:
        threshold: a point of the run's curve, 0 to 1.
        rows: number of records of the run.
        reviews: number of them that are misclassified or below the threshold: what the function
            copies.
        below: number of them below the threshold: what would be reviewed without true labels.
        errors: number of misclassified records.
        caught: number of those below the threshold: the errors that are found without true labels.
    """

    threshold: float
    rows: int
    reviews: int
    below: int
    errors: int
    caught: int

    @property
    def caught_share(self) -> float:
        """Share of the errors that are caught, 0 to 1; 1 without errors."""
        return self.caught / self.errors if self.errors else 1.0

    @property
    def caught_interval(self) -> Interval:
        """Wilson's 95 % interval of the share of errors caught; 0 to 1 without errors."""
        return wilson_interval(self.caught, self.errors)


@dataclass(frozen=True, slots=True)
class TotalCost:
    """What one threshold costs where the true labels are not known.

    Attributes:
        threshold: a point of the run's curve, 0 to 1.
        reviews: number of records below it, which are reviewed.
        missed: number of misclassified records that are not.
        cost: of all reviews and of all missed errors, in the unit of the costs.
    """

    threshold: float
    reviews: int
    missed: int
    cost: float


def index_at(curve: ThresholdCurve, threshold: float) -> int:
    """Return the point of a curve that says what a threshold does; between two the lower one."""
    return int(np.searchsorted(curve.thresholds, threshold, side="right")) - 1


def total_cost(curve: ThresholdCurve, index: int, *, review: float, missed: float) -> TotalCost:
    """Return what a point of a curve costs.

    Args:
        curve: of a run.
        index: of the point.
        review: cost of having a person look at one record, 0 to 1e9.
        missed: cost of an error that nobody sees, 0 to 1e9.

    Raises:
        OptionError: a cost is out of its range.
    """
    check_number("cost of a review", review, low=0, high=MAX_COST)
    check_number("cost of a missed error", missed, low=0, high=MAX_COST)
    reviews, left = int(curve.below[index]), curve.errors - int(curve.caught[index])
    cost = review * reviews + missed * left
    return TotalCost(float(curve.thresholds[index]), reviews, left, cost)


def least_total_cost(curve: ThresholdCurve, *, review: float, missed: float) -> TotalCost:
    """Return the threshold of the least total cost; of several the lowest.

    Raises:
        OptionError: a cost is out of its range.
    """
    every = (
        total_cost(curve, index, review=review, missed=missed)
        for index in range(len(curve.thresholds))
    )
    return min(every, key=lambda entry: (entry.cost, entry.threshold))


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


def load_at(curve: ThresholdCurve, threshold: str) -> ReviewLoad | None:
    """Return what a threshold has people review, as far as the curve knows.

    Args:
        curve: of a run.
        threshold: as the function's environment has it. Between two points of the curve the lower
            one counts.

    Returns:
        The load at the point; None if the text is no threshold: anybody can edit the environment.
    """
    try:
        check_threshold(threshold)
    except SettingsError:
        return None
    return _load(curve, index_at(curve, float(threshold)))


def highest_within(curve: ThresholdCurve, budget: int) -> ReviewLoad | None:
    """Return the highest threshold of a curve at which no more is reviewed than the budget.

    The budget bounds what the function copies: records below the threshold, and all that are
    misclassified, whatever the threshold.

    Args:
        curve: of a run.
        budget: number of records of such a run that can be reviewed, 0 to `MAX_BUDGET`.

    Returns:
        What is reviewed there; None if the misclassified records alone exceed the budget.

    Raises:
        OptionError: the budget is out of its range.
    """
    check_whole("budget", budget, low=0, high=MAX_BUDGET)
    # The number of reviews never falls as the threshold rises.
    within = int(np.searchsorted(curve.reviews, budget, side="right"))
    return _load(curve, within - 1) if within else None


def threshold_within(run: Run, budget: int) -> ReviewLoad:
    """Return the highest threshold of a run's curve within a budget, or say why there is none.

    Raises:
        OptionError: the run has no curve, or its misclassified records alone exceed the budget.
    """
    if run.metrics.thresholds is None:
        raise OptionError(
            f"Name a run that was tested to its end: expected one with a threshold curve, received "
            f"{run.id}. `python cli.py runs` lists them."
        )
    curve = curve_of(run.metrics.thresholds)
    load = highest_within(curve, budget)
    if load is None:
        raise OptionError(
            f"Set a budget of at least {curve.errors:,}: {run.id} has so many misclassified "
            "records, and the function copies all of them, whatever the threshold. Received "
            f"{budget:,}; the threshold stays as it was."
        )
    return load


def newest_run_with_curve(cloud: Cloud) -> Run:
    """Return the newest reconciled run that has a threshold curve.

    Raises:
        SettingsError: there is none.
    """
    for run in run_table.runs(cloud):
        if run.state == RunState.RECONCILED and run.metrics.thresholds is not None:
            return run
    raise SettingsError(
        "Test a model first, on the Test page or with `python cli.py test`: a budget sets the "
        "threshold by the newest reconciled run, and there is none."
    )


def threshold_text(share: float) -> str:
    """Write a threshold (0 to 1) as the function's environment has it: the shortest decimal."""
    return repr(share).removesuffix(".0")


def _load(curve: ThresholdCurve, index: int) -> ReviewLoad:
    """Return what is reviewed at a point of a curve."""
    return ReviewLoad(
        threshold=float(curve.thresholds[index]),
        rows=curve.rows,
        reviews=int(curve.reviews[index]),
        below=int(curve.below[index]),
        errors=curve.errors,
        caught=int(curve.caught[index]),
    )
