"""The metrics of a test run, all but the loss computed from one confusion matrix.

Definitions as in scikit-learn's user guide, "Classification metrics": with true positives tp,
false positives fp and false negatives fn of a class, precision = tp / (tp + fp), recall =
tp / (tp + fn), F1 = 2 tp / (2 tp + fp + fn). Where a denominator is 0 the metric is 0.0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from iris_core.records.run_metrics import ClassMetrics

UNSEEN_LABEL = "unseen label"
"""The name of a confusion matrix's last row."""

# A probability that float32 rounded to 0 still costs a finite loss: -ln(1e-12) = 27.6 nats.
_SMALLEST = 1e-12


def confusion_matrix(
    actual: NDArray[np.intp], predicted: NDArray[np.intp], *, classes: int
) -> NDArray[np.int64]:
    """Count the rows of each true and predicted class.

    Args:
        actual: (rows,) numbers of the true classes, -1 for a label that the model never saw.
        predicted: (rows,) numbers of the predicted classes.
        classes: number of classes.

    Returns:
        (classes + 1, classes) counts: a row for each true class and a last one for labels never
        seen, a column for each predicted class.
    """
    rows = np.where(actual < 0, classes, actual)
    counts = np.bincount(rows * classes + predicted, minlength=(classes + 1) * classes)
    return counts.reshape(classes + 1, classes)


def accuracy(confusion: NDArray[np.int64]) -> float:
    """Return the share of all rows that are predicted correctly, 0 to 1.

    A row whose label the model never saw is always a misclassified one.

    Args:
        confusion: (classes + 1, classes) counts, as `confusion_matrix` returns them.
    """
    return _share(np.trace(confusion), confusion.sum())


def class_metrics(confusion: NDArray[np.int64], names: Sequence[str]) -> tuple[ClassMetrics, ...]:
    """Return the metrics of each class; a row with a label never seen is a false positive.

    Args:
        confusion: (classes + 1, classes) counts, as `confusion_matrix` returns them.
        names: of the classes, in the matrix's order.
    """
    hits, predicted = np.diagonal(confusion), confusion.sum(axis=0)
    actual = confusion[:-1].sum(axis=1)
    return tuple(
        ClassMetrics(
            name=name,
            precision=_share(hits[index], predicted[index]),
            recall=_share(hits[index], actual[index]),
            f1=_share(2 * hits[index], predicted[index] + actual[index]),
            support=int(actual[index]),
        )
        for index, name in enumerate(names)
    )


def cross_entropy(probabilities: NDArray[np.float32], actual: NDArray[np.intp]) -> float:
    """Return the sum of -ln(probability of the true class) in nats.

    Args:
        probabilities: (rows, classes), rows sum to 1; below 1e-12 they count as 1e-12.
        actual: (rows,) numbers of the true classes; rows with -1, a label never seen, are left
            out.
    """
    return float(row_losses(probabilities, actual).sum())


def row_losses(probabilities: NDArray[np.float32], actual: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return (rows,) -ln(probability of the true class) in nats, 0 for a label never seen.

    Args:
        probabilities: (rows, classes), rows sum to 1; below 1e-12 they count as 1e-12.
        actual: (rows,) numbers of the true classes, -1 for a label never seen.
    """
    of_true_class = probabilities[np.arange(len(actual)), actual].astype(np.float64)
    return np.where(actual >= 0, -np.log(np.maximum(of_true_class, _SMALLEST)), 0.0)


def _share(part: np.int64, whole: np.int64) -> float:
    """Return part of whole, 0.0 of nothing."""
    return float(part / whole) if whole else 0.0
