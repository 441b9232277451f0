"""The metrics of two models in each resample of their rows.

All of them are functions of a few sums: the rows, the hits and the predictions of each class, how
far confidence and hits are apart in each bin of the calibration, and the loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iris_core.evaluation.bootstrap import RESAMPLES, Units, deal_units, resampled_sums
from iris_core.evaluation.calibration import BINS, bin_numbers
from iris_core.evaluation.metrics import row_losses
from iris_core.evaluation.predictions import Predictions

Models = tuple[Predictions, Predictions]

_HITS, _VALID, _LOSS, _GAPS, _PREDICTED = 0, 1, 2, 3, 3 + BINS
"""The columns of a model; those of the gaps and of the predictions are as many as bins, classes."""


@dataclass(frozen=True, slots=True, eq=False)
class Resamples:
    """Metrics of two models, the last axis, in each resample.

    Attributes:
        macro_f1: (resamples, 2).
        precision: (resamples, classes, 2).
        calibration_error: (resamples, 2).
        log_loss: (resamples, 2); 0 without the probabilities of all classes.
    """

    macro_f1: NDArray[np.float64]
    precision: NDArray[np.float64]
    calibration_error: NDArray[np.float64]
    log_loss: NDArray[np.float64]


def resample(actual: NDArray[np.intp], models: Models, *, classes: int, seed: int) -> Resamples:
    """Return the metrics of two models in each resample of the rows.

    Each draw is applied twice: to the rows in the order of the first model's predictions, and of
    the second's. So exchanging the models exchanges their metrics, and nothing else.

    Args:
        actual: (rows,) numbers of the true classes, -1 for a label that neither model knows.
        models: predictions of both.
        classes: number of classes.
        seed: of the random numbers.
    """
    losses = [
        np.zeros(len(actual))
        if model.probabilities is None
        else row_losses(model.probabilities, actual)
        for model in models
    ]
    first, second = (
        (loss, model.confidence, model.predicted)
        for model, loss in zip(models, losses, strict=True)
    )
    orders = [
        deal_units(actual, keys, seed=seed) for keys in ((*second, *first), (*first, *second))
    ]
    tables = [_table(units, actual, models, losses, classes=classes) for units in orders]
    total = np.zeros((2 * RESAMPLES, tables[0].shape[1]))
    rows = np.zeros((len(total), classes))
    hits = np.zeros((len(total), classes, 2))
    sums_of_classes = resampled_sums(orders[0].sizes, tables, seed=seed)
    for number, sums in zip(np.unique(actual).tolist(), sums_of_classes, strict=True):
        total += sums
        if number >= 0:
            rows[:, number] = sums[:, 0]
            hits[:, number] = sums[:, 1:].reshape(len(sums), 2, -1)[:, :, _HITS]
    return _metrics(total[:, 1:].reshape(len(total), 2, -1), rows[:, :, None], hits)


def _table(
    units: Units,
    actual: NDArray[np.intp],
    models: Models,
    losses: Sequence[NDArray[np.float64]],
    *,
    classes: int,
) -> NDArray[np.float64]:
    """Return what is summed of each unit: its number of rows, and each model's columns."""
    ones, first = np.ones(len(actual)), np.zeros(len(actual), dtype=np.intp)
    parts = [units.sums(first, ones, width=1)]
    for model, loss in zip(models, losses, strict=True):
        hits = (model.predicted == actual).astype(np.float64)
        valid = ~np.isnan(model.confidence)
        confidence = np.where(valid, model.confidence, 0.0)
        gaps = np.where(valid, confidence - hits, 0.0)
        parts += [
            units.sums(first, hits, width=1),
            units.sums(first, valid.astype(np.float64), width=1),
            units.sums(first, loss, width=1),
            units.sums(bin_numbers(confidence), gaps, width=BINS),
            units.sums(model.predicted, ones, width=classes),
        ]
    return np.hstack(parts)


def _metrics(
    sums: NDArray[np.float64], rows: NDArray[np.float64], hits: NDArray[np.float64]
) -> Resamples:
    """Return the metrics in each resample.

    Args:
        sums: (resamples, 2, columns) of both models, over all rows.
        rows: (resamples, classes, 1) number of rows of each class.
        hits: (resamples, classes, 2) number of those that each model predicts correctly.
    """
    predicted = sums[:, :, _PREDICTED:].transpose(0, 2, 1)
    with_rows = rows > 0
    f1 = np.where(with_rows, 2 * hits / np.maximum(1, predicted + rows), 0.0)
    gaps = np.abs(sums[:, :, _GAPS:_PREDICTED]).sum(axis=2)
    return Resamples(
        macro_f1=f1.sum(axis=1) / np.maximum(1, with_rows.sum(axis=1)),
        precision=hits / np.maximum(1, predicted),
        calibration_error=gaps / np.maximum(1, sums[:, :, _VALID]),
        log_loss=sums[:, :, _LOSS] / np.maximum(1, rows.sum(axis=1)),
    )
