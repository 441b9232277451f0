"""The means over the classes of a run, with their intervals, from its confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from iris_core.evaluation.paired_interval import Estimate, mean_of_independent
from iris_core.records.interval import wilson_interval
from iris_core.records.run_metrics import ClassMetrics, macro_f1

RESAMPLES = 1_000
_QUANTILES = (0.025, 0.975)


def balanced_accuracy_estimate(classes: Sequence[ClassMetrics]) -> Estimate:
    """Return the mean recall of the classes that have rows, with its 95 % interval.

    That of Zou and Donner 2008, of Wilson's intervals of the recalls: their rows are different.

    Args:
        classes: metrics of each class.

    Returns:
        The estimate; 0 to 1 without rows.
    """
    recalls = []
    for entry in classes:
        if entry.support:
            interval = wilson_interval(round(entry.recall * entry.support), entry.support)
            recalls.append(Estimate(entry.recall, interval.low, interval.high))
    return mean_of_independent(recalls) if recalls else Estimate(0.0, 0.0, 1.0)


def macro_f1_estimate(
    confusion: Sequence[Sequence[int]], classes: Sequence[ClassMetrics], *, seed: int = 0
) -> Estimate:
    """Return the mean F1 of the classes that have rows, with its 95 % interval.

    Percentiles of a bootstrap (Efron and Tibshirani 1993) that draws the rows of each true class
    anew, those with a label never seen as one more class: so each row of the confusion matrix is
    a draw from a multinomial distribution.

    Args:
        confusion: a row for each true class and a last one for labels never seen.
        classes: metrics of each class, in the same order.
        seed: of the resamples.
    """
    count = len(classes)
    generator = np.random.default_rng(seed)
    predicted = np.zeros((RESAMPLES, count))
    hits = np.zeros((RESAMPLES, count))
    for number, row in enumerate(np.array(confusion, dtype=np.int64)):
        used = np.flatnonzero(row)
        if not len(used):
            continue
        drawn = generator.multinomial(row.sum(), row[used] / row.sum(), size=RESAMPLES)
        predicted[:, used] += drawn
        if number in used:
            hits[:, number] = drawn[:, np.searchsorted(used, number)]
    support = np.array([entry.support for entry in classes])
    f1 = 2 * hits / np.maximum(1, predicted + support)
    means = f1[:, support > 0].mean(axis=1) if support.any() else np.zeros(RESAMPLES)
    low, high = np.quantile(means, _QUANTILES).tolist()
    return Estimate(macro_f1(classes) or 0.0, low, high)
