"""Many small networks, trained briefly in one compiled call, that predict what they ignored.

A network that is trained for long learns wrong labels by heart, and is then sure of them. So these
are trained only while what they say of the rows that they ignore gets better, each on the rows
outside of its own fold, several times with other folds and other weights; a row is predicted by the
members that never saw it. Nothing is kept between two calls but the compiled step, so that several
threads may call at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iris_core.label_errors.watching import Watch
from iris_core.model.backend import tensorflow
from iris_core.model.fitting import Examples

UNITS = (32, 16)
CHECKS = (7, 10, 14, 20, 28, 40, 56, 80)
"""After so many epochs the members are measured; they stop when they have got worse."""
MOST_STEPS = 3_000
"""After so many steps the members stop in any case."""
BATCHES = ((5_000, 32), (20_000, 64))
"""Below which number of rows a batch has which size."""
LARGEST_BATCH = 128
LEARNING_RATE = 0.003
_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-7
_ROWS_A_CALL = 8_192
_SMALLEST = 1e-7
"""Below it a probability counts as this one, so that no loss is infinite."""
_NUMBERS_A_CALL = 4_000_000
"""Probabilities, or outputs of a layer, that are in memory at once when rows are predicted."""


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """What the members that never saw a row say of it.

    Attributes:
        epochs: for how many they were trained.
        probabilities: (rows, classes) float32, the means over those members.
        votes: (rows, classes) float32, how many of them find the class most probable.
        voters: (rows,) float32, how many they are.
    """

    epochs: int
    probabilities: NDArray[np.float32]
    votes: NDArray[np.float32]
    voters: NDArray[np.float32]


def predict_out_of_fold(
    examples: Examples,
    folds: NDArray[np.intp],
    *,
    classes: int,
    known: NDArray[np.bool_],
    seed: int,
    watch: Watch,
    epochs: int | None = None,
) -> Votes:
    """Train a member for each fold of each division; predict rows by those that ignored them.

    Args:
        examples: the rows; one with the weight 0 is never learnt, and its class may be -1.
        folds: (divisions, rows) the fold of each row, from 0, in each division into folds.
        classes: how many there are.
        known: (rows,) whether a row or a copy of it is learnt: it is predicted by the members that
            ignore its fold. All others are predicted by every member.
        seed: of the weights and the order of rows.
        watch: called after each check, and asked every 8,192 rows.
        epochs: for how many to train; None to find out, by the loss of what they say of the rows
            that they ignore.

    Raises:
        Cancelled: the search is to stop.
    """
    tf = tensorflow()
    sizes = (examples.matrix.shape[1], *UNITS, classes)
    weights = examples.weights
    if weights is None:
        weights = np.ones(len(known), np.float32)
    learnt = np.flatnonzero(weights > 0)
    batch = next((size for limit, size in BATCHES if len(learnt) < limit), LARGEST_BATCH)
    folds_each = int(folds.max()) + 1
    calls = _compiled(sizes, folds_each, batch)
    matrix = tf.constant(examples.matrix, tf.float32)
    rows = (
        matrix,
        tf.constant(np.maximum(examples.classes, 0), tf.int32),
        tf.constant(weights, tf.float32),
        tf.constant(folds, tf.int32),
    )
    rng = np.random.default_rng(seed)
    members = _initial(rng, sizes, len(folds) * folds_each)
    state = (tf.constant(0.0), tf.constant(members), *[tf.zeros(members.shape)] * 2)
    best, best_loss = Votes(0, *[np.empty(0, np.float32)] * 3), math.inf
    checks = CHECKS if epochs is None else (epochs,)
    for number, (done, end) in enumerate(pairwise((0, *checks)), start=1):
        for _ in range(done, end):
            order = rng.permutation(learnt).astype(np.int32)
            for start in range(0, len(order), _ROWS_A_CALL):
                watch.check()
                state = calls.fit(*state, tf.constant(order[start : start + _ROWS_A_CALL]), *rows)
        votes = Votes(end, *_predict(calls, state[1], matrix, folds, known, watch))
        own = votes.probabilities[learnt, examples.classes[learnt]]
        loss = float(np.average(-np.log(np.maximum(own, _SMALLEST)), weights=weights[learnt]))
        if loss >= best_loss:
            break
        best, best_loss = votes, loss
        watch.report(number / len(checks))
        if end * len(learnt) >= MOST_STEPS * batch:
            break
    watch.report(1.0)
    return best


def _predict(
    calls: _Calls,
    members: Any,
    matrix: Any,
    folds: NDArray[np.intp],
    known: NDArray[np.bool_],
    watch: Watch,
) -> list[NDArray[np.float32]]:
    """Return the arrays of `Votes` for all rows, from a part of the rows at a time."""
    tf = tensorflow()
    size = max(1, _NUMBERS_A_CALL // (members.shape[0] * max(calls.classes, *UNITS)))
    parts = []
    for start in range(0, len(known), size):
        watch.check()
        some = slice(start, start + size)
        of_rows = tf.constant(folds[:, some], tf.int32), tf.constant(known[some])
        parts.append([one.numpy() for one in calls.predict(members, matrix[some], *of_rows)])
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


@dataclass(frozen=True, slots=True)
class _Calls:
    """The compiled calls of networks of one shape.

    Attributes:
        classes: how many there are.
        fit: takes the number of steps so far, the members, both moments of each of their weights,
            the row numbers in order, then matrix, classes, weights and folds of all rows; does a
            step for each batch, and returns the first four as they are then.
        predict: takes the members, and matrix, folds and `known` of some rows; returns the three
            arrays of `Votes`.
    """

    classes: int
    fit: Callable[..., Any]
    predict: Callable[..., Any]


@lru_cache(maxsize=4)
def _compiled(sizes: tuple[int, ...], folds: int, size: int) -> _Calls:
    """Compile the calls for networks of layers of these sizes, folds a division and batch size."""
    tf = tensorflow()

    def own(of_rows: Any) -> Any:
        """Return (members, rows) whether each row is in the member's own fold."""
        flags = of_rows[:, None, :] == tf.range(folds)[None, :, None]
        return tf.reshape(flags, (-1, tf.shape(of_rows)[1]))

    def fit(count: Any, members: Any, first: Any, second: Any, order: Any, *rows: Any) -> Any:
        matrix, labels, weights, of_rows = rows

        def step(start: Any, count: Any, members: Any, first: Any, second: Any) -> Any:
            batch = order[start : start + size]
            ignored = own(tf.gather(of_rows, batch, axis=1))
            counted = tf.where(ignored, 0.0, tf.gather(weights, batch))
            truth = tf.broadcast_to(tf.gather(labels, batch), tf.shape(counted))
            with tf.GradientTape() as tape:
                tape.watch(members)
                logits = _logits(members, sizes, tf.gather(matrix, batch))
                losses = tf.nn.sparse_softmax_cross_entropy_with_logits(truth, logits)
                each = tf.reduce_sum(losses * counted, axis=1)
                loss = tf.reduce_sum(each / tf.maximum(tf.reduce_sum(counted, axis=1), 1.0))
            gradient = tape.gradient(loss, members)
            # Adam, as Keras has it: Kingma and Ba, ICLR 2015.
            count += 1.0
            first += (gradient - first) * (1 - _BETA_1)
            second += (gradient * gradient - second) * (1 - _BETA_2)
            rate = LEARNING_RATE * tf.sqrt(1 - _BETA_2**count) / (1 - _BETA_1**count)
            members -= rate * first / (tf.sqrt(second) + _EPSILON)
            return start + size, count, members, first, second

        end = tf.size(order)
        begin = (0, count, members, first, second)
        return tf.while_loop(lambda start, *_: start < end, step, begin)[1:]

    def predict(members: Any, matrix: Any, of_rows: Any, known: Any) -> Any:
        probabilities = tf.nn.softmax(_logits(members, sizes, matrix))
        counted = tf.cast(own(of_rows) | ~known, tf.float32)
        voters = tf.reduce_sum(counted, axis=0)
        chosen = tf.one_hot(tf.argmax(probabilities, axis=2), sizes[-1])
        mean = tf.einsum("mr,mrc->rc", counted, probabilities) / voters[:, None]
        return mean, tf.einsum("mr,mrc->rc", counted, chosen), voters

    stacked = tf.TensorSpec([None, sum(map(math.prod, _shapes(sizes)))], tf.float32)
    matrices = tf.TensorSpec([None, sizes[0]], tf.float32)
    numbers, shares = tf.TensorSpec([None], tf.int32), tf.TensorSpec([None], tf.float32)
    divisions = tf.TensorSpec([None, None], tf.int32)
    state = (tf.TensorSpec([], tf.float32), stacked, stacked, stacked)
    # Not by AutoGraph: to rewrite the sources takes longer than a training.
    return _Calls(
        sizes[-1],
        tf.function(fit, autograph=False).get_concrete_function(
            *state, numbers, matrices, numbers, shares, divisions
        ),
        tf.function(predict, autograph=False).get_concrete_function(
            stacked, matrices, divisions, tf.TensorSpec([None], tf.bool)
        ),
    )


def _shapes(sizes: Sequence[int]) -> list[tuple[int, int]]:
    """Return the shapes of each layer's kernel and bias, for layers of these sizes."""
    return [shape for before, after in pairwise(sizes) for shape in ((before, after), (1, after))]


def _logits(members: Any, sizes: Sequence[int], matrix: Any) -> Any:
    """Return the (members, rows, classes) logits of (rows, inputs) rows, as operations."""
    tf, shapes = tensorflow(), _shapes(sizes)
    parts = tf.split(members, list(map(math.prod, shapes)), axis=1)
    weights = [tf.reshape(part, (-1, *shape)) for part, shape in zip(parts, shapes, strict=True)]
    values = matrix[None]
    for layer in range(0, len(weights), 2):
        if layer:
            values = tf.nn.relu(values)
        values = tf.matmul(values, weights[layer]) + weights[layer + 1]
    return values


def _initial(rng: np.random.Generator, sizes: Sequence[int], members: int) -> NDArray[np.float32]:
    """Draw the (members, weights) weights of new networks: Glorot and Bengio, AISTATS 2010."""
    parts = []
    for before, after in pairwise(sizes):
        limit = math.sqrt(6 / (before + after))
        parts += [rng.uniform(-limit, limit, (members, before * after)), np.zeros((members, after))]
    return np.hstack(parts).astype(np.float32)
