"""The formulas that a test run is judged by, all from one confusion matrix.

Definitions as in scikit-learn's user guide, "Classification metrics": with true positives tp,
false positives fp and false negatives fn of a class, precision = tp / (tp + fp), recall =
tp / (tp + fn), F1 = 2 tp / (2 tp + fp + fn). Where a denominator is 0 the figure is 0.0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from iris_core.records.run_metrics import ClassMetrics

UNSEEN_LABEL = "unseen label"
"""What the last row of a confusion matrix is called."""

# A probability that float32 rounded to 0 still costs a finite loss: -ln(1e-12) = 27.6 nats.
_SMALLEST = 1e-12


def confusion_matrix(
    actual: NDArray[np.intp], predicted: NDArray[np.intp], *, classes: int
) -> NDArray[np.int64]:
    """Count the rows of each actual and predicted class.

    Args:
        actual: (rows,) class numbers, -1 for a label that the model never saw.
        predicted: (rows,) class numbers.
        classes: number of classes.

    Returns:
        (classes + 1, classes) counts: a row for each actual class and a last one for labels
        never seen, a column for each predicted class.
    """
    rows = np.where(actual < 0, classes, actual)
    counts = np.bincount(rows * classes + predicted, minlength=(classes + 1) * classes)
    return counts.reshape(classes + 1, classes)


def accuracy(confusion: NDArray[np.int64]) -> float:
    """Return the share of all rows that are right; a label never seen can never be."""
    return _share(np.trace(confusion), confusion.sum())


def class_metrics(confusion: NDArray[np.int64], names: Sequence[str]) -> tuple[ClassMetrics, ...]:
    """Return the figures of each class; a row with a label never seen is a false positive."""
    found, predicted = np.diagonal(confusion), confusion.sum(axis=0)
    actual = confusion[:-1].sum(axis=1)
    return tuple(
        ClassMetrics(
            name=name,
            precision=_share(found[index], predicted[index]),
            recall=_share(found[index], actual[index]),
            f1=_share(2 * found[index], predicted[index] + actual[index]),
            support=int(actual[index]),
        )
        for index, name in enumerate(names)
    )


def cross_entropy(probabilities: NDArray[np.float32], actual: NDArray[np.intp]) -> float:
    """Return the sum of -ln(probability of the actual class) in nats.

    Args:
        probabilities: (rows, classes).
        actual: (rows,) class numbers; rows with -1, a label never seen, are left out.
    """
    rows = np.flatnonzero(actual >= 0)
    of_actual = probabilities[rows, actual[rows]].astype(np.float64)
    return float(-np.log(np.maximum(of_actual, _SMALLEST)).sum())


def _share(part: np.int64, whole: np.int64) -> float:
    """Return part of whole, 0.0 of nothing."""
    return float(part / whole) if whole else 0.0
