"""Two models on the same rows: is the one better, or may it be chance?

Only the rows that one predicts correctly and the other does not count: those that the second fixes,
and those that it breaks. Comparing the two accuracies' intervals instead asks for several times as
many rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iris_core.checks import check_number, check_whole
from iris_core.errors import DataError

LEVEL = 0.05
"""A difference is called one when chance alone gives such a one in at most so many comparisons."""

# Standard normal deviates: that one in 20 lies beyond on both sides, that four in five lie below.
_DEVIATE_95, _DEVIATE_POWER = 1.959964, 0.8416212


@dataclass(frozen=True, slots=True)
class PairedComparison:
    """How a second model does on the rows of a first one.

    Attributes:
        rows: number of rows.
        fixed: rows that only the second predicts correctly.
        broken: rows that only the first predicts correctly.
        p_value: of McNemar's exact test, 0 to 1: how often chance alone, were both equally good,
            would give a difference at least as large.
        probability_better: that the second is better, 0 to 1, given the rows on which they differ.
    """

    rows: int
    fixed: int
    broken: int
    p_value: float
    probability_better: float

    @property
    def is_significant(self) -> bool:
        """Whether the difference is more than chance, by McNemar's exact test at `LEVEL`."""
        return self.p_value <= LEVEL

    @property
    def gain(self) -> float:
        """The second's accuracy less the first's, -1 to 1; 0 without rows."""
        return (self.fixed - self.broken) / self.rows if self.rows else 0.0


def compare_paired(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> PairedComparison:
    """Compare two models by the rows that each predicts correctly.

    Args:
        first: (rows,) whether the first model is right.
        second: (rows,) whether the second is, on the same rows in the same order.

    Raises:
        DataError: the two have different numbers of rows.
    """
    if first.shape != second.shape:
        raise DataError(
            f"Compare two models on the same rows: expected {len(first):,} rows in both, received "
            f"{len(second):,} in the second."
        )
    fixed = int(np.count_nonzero(second & ~first))
    broken = int(np.count_nonzero(first & ~second))
    return PairedComparison(
        rows=len(first),
        fixed=fixed,
        broken=broken,
        p_value=mcnemar_p_value(fixed, broken),
        probability_better=probability_better(fixed, broken),
    )


def mcnemar_p_value(fixed: int, broken: int) -> float:
    """Return the two-sided p-value of McNemar's exact test, 0 to 1; 1 without a difference.

    McNemar, "Note on the sampling error of the difference between correlated proportions or
    percentages", Psychometrika 12, 1947. Were both models equally good, each row on which they
    differ would be fixed or broken with probability 1/2: the tail of a binomial distribution.

    Args:
        fixed: 0 or more.
        broken: 0 or more.
    """
    return min(1.0, 2 * _binomial_tail(fixed + broken, min(fixed, broken)))


def probability_better(fixed: int, broken: int) -> float:
    """Return the probability that the second model is better, 0 to 1; 1/2 without a difference.

    The share of the fixed among the rows on which the models differ has, from a uniform prior, the
    posterior Beta(fixed + 1, broken + 1); the second is better where the share exceeds 1/2. That
    is the same as at most `fixed` successes in fixed + broken + 1 fair trials (Abramowitz and
    Stegun, "Handbook of mathematical functions", 26.5.24).

    Args:
        fixed: 0 or more.
        broken: 0 or more.
    """
    return _binomial_tail(fixed + broken + 1, fixed)


def rows_to_detect(gain: float, *, broken_share: float) -> int:
    """Return how many rows show a gain in four of five comparisons, by McNemar's test at 5 %.

    Connor, "Sample size for testing differences in proportions for the paired-sample design",
    Biometrics 43, 1987: (z sqrt(d) + w sqrt(d - g^2))^2 / g^2, with the gain g, the share d of the
    rows on which the models differ, and the normal deviates z of the level and w of the power.

    Args:
        gain: by which the second's accuracy exceeds the first's, above 0, at most 1.
        broken_share: of the rows that the second breaks, 0 to 1.

    Raises:
        OptionError: an argument is out of its range.
    """
    check_number("gain", gain, low=1e-6, high=1)
    check_number("share of broken rows", broken_share, low=0, high=1)
    differing = min(1.0, gain + 2 * broken_share)
    deviation = _DEVIATE_95 * math.sqrt(differing)
    deviation += _DEVIATE_POWER * math.sqrt(differing - gain**2)
    return math.ceil((deviation / gain) ** 2)


def _binomial_tail(trials: int, most: int) -> float:
    """Return the probability of at most `most` successes in so many fair trials."""
    check_whole("trials", trials, low=0, high=2**53)
    if most >= trials:
        return 1.0
    successes = np.arange(1, most + 1, dtype=np.float64)
    # Each coefficient from the one before; by logarithms, for they outgrow every float.
    logs = np.concatenate(([0.0], np.cumsum(np.log((trials - successes + 1) / successes))))
    logs -= trials * math.log(2)
    return min(1.0, float(np.exp(logs).sum()))
