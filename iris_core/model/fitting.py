"""Fit a network to rows: many steps in one compiled call, which is what makes it fast.

With a small network Keras' own `fit` spends most of its time between the steps. Here a whole epoch
is one call, or a few, so that progress is reported and a cancellation noticed often enough.

Compiling takes longer than a small training itself, so the calls are cached, on a network of their
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
# A larger network is not cached: with its optimiser it would hold tens of megabytes.
MAX_CACHED_PARAMETERS = 1_000_000
_NO_VALIDATION = (None, None)


@dataclass(frozen=True, slots=True)
class Examples:
    """Encoded rows with their classes.

    Attributes:
        matrix: (rows, width) float32.
        classes: (rows,) class numbers, from 0.
        weights: (rows,) how much each row counts in the loss, 1 on average; None if all count 1.
    """

    matrix: NDArray[np.float32]
    classes: NDArray[np.intp]
    weights: NDArray[np.float32] | None = None


def fit(
    network: Any,
    examples: Examples,
    *,
    validation: Examples | None,
    spec: ModelSpec,
    options: TrainOptions,
    on_epoch: OnEpoch | None = None,
    cancelled: IsCancelled | None = None,
) -> tuple[Epoch, ...]:
    """Change the network's weights until it fits the examples, and return the epochs.

    Args:
        network: as `build` makes it from the spec; unchanged if an error is raised.
        examples: rows to fit.
        validation: rows to measure each epoch on; `options.patience` needs them.
        spec: its optimiser and learning rate are used.
        options: epochs, batch size, patience, and the seed of the order of rows.
        on_epoch: called after each epoch.
        cancelled: asked every few hundred steps, so at least once an epoch, and after the last
            epoch.

    Returns:
        One entry for each epoch that was run.

    Raises:
        Cancelled: `cancelled` returned True.
        OptionError: the loss is not a finite number any more.
    """
    inputs, classes = network.input_shape[1], network.output_shape[1]
    batch = options.batch_rows(len(examples.classes))
    steps = _compiled_steps(spec, inputs, classes, batch)
    if network.count_params() > MAX_CACHED_PARAMETERS:
        _compiled_steps.cache_clear()
    steps.begin(network)
    rows = _tensors(examples)
    validation_rows = _tensors(validation) if validation is not None else None
    rng = np.random.default_rng(options.seed)
    history: list[Epoch] = []
    best_number, best_loss, best_weights = 0, math.inf, None
    for number in range(1, options.epochs + 1):
        order = rng.permutation(len(examples.classes)).astype(np.int32)
        sums = np.zeros(2)
        for start in range(0, len(order), _STEPS_A_CALL * batch):
            check_cancelled(cancelled, f"in epoch {number} of {options.epochs}")
            part = order[start : start + _STEPS_A_CALL * batch]
            sums += steps.run(tensorflow().constant(part), *rows).numpy()
        loss, accuracy = (sums / len(order)).tolist()
        val_loss, val_accuracy = (
            steps.evaluate(*validation_rows).numpy().tolist() if validation_rows else _NO_VALIDATION
        )
        check_loss(loss if val_loss is None else loss + val_loss, number, spec)
        history.append(Epoch(number, options.epochs, loss, accuracy, val_loss, val_accuracy))
        if on_epoch is not None:
            on_epoch(history[-1])
        if options.patience is not None and val_loss is not None:
            if val_loss < best_loss:
                best_number, best_loss = number, val_loss
                best_weights = steps.network.get_weights()
            elif number - best_number >= options.patience:
                break
    if validation_rows is None:
        # The loss of each row is from before its step: that of the last weights is not known yet.
        check_loss(steps.evaluate(*rows).numpy().tolist()[0], len(history), spec)
    check_cancelled(cancelled, "after its last epoch")
    network.set_weights(best_weights or steps.network.get_weights())
    return tuple(history)


def check_cancelled(cancelled: IsCancelled | None, when: str) -> None:
    """Raise `Cancelled` if the training is to stop."""
    if cancelled is not None and cancelled():
        raise Cancelled(f"Training was cancelled {when}.")


def check_loss(loss: float, number: int, spec: ModelSpec) -> None:
    """Raise `OptionError` if the loss is not finite any more."""
    if not math.isfinite(loss):
        raise OptionError(
            f"learning_rate: expected one at which the loss stays a number, received "
            f"{spec.learning_rate}, and in epoch {number} the loss was {loss}. Lower it."
        )


def _tensors(examples: Examples) -> tuple[Any, Any, Any]:
    """Return matrix, classes and weights as the compiled calls take them."""
    tf, weights = tensorflow(), examples.weights
    if weights is None:
        weights = np.ones(len(examples.classes), dtype=np.float32)
    return tf.constant(examples.matrix), tf.constant(examples.classes, tf.int32), weights


@dataclass(frozen=True, eq=False)
class _Steps:
    """The compiled calls of one kind of training, and the state that they change.

    Attributes:
        network: the network whose weights they change.
        optimiser: the optimiser, with its moments.
        initial: values of the optimiser's variables before the first step.
        run: takes row numbers, matrix, classes and weights, and does a step for each batch of
            them; returns the sum of the rows' weighted losses and the number of correctly
            predicted rows, each from just before the row's step.
        evaluate: takes matrix, classes and weights; returns the mean weighted loss and the
            accuracy.
    """

    network: Any
    optimiser: Any
    initial: Sequence[Any]
    run: Callable[..., Any]
    evaluate: Callable[..., Any]

    def begin(self, network: Any) -> None:
        """Reset the state, with the weights and random seeds of a network of the same kind."""
        for variable, value in zip(self.optimiser.variables, self.initial, strict=True):
            variable.assign(value)
        for variable, value in zip(self.network.variables, network.variables, strict=True):
            variable.assign(value)


@lru_cache(maxsize=1)
def _compiled_steps(spec: ModelSpec, inputs: int, classes: int, batch_size: int) -> _Steps:
    """Compile the calls for networks of a spec with that many inputs and classes."""
    tf, network = tensorflow(), build(spec, inputs=inputs, classes=classes)
    weights = network.trainable_variables
    optimiser = keras().optimizers.get(spec.optimiser)
    optimiser.build(weights)
    # Without the last layer: a loss from logits cannot overflow.
    logits = keras().Model(network.inputs, network.get_layer("logits").output)

    def run(order: Any, matrix: Any, labels: Any, row_weights: Any) -> Any:
        def step(start: Any, sums: Any) -> Any:
            rows = order[start : start + batch_size]
            with tf.GradientTape() as tape:
                outputs = logits(tf.gather(matrix, rows), training=True)
                losses, correct = _evaluate(
                    tf, outputs, tf.gather(labels, rows), tf.gather(row_weights, rows)
                )
                loss = tf.reduce_mean(losses)
            # Not `optimiser.apply`: by its way through tf.distribute every graph ever traced stays
            # in memory, some megabytes a training, and tracing takes longer.
            for gradient, weight in zip(tape.gradient(loss, weights), weights, strict=True):
                optimiser.update_step(gradient, weight, spec.learning_rate)
            optimiser.iterations.assign_add(1)
            sums += tf.stack([tf.reduce_sum(losses), tf.reduce_sum(correct)])
            return start + batch_size, sums

        end = tf.size(order)
        return tf.while_loop(lambda start, _: start < end, step, (0, tf.zeros(2)))[1]

    def evaluate(matrix: Any, labels: Any, row_weights: Any) -> Any:
        losses, correct = _evaluate(tf, logits(matrix, training=False), labels, row_weights)
        return tf.stack([tf.reduce_mean(losses), tf.reduce_mean(correct)])

    numbers = tf.TensorSpec([None], tf.int32)
    rows, shares = tf.TensorSpec([None, inputs], tf.float32), tf.TensorSpec([None], tf.float32)
    return _Steps(
        network,
        optimiser,
        [variable.numpy() for variable in optimiser.variables],
        # Not by AutoGraph: to rewrite the sources takes a sixth of a first training.
        tf.function(run, autograph=False).get_concrete_function(numbers, rows, numbers, shares),
        tf.function(evaluate, autograph=False).get_concrete_function(rows, numbers, shares),
    )


def _evaluate(tf: Any, outputs: Any, labels: Any, weights: Any) -> tuple[Any, Any]:
    """Return each row's weighted cross-entropy in nats, and 1 where it is predicted correctly."""
    predicted = tf.argmax(outputs, axis=1, output_type=tf.int32)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=outputs)
    return losses * weights, tf.cast(predicted == labels, tf.float32)
