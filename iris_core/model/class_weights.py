"""Class weights: in the loss each class counts as much as any other, however few rows it has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

IMBALANCED = 0.2
"""Classes are imbalanced where the smallest has less than this part of an even share of the rows:
of two classes one below a tenth."""


def balanced_weights(counts: Sequence[int]) -> NDArray[np.float32]:
    """Return (classes,) the weight of a row of each class: rows / (classes x rows of the class).

    King and Zeng, "Logistic regression in rare events data", Political Analysis 9, 2001; as
    scikit-learn's `class_weight="balanced"`. The weights of all rows add up to the number of rows.

    Args:
        counts: rows of each class; a class without rows has the weight 0 and does not count.
    """
    rows = np.array(counts, dtype=np.float64)
    share = rows.sum() / max(1, np.count_nonzero(rows))
    weights = np.zeros_like(rows)
    np.divide(share, rows, out=weights, where=rows > 0)
    return weights.astype(np.float32)


def smallest_class(counts: Sequence[int]) -> tuple[int, float]:
    """Return the number of the class with the fewest rows, and its part of an even share.

    Args:
        counts: rows of each class, one or more in all.
    """
    number = int(np.argmin(counts))
    return number, counts[number] * len(counts) / sum(counts)
