"""Fit a network to rows: many steps to one compiled call, which is what makes it fast.

Keras' own `fit` spends most of the time of a small network between its steps. Here a whole epoch
is one call, or a few, so that progress and a wish to cancel are looked at often enough.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iris_core.backend import keras, tensorflow
from iris_core.errors import Cancelled, OptionError
from iris_core.models import Epoch
from iris_core.options import ModelSpec, TrainOptions

OnEpoch = Callable[[Epoch], None]
IsCancelled = Callable[[], bool]

_STEPS_A_CALL = 256


@dataclass(frozen=True, slots=True)
class Examples:
    """Rows with their classes: `matrix` (rows, width) float32, `classes` (rows,) from 0."""

    matrix: NDArray[np.float32]
    classes: NDArray[np.intp]


def fit(
    network: Any,
    examples: Examples,
    *,
    held_back: Examples | None,
    spec: ModelSpec,
    options: TrainOptions,
    on_epoch: OnEpoch | None = None,
    cancelled: IsCancelled | None = None,
) -> tuple[Epoch, ...]:
    """Change the network's weights until it fits the examples, and return the epochs.

    Args:
        network: as `build` makes it.
        examples: rows to fit.
        held_back: rows to watch the fit by; `options.patience` needs them.
        spec: its optimiser and learning rate are used.
        options: epochs, batch size, patience, and the seed of the order of rows.
        on_epoch: called after each epoch.
        cancelled: asked every few hundred steps.

    Raises:
        Cancelled: `cancelled` said so.
        OptionError: the loss is no number any more.
    """
    run_steps = _compile_steps(network, examples, spec, options.batch_size)
    assess = _compile_assessment(network, held_back) if held_back is not None else None
    rng = np.random.default_rng(options.seed)
    history: list[Epoch] = []
    best_number, best_loss, best_weights = 0, math.inf, None
    for number in range(1, options.epochs + 1):
        order = rng.permutation(len(examples.classes)).astype(np.int32)
        sums = np.zeros(2)
        for start in range(0, len(order), _STEPS_A_CALL * options.batch_size):
            if cancelled is not None and cancelled():
                raise Cancelled(f"Training was cancelled in epoch {number} of {options.epochs}.")
            sums += run_steps(order[start : start + _STEPS_A_CALL * options.batch_size])
        loss, accuracy = (sums / len(order)).tolist()
        val_loss, val_accuracy = assess() if assess is not None else (None, None)
        _check_loss(loss if val_loss is None else loss + val_loss, number, spec)
        history.append(Epoch(number, options.epochs, loss, accuracy, val_loss, val_accuracy))
        if on_epoch is not None:
            on_epoch(history[-1])
        if options.patience is not None and val_loss is not None:
            if val_loss < best_loss:
                best_number, best_loss, best_weights = number, val_loss, network.get_weights()
            elif number - best_number >= options.patience:
                break
    if held_back is None:
        # Each row was judged before its step: nobody has seen what the last steps led to.
        _check_loss(_compile_assessment(network, examples)()[0], len(history), spec)
    if best_weights is not None:
        network.set_weights(best_weights)
    return tuple(history)


def _check_loss(loss: float, number: int, spec: ModelSpec) -> None:
    """Raise `OptionError` if the weights have left the range of numbers."""
    if not math.isfinite(loss):
        raise OptionError(
            f"learning_rate: expected one at which the loss stays a number, received "
            f"{spec.learning_rate}, and in epoch {number} the loss was {loss}. Lower it."
        )


def _compile_steps(
    network: Any, examples: Examples, spec: ModelSpec, batch_size: int
) -> Callable[[NDArray[np.int32]], NDArray[np.float32]]:
    """Return a call that takes a step for each batch of the rows it is given.

    It returns the sum of the rows' losses and the number of rows that were right, each as the
    row was met.
    """
    tf, weights = tensorflow(), network.trainable_variables
    optimiser = keras().optimizers.get(spec.optimiser)
    optimiser.build(weights)
    logits = _logits(network)
    matrix, classes = tf.constant(examples.matrix), tf.constant(examples.classes, tf.int32)

    def run_steps(order: Any) -> Any:
        sums = tf.zeros(2)
        for start in tf.range(0, tf.size(order), batch_size):
            rows = order[start : start + batch_size]
            truth = tf.gather(classes, rows)
            with tf.GradientTape() as tape:
                outputs = logits(tf.gather(matrix, rows), training=True)
                losses, right = _judge(tf, outputs, truth)
                loss = tf.reduce_mean(losses)
            # Not `optimiser.apply`: by its way through tf.distribute every graph ever traced stays
            # in memory, some megabytes a training, and tracing takes longer.
            for gradient, weight in zip(tape.gradient(loss, weights), weights, strict=True):
                optimiser.update_step(gradient, weight, spec.learning_rate)
            optimiser.iterations.assign_add(1)
            sums += tf.stack([tf.reduce_sum(losses), tf.reduce_sum(right)])
        return sums

    compiled = tf.function(run_steps).get_concrete_function(tf.TensorSpec([None], tf.int32))
    return lambda order: compiled(tf.constant(order)).numpy()


def _compile_assessment(network: Any, examples: Examples) -> Callable[[], list[float]]:
    """Return a call that gives the mean loss and the accuracy of the examples."""
    tf = tensorflow()
    logits = _logits(network)
    matrix, classes = tf.constant(examples.matrix), tf.constant(examples.classes, tf.int32)

    def assess() -> Any:
        losses, right = _judge(tf, logits(matrix, training=False), classes)
        return tf.stack([tf.reduce_mean(losses), tf.reduce_mean(right)])

    compiled = tf.function(assess).get_concrete_function()
    return lambda: list(compiled().numpy().tolist())


def _logits(network: Any) -> Any:
    """Return the network without its last layer; a loss from logits cannot overflow."""
    return keras().Model(network.inputs, network.get_layer("logits").output)


def _judge(tf: Any, outputs: Any, truth: Any) -> tuple[Any, Any]:
    """Return each row's cross-entropy, and 1 where it is right, else 0."""
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=truth, logits=outputs)
    return losses, tf.cast(tf.argmax(outputs, axis=1, output_type=tf.int32) == truth, tf.float32)
