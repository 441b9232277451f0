"""The compiled calls that fit an ensemble, all members at once.

Written out, not as Keras layers: one product with the kernels of all members side by side takes a
third of the time of the layer's, and TensorFlow's own kernel for the optimiser half of Keras'.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iris_core.model.backend import keras, tensorflow
from iris_core.model.encoding import unfold
from iris_core.model.optimisers import update_of
from iris_core.model.options import ModelSpec
from iris_core.model.schema import Layout

_WARM_UP = 10
"""Steps over which the learning rate rises: the first estimates of Adam are its worst."""
_WITHOUT_BINS = 4
"""One in so many members sees numbers without their bins: on small tables on which a straight line
does best it is ahead, and elsewhere it costs little."""


@dataclass(frozen=True, eq=False)
class Steps:
    """The compiled calls of one kind of ensemble, and the state that they change.

    Attributes:
        weights: kernel and bias of each layer, as those of the network that `build` makes; then the
            kernel of the linear path, if there is one, without what it has for bins.
        averaged: their averages over the epochs.
        moments: of the optimiser, two for each of the weights.
        seen: (inputs, members, 1) 1 where a member sees an input, 0 where not.
        bins: the inputs that are bins.
        centre: mean of each bin's input in training.
        count: number of steps so far.
        seed: of the dropout.
        run: takes row numbers, matrix, classes, folds and weights of the rows, and does a step for
            each batch; returns the sums of losses and of correct predictions, each from just before
            its step, and of how many of both.
        average: takes what is left of the averages, and mixes the weights in.
        predict: takes the matrix and (members, rows) row numbers, and returns the (members, rows,
            classes) probabilities of each member for its own rows.
    """

    weights: Sequence[Any]
    averaged: Sequence[Any]
    moments: Sequence[tuple[Any, ...]]
    seen: NDArray[np.float32]
    bins: slice
    centre: Any
    count: Any
    seed: Any
    run: Callable[..., Any]
    average: Callable[..., Any]
    predict: Callable[..., Any]

    def begin(self, network: Any, centre: NDArray[np.float32], seed: int) -> None:
        """Reset the state, with the weights of a network of the same kind."""
        self.centre.assign(centre)
        values = network.get_weights()
        if len(values) % 2:
            values[-1] = np.delete(values[-1], self.bins, axis=0)
        for variable, value in zip(self.weights, values, strict=True):
            variable.assign(value)
        self.weights[0].assign(self.weights[0] * self.seen)
        for moments in self.moments:
            for moment in moments:
                moment.assign(np.zeros(moment.shape, np.float32))
        self.count.assign(0)
        # Seeds have 32 bits, those of a tensor a sign.
        self.seed.assign(np.uint32(seed).astype(np.int32))

    def averaged_weights(self) -> list[NDArray[np.float32]]:
        """Return the averages, as `network.set_weights` takes them."""
        values = [variable.numpy() for variable in self.averaged]
        if len(values) % 2:
            places = [self.bins.start] * (self.bins.stop - self.bins.start)
            values[-1] = np.insert(values[-1], places, 0, axis=0)
        return values


@lru_cache(maxsize=1)
def compiled_steps(spec: ModelSpec, layout: Layout, classes: int, batch: int) -> Steps:
    """Compile the calls for ensembles of a spec, on rows of a layout, in batches of `batch`."""
    tf = tensorflow()
    shapes = _shapes(spec, [layout.width, *spec.units, classes])
    if spec.has_linear_path:
        shapes.append((layout.plain_width, spec.members, classes))
    weights, averaged = _zeros(shapes), _zeros(shapes)
    moments = [tuple(_zeros([shape] * 2)) for shape in shapes]
    centre = tf.Variable(tf.zeros(sum(layout.bins)))
    count, seed = tf.Variable(0), tf.Variable(0)
    seen = _seen(spec, layout)
    step = _step(spec, layout, weights, moments, seen, (seed, count))

    def run(order: Any, matrix: Any, labels: Any, folds: Any, row_weights: Any) -> Any:
        def one(start: Any, sums: Any) -> Any:
            rows = order[start : start + batch]
            inputs = unfold(layout, tf.gather(matrix, rows), centre)
            sums += step(inputs, *(tf.gather(of, rows) for of in (labels, folds, row_weights)))
            return start + batch, sums

        end = tf.size(order)
        return tf.while_loop(lambda start, _: start < end, one, (0, tf.zeros(3)))[1]

    def average(left: Any) -> None:
        for mean, weight in zip(averaged, weights, strict=True):
            mean.assign(left * mean + (1 - left) * weight)

    def predict(matrix: Any, rows: Any) -> Any:
        flat = unfold(layout, tf.gather(matrix, tf.reshape(rows, [-1])), centre)
        inputs = tf.reshape(flat, (spec.members, -1, layout.width))

        def product(kernel: Any, *, plain: bool) -> Any:
            taken = _without_bins(layout, inputs) if plain else inputs
            return tf.matmul(taken, tf.transpose(kernel, (1, 0, 2)))

        return tf.nn.softmax(_logits(spec, averaged, product))

    matrices = tf.TensorSpec([None, layout.encoded_width], tf.float32)
    numbers = tf.TensorSpec([None], tf.int32)

    def compiled(call: Callable[..., Any], *signature: Any) -> Callable[..., Any]:
        # Not by AutoGraph: to rewrite the sources takes a sixth of a first training.
        function = tf.function(call, autograph=False)
        concrete: Callable[..., Any] = function.get_concrete_function(*signature)
        return concrete

    return Steps(
        weights,
        averaged,
        moments,
        seen,
        _bins(layout),
        centre,
        count,
        seed,
        compiled(run, numbers, matrices, numbers, numbers, tf.TensorSpec([None], tf.float32)),
        compiled(average, tf.TensorSpec([], tf.float32)),
        compiled(predict, matrices, tf.TensorSpec([spec.members, None], tf.int32)),
    )


def _step(
    spec: ModelSpec,
    layout: Layout,
    weights: Sequence[Any],
    moments: Sequence[tuple[Any, ...]],
    seen: NDArray[np.float32],
    state: tuple[Any, Any],
) -> Callable[[Any, Any, Any, Any], Any]:
    """Return what does one step.

    It takes the inputs, classes, folds and weights of a batch, and returns its share of the sums.

    Args:
        spec: the network and its optimiser.
        layout: of the rows.
        weights: as those of `Steps`, and so are the moments and what is seen.
        moments: of the optimiser.
        seen: by each member.
        state: the seed of the dropout and the number of steps.
    """
    tf, members, update = tensorflow(), spec.members, update_of(spec.optimiser)
    count = state[1]

    def step(inputs: Any, truth: Any, folds: Any, row_weights: Any) -> Any:
        # 0 where a member ignores a row.
        mask = tf.cast(tf.range(members)[:, None] != folds, tf.float32)
        with tf.GradientTape() as tape:
            logits = _logits(spec, weights, partial(_product, layout, inputs), dropout=state)
            losses = (
                mask
                * row_weights
                * tf.nn.sparse_softmax_cross_entropy_with_logits(
                    tf.broadcast_to(truth, (members, tf.size(truth))), logits
                )
            )
            fitted = tf.maximum(tf.reduce_sum(mask, axis=1), 1.0)
            loss = tf.reduce_sum(tf.reduce_sum(losses, axis=1) / fitted)
        count.assign_add(1)
        number = tf.cast(count, tf.float32)
        rate = spec.learning_rate * tf.minimum(1.0, number / _WARM_UP)
        gradients = tape.gradient(loss, weights)
        gradients[0] *= seen
        for weight, moment, gradient in zip(weights, moments, gradients, strict=True):
            update(weight, moment, gradient, rate, number)
        correct = mask * tf.cast(tf.argmax(logits, 2, tf.int32) == truth, tf.float32)
        return tf.stack([tf.reduce_sum(part) for part in (losses, correct, mask)])

    return step


def _product(layout: Layout, inputs: Any, kernel: Any, *, plain: bool) -> Any:
    """Return the (members, rows, width) products of rows with all members' kernels side by side.

    Args:
        layout: of the rows.
        inputs: (rows, inputs), the same for all members.
        kernel: (inputs, members, width).
        plain: whether the kernel takes no bins.
    """
    tf, (_, members, width) = tensorflow(), kernel.shape
    taken = _without_bins(layout, inputs) if plain else inputs
    flat = tf.matmul(taken, tf.reshape(kernel, (-1, members * width)))
    return tf.transpose(tf.reshape(flat, (-1, members, width)), (1, 0, 2))


def _without_bins(layout: Layout, inputs: Any) -> Any:
    """Return the inputs, along the last axis, that are no bins."""
    bins = _bins(layout)
    return tensorflow().concat([inputs[..., : bins.start], inputs[..., bins.stop :]], axis=-1)


def _bins(layout: Layout) -> slice:
    """Return which inputs are bins."""
    return slice(layout.numbers, layout.numbers + sum(layout.bins))


def _logits(
    spec: ModelSpec,
    weights: Sequence[Any],
    product: Callable[..., Any],
    *,
    dropout: tuple[Any, Any] | None = None,
) -> Any:
    """Return the (members, rows, classes) logits of what the first kernel makes of the rows.

    Args:
        spec: the activation and the share that is dropped.
        weights: as those of `Steps`.
        product: of the rows and a kernel, as `_product` returns it.
        dropout: in training, the seed and the number of the step.
    """
    tf, activation = tensorflow(), keras().activations.get(spec.activation)
    values = product(weights[0], plain=False) + weights[1][:, None]
    for layer in range(2, 2 * len(spec.units) + 2, 2):
        values = activation(values)
        if dropout is not None and spec.dropout:
            seed, count = dropout
            drawn = tf.stack([seed, count * (2 * len(spec.units) + 2) + layer])
            values = tf.nn.experimental.stateless_dropout(
                values, spec.dropout, seed=drawn, rng_alg="philox"
            )
        values = tf.matmul(values, weights[layer]) + weights[layer + 1][:, None]
    return values + product(weights[-1], plain=True) if spec.has_linear_path else values


def _seen(spec: ModelSpec, layout: Layout) -> NDArray[np.float32]:
    """Return (inputs, members, 1) which inputs each member sees."""
    seen = np.ones((layout.width, spec.members, 1), np.float32)
    seen[_bins(layout), _WITHOUT_BINS - 1 :: _WITHOUT_BINS] = 0
    return seen


def _shapes(spec: ModelSpec, sizes: Sequence[int]) -> list[tuple[int, ...]]:
    """Return the shapes of each layer's kernel and bias, for layers of these sizes."""
    first, second, *_ = sizes
    shapes: list[tuple[int, ...]] = [(first, spec.members, second), (spec.members, second)]
    for inputs, outputs in pairwise(sizes[1:]):
        shapes += [(spec.members, inputs, outputs), (spec.members, outputs)]
    return shapes


def _zeros(shapes: Sequence[Any]) -> list[Any]:
    """Return variables of these shapes."""
    tf = tensorflow()
    return [tf.Variable(tf.zeros(shape)) for shape in shapes]
