"""Which columns of numbers tell the classes apart best, each by itself.

The share of a column's variance that lies between the classes: the correlation ratio eta squared
(Pearson, "On the general theory of skew correlation and non-linear regression", 1905).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def feature_scores(numbers: pd.DataFrame, classes: NDArray[np.intp]) -> dict[str, float]:
    """Return eta squared of each column, 0 to 1, 0 for one that does not vary.

    Args:
        numbers: columns of numbers; rows in which one is missing are left out of that column.
        classes: (rows,) the number of each row's class, from 0.
    """
    return {
        str(name): _separation(column.to_numpy(dtype=np.float64), classes)
        for name, column in numbers.items()
    }


def _separation(values: NDArray[np.float64], classes: NDArray[np.intp]) -> float:
    """Return eta squared of one column."""
    known = ~np.isnan(values)
    values, classes = values[known], classes[known]
    if not len(values) or values.min() == values.max():
        return 0.0
    # In units of the largest number, so that no square overflows.
    values = values / np.abs(values).max()
    values = values - values.mean()
    rows = np.bincount(classes)
    sums = np.bincount(classes, weights=values)
    there = rows > 0
    between = float((sums[there] ** 2 / rows[there]).sum())
    whole = float((values**2).sum())
    return min(1.0, between / whole) if whole > 0 else 0.0
