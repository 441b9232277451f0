"""How sure one may be: of an accuracy, and of the probabilities that a model gives."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from iris_core.checks import check_whole

BINS = 10

# The standard normal deviate that one in 20 lies beyond, on both sides together.
_DEVIATE_95 = 1.959964

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_LONGEST_NUMBER = 64
# A decimal of fewer characters cannot round to 0 or 1 from outside.
_LONG_DECIMAL = 16


@dataclass(frozen=True, slots=True)
class Interval:
    """A range, 0 to 1, that holds the true share in 95 of 100 cases."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """The records whose probability is above `low` and up to `high`; the first bin holds 0 too.

    Attributes:
        low: lower end, 0 to 1.
        high: upper end.
        rows: number of records.
        confidence: mean of their probabilities; None without records.
        accuracy: share of them that is right; None without records.
        interval: of that accuracy.
    """

    low: float
    high: float
    rows: int
    confidence: float | None
    accuracy: float | None
    interval: Interval


@dataclass(frozen=True, slots=True)
class Calibration:
    """Whether a model is right as often as it says.

    Attributes:
        bins: of equal width, from 0 to 1.
        error: expected calibration error, 0 (right as often as it says) to 1: the mean distance of
            accuracy and confidence over the bins, weighted by their rows; 0 without rows.
        rows: records in the bins.
        unjudged: records whose probability is none, in no bin.
    """

    bins: tuple[CalibrationBin, ...]
    error: float
    rows: int
    unjudged: int


def wilson_interval(right: int, rows: int) -> Interval:
    """Return the 95% score interval of a share, such as an accuracy; 0 to 1 without rows.

    Wilson, "Probable inference, the law of succession, and statistical inference", 1927. Unlike
    the usual mean plus or minus two errors it is right for few rows and for shares near 1 too
    (Brown, Cai and DasGupta, "Interval estimation for a binomial proportion", 2001).

    Args:
        right: 0 to `rows`.
        rows: 0 or more.
    """
    if not rows:
        return Interval(0.0, 1.0)
    share, weight = right / rows, _DEVIATE_95**2 / rows
    middle = share + weight / 2
    half = _DEVIATE_95 * math.sqrt((share * (1 - share) + weight / 4) / rows)
    # By rounding alone the ends could come to lie beyond 0 and 1, or not quite reach them.
    low = 0.0 if right == 0 else (middle - half) / (1 + weight)
    high = 1.0 if right == rows else (middle + half) / (1 + weight)
    return Interval(max(0.0, low), min(1.0, high))


def calibration(
    probability: NDArray[np.float64], right: NDArray[np.bool_], *, bins: int = BINS
) -> Calibration:
    """Compare what a model says with how often it is right.

    The bins and the error are those of Guo, Pleiss, Sun and Weinberger, "On calibration of modern
    neural networks", 2017: ((k - 1)/bins, k/bins], of the predicted class's probability.

    Args:
        probability: (rows,) of the predicted class, 0 to 1; NaN where there is none, as
            `probabilities_of` reads them.
        right: (rows,) whether that class is the actual one.
        bins: 1 to 100.

    Raises:
        OptionError: `bins` is out of its range.
    """
    check_whole("bins", bins, low=1, high=100)
    known = ~np.isnan(probability)
    shares, hits = probability[known], right[known]
    edges = np.arange(bins + 1) / bins
    places = np.maximum(np.searchsorted(edges, shares, side="left") - 1, 0)
    rows = np.bincount(places, minlength=bins)
    sums = np.bincount(places, shares, minlength=bins)
    found = np.bincount(places, hits, minlength=bins)
    error = float(np.abs(sums - found).sum() / len(shares)) if len(shares) else 0.0
    return Calibration(
        tuple(
            CalibrationBin(
                low=float(edges[place]),
                high=float(edges[place + 1]),
                rows=count,
                confidence=float(sums[place] / count) if count else None,
                accuracy=float(found[place] / count) if count else None,
                interval=wilson_interval(int(found[place]), count),
            )
            for place, count in enumerate(rows.tolist())
        ),
        error,
        len(shares),
        len(probability) - len(shares),
    )


def probabilities_of(texts: Iterable[str]) -> NDArray[np.float64]:
    """Read stored probabilities, NaN for a text that is no number from 0 to 1.

    The texts read are exactly those that the retrain function judges by. Texts of up to 15 digits
    that differ give floats that differ, in the same order: compared with a threshold that is read
    likewise, equal stays equal and below stays below.
    """
    return np.array([_probability(text) for text in texts], dtype=np.float64)


def _probability(text: str) -> float:
    """Read one probability."""
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return math.nan
    is_short = len(text) < _LONG_DECIMAL and not {"e", "E"} & set(text)
    value = float(text) if is_short else Decimal(text)
    return float(value) if 0 <= value <= 1 else math.nan
