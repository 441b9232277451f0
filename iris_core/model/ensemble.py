"""Fit an ensemble: all members in one compiled step, each ignoring its own fold of the rows.

The members are stacked: what is a matrix in a single network is one with an axis of members here.
The row that no member but its own leaves out trains all the others, and is predicted by that one:
so every row has a prediction by a network that never saw it, and the mean loss of those
predictions stops the training.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iris_core.cancellation import IsCancelled
from iris_core.model.backend import tensorflow
from iris_core.model.encoding import bin_centres
from iris_core.model.ensemble_steps import Steps, compiled_steps
from iris_core.model.fitting import (
    MAX_CACHED_PARAMETERS,
    Examples,
    OnEpoch,
    check_cancelled,
    check_loss,
)
from iris_core.model.models import Epoch
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.schema import Schema

_AVERAGING = 0.7
"""What an epoch leaves of the averaged weights; they are those that predict."""
_STEPS_A_CALL = 128
_ROWS_A_CALL = 2_048
"""Of each fold, when the rows are predicted: it bounds the memory."""
_SMALLEST = 1e-7
"""Below it a probability counts as this one, so that no loss is infinite."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What came of fitting an ensemble.

    Attributes:
        history: its epochs; validation is out of fold.
        out_of_fold: (rows, classes) float32, of each row the probabilities by the member that
            ignored it, with the weights that the network has now.
    """

    history: tuple[Epoch, ...]
    out_of_fold: NDArray[np.float32]


def fit_ensemble(
    network: Any,
    schema: Schema,
    examples: Examples,
    folds: NDArray[np.intp],
    *,
    spec: ModelSpec,
    options: TrainOptions,
    on_epoch: OnEpoch | None = None,
    cancelled: IsCancelled | None = None,
) -> Fitted:
    """Change the network's weights until its members fit the rows outside of their folds.

    Args:
        network: as `build` makes it from the spec; unchanged if an error is raised.
        schema: of the encoded rows.
        examples: the rows.
        folds: (rows,) number of the member that ignores each.
        spec: the network, its optimiser and learning rate.
        options: epochs, batch size, patience, and the seed of the order of rows and the dropout.
        on_epoch: called after each epoch.
        cancelled: asked every hundred steps, so at least once an epoch, and after the last epoch.

    Raises:
        Cancelled: `cancelled` returned True.
        OptionError: the loss is not a finite number any more.
    """
    batch = options.batch_rows(len(folds))
    steps = compiled_steps(spec, schema.layout, len(schema.classes), batch)
    if network.count_params() > MAX_CACHED_PARAMETERS:
        compiled_steps.cache_clear()
    steps.begin(network, bin_centres(schema), options.seed)
    tf = tensorflow()
    row_weights = examples.weights
    if row_weights is None:
        row_weights = np.ones(len(folds), np.float32)
    rows = tf.constant(examples.matrix), tf.constant(examples.classes, tf.int32)
    of_rows = tf.constant(folds, tf.int32), tf.constant(row_weights)
    rng = np.random.default_rng(options.seed)
    history: list[Epoch] = []
    best = _Best(0, math.inf, (), np.empty((0, 0), np.float32))
    for number in range(1, options.epochs + 1):
        order = rng.permutation(len(folds)).astype(np.int32)
        sums = np.zeros(3)
        for start in range(0, len(order), _STEPS_A_CALL * batch):
            check_cancelled(cancelled, f"in epoch {number} of {options.epochs}")
            part = tf.constant(order[start : start + _STEPS_A_CALL * batch])
            sums += steps.run(part, *rows, *of_rows).numpy()
        steps.average(tf.constant(min(_AVERAGING, (number - 1) / number), tf.float32))
        probabilities = _predict_out_of_fold(steps, rows[0], folds)
        of_label = probabilities[np.arange(len(folds)), examples.classes]
        losses = -np.log(np.maximum(of_label, _SMALLEST)) * row_weights
        val_loss = float(losses.mean(dtype=np.float64))
        val_accuracy = float((probabilities.argmax(axis=1) == examples.classes).mean())
        loss, accuracy = (sums[:2] / max(sums[2], 1.0)).tolist()
        check_loss(loss + val_loss, number, spec)
        history.append(Epoch(number, options.epochs, loss, accuracy, val_loss, val_accuracy))
        if on_epoch is not None:
            on_epoch(history[-1])
        if val_loss < best.loss or options.patience is None:
            best = _Best(number, val_loss, steps.averaged_weights(), probabilities)
        elif number - best.number >= options.patience:
            break
    check_cancelled(cancelled, "after its last epoch")
    network.set_weights(best.weights)
    return Fitted(tuple(history), best.probabilities)


@dataclass(frozen=True, slots=True)
class _Best:
    """The epoch whose weights are kept so far."""

    number: int
    loss: float
    weights: Sequence[NDArray[np.float32]]
    probabilities: NDArray[np.float32]


def _predict_out_of_fold(steps: Steps, matrix: Any, folds: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return (rows, classes) the probabilities of each row by the member that ignores it."""
    members, classes = steps.weights[2 * (len(steps.weights) // 2) - 1].shape
    result = np.empty((len(folds), classes), np.float32)
    by_fold = [np.flatnonzero(folds == member) for member in range(members)]
    for start in range(0, max(map(len, by_fold)), _ROWS_A_CALL):
        parts = [rows[start : start + _ROWS_A_CALL] for rows in by_fold]
        # Folds are of different sizes: what is lacking is row 0, whose result is not used.
        padded = np.zeros((members, max(map(len, parts))), np.int32)
        for member, rows in enumerate(parts):
            padded[member, : len(rows)] = rows
        outputs = steps.predict(matrix, tensorflow().constant(padded)).numpy()
        for member, rows in enumerate(parts):
            result[rows] = outputs[member, : len(rows)]
    return result
