"""Rank columns of numbers by how much of their variance the classes explain.

The score is eta squared, the effect size of a one-way analysis of variance: the between-class sum
of squares over the total sum of squares of a column. It is the square of the correlation ratio
(Pearson, "On the general theory of skew correlation and non-linear regression", 1905).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def feature_scores(numbers: pd.DataFrame, classes: NDArray[np.intp]) -> dict[str, float]:
    """Return the score of each column.

    Args:
        numbers: columns of numbers; rows in which one is missing are left out of that column.
        classes: (rows,) the number of each row's class, from 0.

    Returns:
        Eta squared by column: 0 (all classes have the same mean, or nothing varies) to 1 (each
        class has a value of its own).
    """
    return {
        str(name): _eta_squared(column.to_numpy(dtype=np.float64), classes)
        for name, column in numbers.items()
    }


def _eta_squared(values: NDArray[np.float64], classes: NDArray[np.intp]) -> float:
    """Return eta squared of one column, (rows,), NaN where a number is missing."""
    present = ~np.isnan(values)
    values, classes = values[present], classes[present]
    if not len(values) or values.min() == values.max():
        return 0.0
    # In units of the largest number, so that no square overflows.
    values = values / np.abs(values).max()
    values = values - values.mean()
    rows = np.bincount(classes)
    sums = np.bincount(classes, weights=values)
    populated = rows > 0
    between = float((sums[populated] ** 2 / rows[populated]).sum())
    total = float((values**2).sum())
    return min(1.0, between / total) if total > 0 else 0.0
