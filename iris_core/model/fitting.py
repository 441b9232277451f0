"""Fit a network to rows: many steps to one compiled call, which is what makes it fast.

Keras' own `fit` spends most of the time of a small network between its steps. Here a whole epoch
is one call, or a few, so that progress and a wish to cancel are looked at often enough.

Compiling takes longer than a small training itself, so the calls are kept, on a network of their
own, for the next training of the same kind. One training at a time may use them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iris_core.cancellation import IsCancelled
from iris_core.errors import Cancelled, OptionError
from iris_core.model.backend import keras, tensorflow
from iris_core.model.models import Epoch, build
from iris_core.model.options import ModelSpec, TrainOptions

OnEpoch = Callable[[Epoch], None]

_STEPS_A_CALL = 256
# A larger network than this is not kept: with its optimiser it would hold tens of megabytes.
_KEPT_PARAMETERS = 1_000_000
_UNWATCHED = (None, None)


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
        network: as `build` makes it of the spec; it is left as it is if an error is raised.
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
    inputs, classes = network.input_shape[1], network.output_shape[1]
    steps = _compiled_steps(spec, inputs, classes, options.batch_size)
    if network.count_params() > _KEPT_PARAMETERS:
        _compiled_steps.cache_clear()
    steps.begin(network)
    rows, watched = _tensors(examples), _tensors(held_back) if held_back is not None else None
    rng = np.random.default_rng(options.seed)
    history: list[Epoch] = []
    best_number, best_loss, best_weights = 0, math.inf, None
    for number in range(1, options.epochs + 1):
        order = rng.permutation(len(examples.classes)).astype(np.int32)
        sums = np.zeros(2)
        for start in range(0, len(order), _STEPS_A_CALL * options.batch_size):
            if cancelled is not None and cancelled():
                raise Cancelled(f"Training was cancelled in epoch {number} of {options.epochs}.")
            part = order[start : start + _STEPS_A_CALL * options.batch_size]
            sums += steps.run(tensorflow().constant(part), *rows).numpy()
        loss, accuracy = (sums / len(order)).tolist()
        val_loss, val_accuracy = steps.assess(*watched).numpy().tolist() if watched else _UNWATCHED
        _check_loss(loss if val_loss is None else loss + val_loss, number, spec)
        history.append(Epoch(number, options.epochs, loss, accuracy, val_loss, val_accuracy))
        if on_epoch is not None:
            on_epoch(history[-1])
        if options.patience is not None and val_loss is not None:
            if val_loss < best_loss:
                best_number, best_loss = number, val_loss
                best_weights = steps.network.get_weights()
            elif number - best_number >= options.patience:
                break
    if watched is None:
        # Each row was judged before its step: nobody has seen what the last steps led to.
        _check_loss(steps.assess(*rows).numpy().tolist()[0], len(history), spec)
    network.set_weights(best_weights or steps.network.get_weights())
    return tuple(history)


def _check_loss(loss: float, number: int, spec: ModelSpec) -> None:
    """Raise `OptionError` if the weights have left the range of numbers."""
    if not math.isfinite(loss):
        raise OptionError(
            f"learning_rate: expected one at which the loss stays a number, received "
            f"{spec.learning_rate}, and in epoch {number} the loss was {loss}. Lower it."
        )


def _tensors(examples: Examples) -> tuple[Any, Any]:
    """Return the matrix and the classes as the compiled calls take them."""
    tf = tensorflow()
    return tf.constant(examples.matrix), tf.constant(examples.classes, tf.int32)


@dataclass(frozen=True, eq=False)
class _Steps:
    """The compiled calls of one kind of training, and what they change.

    Attributes:
        network: whose weights they change.
        optimiser: with its moments.
        fresh: the optimiser's variables as they are before the first step.
        run: takes row numbers, matrix and classes, and does a step for each batch of them;
            returns the sum of the rows' losses and the number of rows that were right, each as
            the row was met.
        assess: takes matrix and classes; returns the mean loss and the accuracy.
    """

    network: Any
    optimiser: Any
    fresh: Sequence[Any]
    run: Callable[..., Any]
    assess: Callable[..., Any]

    def begin(self, network: Any) -> None:
        """Start anew, with the weights and random seeds of a network of the same kind."""
        for own, value in zip(self.optimiser.variables, self.fresh, strict=True):
            own.assign(value)
        for own, given in zip(self.network.variables, network.variables, strict=True):
            own.assign(given)


@lru_cache(maxsize=1)
def _compiled_steps(spec: ModelSpec, inputs: int, classes: int, batch_size: int) -> _Steps:
    """Compile the calls for networks of a spec, with so many inputs and classes."""
    tf, network = tensorflow(), build(spec, inputs=inputs, classes=classes)
    weights = network.trainable_variables
    optimiser = keras().optimizers.get(spec.optimiser)
    optimiser.build(weights)
    # Without the last layer: a loss from logits cannot overflow.
    logits = keras().Model(network.inputs, network.get_layer("logits").output)

    def run(order: Any, matrix: Any, truth: Any) -> Any:
        def step(start: Any, sums: Any) -> Any:
            rows = order[start : start + batch_size]
            with tf.GradientTape() as tape:
                outputs = logits(tf.gather(matrix, rows), training=True)
                losses, right = _judge(tf, outputs, tf.gather(truth, rows))
                loss = tf.reduce_mean(losses)
            # Not `optimiser.apply`: by its way through tf.distribute every graph ever traced stays
            # in memory, some megabytes a training, and tracing takes longer.
            for gradient, weight in zip(tape.gradient(loss, weights), weights, strict=True):
                optimiser.update_step(gradient, weight, spec.learning_rate)
            optimiser.iterations.assign_add(1)
            sums += tf.stack([tf.reduce_sum(losses), tf.reduce_sum(right)])
            return start + batch_size, sums

        end = tf.size(order)
        return tf.while_loop(lambda start, _: start < end, step, (0, tf.zeros(2)))[1]

    def assess(matrix: Any, truth: Any) -> Any:
        losses, right = _judge(tf, logits(matrix, training=False), truth)
        return tf.stack([tf.reduce_mean(losses), tf.reduce_mean(right)])

    numbers = tf.TensorSpec([None], tf.int32)
    rows = tf.TensorSpec([None, inputs], tf.float32)
    return _Steps(
        network,
        optimiser,
        [variable.numpy() for variable in optimiser.variables],
        # Not by AutoGraph: to rewrite the sources takes a sixth of a first training.
        tf.function(run, autograph=False).get_concrete_function(numbers, rows, numbers),
        tf.function(assess, autograph=False).get_concrete_function(rows, numbers),
    )


def _judge(tf: Any, outputs: Any, truth: Any) -> tuple[Any, Any]:
    """Return each row's cross-entropy, and 1 where it is right, else 0."""
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=truth, logits=outputs)
    return losses, tf.cast(tf.argmax(outputs, axis=1, output_type=tf.int32) == truth, tf.float32)
