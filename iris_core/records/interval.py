"""The confidence interval of a share, such as an accuracy."""

from __future__ import annotations

import math
from dataclasses import dataclass

# The 97.5% quantile of the standard normal distribution: one deviate in 20 is further from 0.
_DEVIATE_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95% confidence interval of a share, or of another figure that is at most 1.

    Attributes:
        low: lower end; of a share 0 to 1.
        high: upper end, `low` to 1.
    """

    low: float
    high: float


def wilson_interval(hits: float, rows: int) -> Interval:
    """Return the 95% score interval of a share, such as an accuracy.

    Wilson, "Probable inference, the law of succession, and statistical inference", 1927. Unlike
    the normal approximation (mean plus or minus two standard errors) it holds for few rows and for
    shares near 1 too (Brown, Cai and DasGupta, "Interval estimation for a binomial proportion",
    2001).

    Args:
        hits: 0 to `rows`; of a mean of shares it need not be a whole number.
        rows: 0 or more.

    Returns:
        The interval; 0 to 1 without rows.
    """
    if not rows:
        return Interval(0.0, 1.0)
    share, weight = hits / rows, _DEVIATE_95**2 / rows
    middle = share + weight / 2
    half = _DEVIATE_95 * math.sqrt((share * (1 - share) + weight / 4) / rows)
    # By rounding alone the ends could come to lie beyond 0 and 1, or not quite reach them.
    low = 0.0 if hits == 0 else (middle - half) / (1 + weight)
    high = 1.0 if hits == rows else (middle + half) / (1 + weight)
    return Interval(max(0.0, low), min(1.0, high))
