"""The 95 % intervals of differences of shares, above all of two measured on the same rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from iris_core.evaluation.paired import LEVEL, mcnemar_p_value

# The 97.5% quantile of the standard normal distribution.
_DEVIATE_95 = 1.959964
_HALVINGS = 50
"""Of a range of 2 at most: to fifteen digits."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A metric, or the difference of two, with its 95% interval.

    Attributes:
        value: as measured.
        low: lower end of the interval.
        high: upper end.
    """

    value: float
    low: float
    high: float


def paired_difference(fixed: int, broken: int, rows: int) -> Estimate:
    """Return the difference of two paired shares with an interval that agrees with the test.

    The interval inverts a test: it holds each difference that the test does not reject. That is
    Tango's score test, but for no difference at all, which McNemar's exact test decides upon: so 0
    lies outside of the interval exactly where that test calls the difference more than chance.

    Args:
        fixed: rows that only the second model predicts correctly.
        broken: rows that only the first does.
        rows: of both; `fixed` + `broken` at least.
    """
    estimate = score_difference(fixed, broken, rows)
    if mcnemar_p_value(fixed, broken) <= LEVEL:
        return estimate
    return Estimate(estimate.value, min(estimate.low, 0.0), max(estimate.high, 0.0))


def score_difference(fixed: int, broken: int, rows: int) -> Estimate:
    """Return the difference of two paired shares with its score interval; -1 to 1 without rows.

    Tango, "Equivalence test and confidence interval for the difference in proportions for the
    paired-sample design", Statistics in Medicine 17, 1998; recommended by Fagerland, Lydersen and
    Laake, "Recommended tests and confidence intervals for paired binomial proportions", Statistics
    in Medicine 33, 2014. For one share it would be Wilson's.

    Args:
        fixed: rows that only the second model predicts correctly.
        broken: rows that only the first does.
        rows: of both; `fixed` + `broken` at least.
    """
    if not rows:
        return Estimate(0.0, -1.0, 1.0)
    difference = (fixed - broken) / rows
    high = _upper_end(fixed, broken, rows)
    return Estimate(difference, -_upper_end(broken, fixed, rows), high)


def mean_of_independent(estimates: Sequence[Estimate]) -> Estimate:
    """Return the mean of independent estimates with its interval, by the distances of their ends.

    Zou and Donner, "Construction of confidence limits about effect measures: a general approach",
    Statistics in Medicine 27, 2008 (the method of variance estimates recovery): the distance of an
    end from the mean is the root of the sum of the squared distances, each by its weight. Unlike a
    bootstrap it knows that a class without errors in few rows may have some.

    Args:
        estimates: one or more, such as the recalls of different classes.
    """
    count = len(estimates)
    value = math.fsum(entry.value for entry in estimates) / count
    below = math.hypot(*(entry.value - entry.low for entry in estimates)) / count
    above = math.hypot(*(entry.high - entry.value for entry in estimates)) / count
    return Estimate(value, value - below, value + above)


def difference_of_independent(before: Estimate, after: Estimate) -> Estimate:
    """Return the difference of two independent estimates with its interval, by those of both.

    Of two shares with Wilson's intervals it is method 10 of Newcombe, "Interval estimation for the
    difference between independent proportions: comparison of eleven methods", Statistics in
    Medicine 17, 1998. Of shares that are measured on the same rows it is too wide.

    Args:
        before: what is compared with.
        after: what is compared.
    """
    value = after.value - before.value
    below = math.hypot(after.value - after.low, before.high - before.value)
    above = math.hypot(after.high - after.value, before.value - before.low)
    return Estimate(value, value - below, value + above)


def _upper_end(fixed: int, broken: int, rows: int) -> float:
    """Return the largest difference that Tango's score test does not reject."""
    low, high = (fixed - broken) / rows, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _score(middle, fixed, broken, rows) < -_DEVIATE_95:
            high = middle
        else:
            low = middle
    return low


def _score(difference: float, fixed: int, broken: int, rows: int) -> float:
    """Return Tango's statistic of an assumed difference: standard normal if that is the true one.

    With the difference fixed, the share of broken rows that is most likely solves a quadratic
    equation.
    """
    linear = (2 * rows - fixed + broken) * difference - fixed - broken
    constant = -broken * difference * (1 - difference)
    root = math.sqrt(max(0.0, linear**2 - 8 * rows * constant))
    broken_share = (root - linear) / (4 * rows)
    variance = rows * (2 * broken_share + difference * (1 - difference))
    distance = fixed - broken - rows * difference
    return distance / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, distance)
