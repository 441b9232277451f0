"""Two models on the same rows: every metric of both, and of their difference, with its interval.

The champion is the model in use, the challenger the one that may replace it. Shares have intervals
in closed form: Wilson's of each, Tango's of a paired difference, and the mean of these over the
classes for the balanced accuracy. Macro F1, the difference in precision, log loss and calibration
error have those of a paired bootstrap. docs/evaluation.md gives the formulas and the reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iris_core.errors import DataError
from iris_core.evaluation.calibration import calibration
from iris_core.evaluation.comparison_resamples import Models, resample
from iris_core.evaluation.metrics import class_metrics, confusion_matrix, cross_entropy
from iris_core.evaluation.paired import PairedComparison, compare_paired
from iris_core.evaluation.paired_interval import (
    Estimate,
    mean_of_independent,
    paired_difference,
    score_difference,
)
from iris_core.evaluation.predictions import Predictions
from iris_core.records.interval import wilson_interval

_QUANTILES = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class MetricComparison:
    """One metric of two models.

    Attributes:
        champion: of the model in use.
        challenger: of the one that may replace it.
        difference: the challenger's less the champion's.
    """

    champion: Estimate
    challenger: Estimate
    difference: Estimate


@dataclass(frozen=True, slots=True)
class ClassMetricComparison:
    """One class as two models predict it.

    Attributes:
        name: of the class.
        support: number of rows of this class.
        precision: share of the rows predicted as this class that are of it, 0 to 1.
        recall: share of the rows of this class that are predicted as it, 0 to 1.
    """

    name: str
    support: int
    precision: MetricComparison
    recall: MetricComparison


@dataclass(frozen=True, slots=True)
class ModelComparison:
    """Two models on the same rows.

    Attributes:
        paired: the rows that the challenger fixes and breaks, and whether that may be chance.
        accuracy: share of all rows that are predicted correctly, 0 to 1.
        balanced_accuracy: mean recall of the classes that have rows, 0 to 1.
        macro_f1: mean F1 of the classes that have rows, 0 to 1.
        calibration_error: expected calibration error over ten bins, 0 to 1.
        log_loss: mean cross-entropy in nats over the rows whose label the models know; None
            without the probabilities of all classes.
        classes: in the order of the names.
    """

    paired: PairedComparison
    accuracy: MetricComparison
    balanced_accuracy: MetricComparison
    macro_f1: MetricComparison
    calibration_error: MetricComparison
    log_loss: MetricComparison | None
    classes: tuple[ClassMetricComparison, ...]


def compare_models(
    actual: NDArray[np.intp],
    champion: Predictions,
    challenger: Predictions,
    *,
    names: Sequence[str],
    seed: int = 0,
) -> ModelComparison:
    """Compare two models; the order of the rows makes no difference.

    Args:
        actual: (rows,) numbers of the true classes, -1 for a label that neither model knows.
        champion: predictions of the model in use.
        challenger: those of the model that may replace it, for the same rows in the same order.
        names: of all classes, those of either model.
        seed: of the resamples.

    Raises:
        DataError: the arrays have different numbers of rows.
    """
    models = (champion, challenger)
    if any(len(model.predicted) != len(actual) for model in models):
        raise DataError(
            f"Compare two models on the same rows: expected {len(actual):,} predictions of each, "
            f"received {len(champion.predicted):,} and {len(challenger.predicted):,}."
        )
    correct = [model.predicted == actual for model in models]
    paired = compare_paired(correct[0], correct[1])
    confusions = [confusion_matrix(actual, model.predicted, classes=len(names)) for model in models]
    f1 = [
        _mean([entry.f1 for entry in class_metrics(confusion, names) if entry.support])
        for confusion in confusions
    ]
    errors = [
        calibration(model.confidence, hits).error
        for model, hits in zip(models, correct, strict=True)
    ]
    changes = _changes_of_classes(actual, correct, classes=len(names))
    resamples = resample(actual, models, classes=len(names), seed=seed)
    classes = _compare_classes(confusions, changes, resamples.precision, names)
    return ModelComparison(
        paired=paired,
        accuracy=MetricComparison(
            _share(int(np.count_nonzero(correct[0])), paired.rows),
            _share(int(np.count_nonzero(correct[1])), paired.rows),
            paired_difference(paired.fixed, paired.broken, paired.rows),
        ),
        balanced_accuracy=_balanced_accuracy(classes, changes),
        macro_f1=_bootstrapped(f1, resamples.macro_f1),
        calibration_error=_compare_errors(errors, resamples.calibration_error),
        log_loss=_compare_losses(actual, models, resamples.log_loss),
        classes=classes,
    )


def _changes_of_classes(
    actual: NDArray[np.intp], correct: Sequence[NDArray[np.bool_]], *, classes: int
) -> list[tuple[int, int]]:
    """Return for each class the number of its rows that are fixed, and that are broken."""
    known, first, second = actual >= 0, *correct
    fixed = np.bincount(actual[known & second & ~first], minlength=classes)
    broken = np.bincount(actual[known & first & ~second], minlength=classes)
    return list(zip(fixed.tolist(), broken.tolist(), strict=True))


def _compare_classes(
    confusions: Sequence[NDArray[np.int64]],
    changes: Sequence[tuple[int, int]],
    precisions: NDArray[np.float64],
    names: Sequence[str],
) -> tuple[ClassMetricComparison, ...]:
    """Compare precision and recall of each class.

    Args:
        confusions: (classes + 1, classes) counts of both models.
        changes: fixed and broken rows of each class.
        precisions: (resamples, classes, 2).
        names: of the classes.
    """
    entries = []
    for number, (name, (fixed, broken)) in enumerate(zip(names, changes, strict=True)):
        hits = [int(confusion[number, number]) for confusion in confusions]
        predicted = [int(confusion[:, number].sum()) for confusion in confusions]
        support = int(confusions[0][number].sum())
        first, second = map(_share, hits, predicted)
        low, high = _percentiles(precisions[:, number, 1] - precisions[:, number, 0])
        entries.append(
            ClassMetricComparison(
                name=name,
                support=support,
                precision=MetricComparison(
                    first, second, Estimate(second.value - first.value, low, high)
                ),
                recall=MetricComparison(
                    _share(hits[0], support),
                    _share(hits[1], support),
                    paired_difference(fixed, broken, support),
                ),
            )
        )
    return tuple(entries)


def _balanced_accuracy(
    classes: Sequence[ClassMetricComparison], changes: Sequence[tuple[int, int]]
) -> MetricComparison:
    """Compare the mean recall of the classes that have rows."""
    recalls = [
        (
            entry.recall.champion,
            entry.recall.challenger,
            score_difference(fixed, broken, entry.support),
        )
        for entry, (fixed, broken) in zip(classes, changes, strict=True)
        if entry.support
    ]
    if not recalls:
        return MetricComparison(_share(0, 0), _share(0, 0), score_difference(0, 0, 0))
    return MetricComparison(*map(mean_of_independent, zip(*recalls, strict=True)))


def _compare_losses(
    actual: NDArray[np.intp], models: Models, resampled: NDArray[np.float64]
) -> MetricComparison | None:
    """Compare the mean cross-entropy over the rows with a known label."""
    rows = int(np.count_nonzero(actual >= 0))
    losses = [
        cross_entropy(model.probabilities, actual) / max(1, rows)
        for model in models
        if model.probabilities is not None
    ]
    return _bootstrapped(losses, resampled) if len(losses) == len(models) else None


def _bootstrapped(values: Sequence[float], resampled: NDArray[np.float64]) -> MetricComparison:
    """Return a metric of both models with the percentile intervals of its (resamples, 2)."""
    first, second = values
    return MetricComparison(
        Estimate(first, *_percentiles(resampled[:, 0])),
        Estimate(second, *_percentiles(resampled[:, 1])),
        Estimate(second - first, *_percentiles(resampled[:, 1] - resampled[:, 0])),
    )


def _compare_errors(values: Sequence[float], resampled: NDArray[np.float64]) -> MetricComparison:
    """Compare the calibration errors, with the basic intervals of the (resamples, 2).

    A resample's error is too large, as the measured one is, by the noise of each bin's accuracy:
    percentiles are above the true error of a model that is well calibrated. The basic interval
    (Davison and Hinkley, "Bootstrap methods and their application", 1997, section 5.2) takes the
    resamples' distance from the measured error off it.
    """
    first, second = values
    return MetricComparison(
        _basic(first, resampled[:, 0], least=0.0),
        _basic(second, resampled[:, 1], least=0.0),
        _basic(second - first, resampled[:, 1] - resampled[:, 0], least=-1.0),
    )


def _basic(value: float, resampled: NDArray[np.float64], *, least: float) -> Estimate:
    """Return a metric with its basic interval, `least` to 1, which holds the metric itself."""
    low, high = _percentiles(resampled)
    return Estimate(
        value, max(least, min(value, 2 * value - high)), min(1.0, max(value, 2 * value - low))
    )


def _percentiles(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the ends of the percentile interval of a resampled metric."""
    low, high = np.quantile(values, _QUANTILES).tolist()
    return low, high


def _share(hits: int, rows: int) -> Estimate:
    """Return a share with Wilson's interval; 0 without rows."""
    interval = wilson_interval(hits, rows)
    return Estimate(hits / rows if rows else 0.0, interval.low, interval.high)


def _mean(values: Sequence[float]) -> float:
    """Return the mean, 0 of nothing."""
    return sum(values) / len(values) if values else 0.0
