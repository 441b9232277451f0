"""A trained network as one compiled call, of encoded rows to probabilities.

An ensemble is written out, not called layer by layer as in Keras: a product with the kernels of
several members side by side, its bias and its activation are one operation for TensorFlow, members
that see no bins take no product with them, and nothing is transposed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iris_core.model.backend import keras, tensorflow
from iris_core.model.encoding import bin_centres, unfold
from iris_core.model.options import ModelSpec
from iris_core.model.schema import Layout, Schema

_Array = NDArray[np.float32]


def compiled_forward(network: Any, spec: ModelSpec, schema: Schema) -> Any:
    """Return the compiled call of encoded rows to (rows, classes) float32 probabilities.

    It takes any number of rows, so it is compiled once, and may be called from several threads.

    Args:
        network: as `build` makes it from the spec, trained; its weights do not change any more.
        spec: of the network.
        schema: of the encoded rows.
    """
    tf, layout, centre = tensorflow(), schema.layout, bin_centres(schema)

    def by_keras(matrix: Any) -> Any:
        return network(unfold(layout, matrix, centre), training=False)

    ensemble = _ensemble(network.get_weights(), spec, layout, centre) if spec.is_ensemble else None
    signature = tf.TensorSpec([None, layout.encoded_width], tf.float32)
    return tf.function(ensemble or by_keras, autograph=False).get_concrete_function(signature)


def _ensemble(
    weights: Sequence[_Array], spec: ModelSpec, layout: Layout, centre: _Array
) -> Callable[[Any], Any]:
    """Return what makes an ensemble's mean probabilities of encoded rows.

    Args:
        weights: of the network, as Keras lists them.
        spec: of the network.
        layout: of the rows.
        centre: (bins,) the mean of each bin's input in training.
    """
    tf = tensorflow()
    activation = keras().activations.get(spec.activation)
    kernel, bias, *rest = weights
    path = rest.pop() if spec.has_linear_path else None
    # The bins' means are subtracted once, in the bias, not from every row.
    zeros = tf.zeros((1, layout.encoded_width))
    bias = bias + np.tensordot(unfold(layout, zeros, centre).numpy()[0], kernel, 1)
    of_bins = kernel[layout.numbers : layout.numbers + sum(layout.bins)]
    with_bins = of_bins.any(axis=(0, 2))
    # Constants of the call, but not part of its graph, whose size is bounded.
    straight = None if path is None else tf.constant(_side_by_side(_folded(path, layout)))
    groups = [
        _Group(
            np.flatnonzero(with_bins == sees),
            tf.constant(_side_by_side(part[:, with_bins == sees])),
            tf.constant(bias[with_bins == sees].ravel()),
            sees,
        )
        for part, sees in ((kernel, True), (_folded(kernel, layout), False))
        if (with_bins == sees).any()
    ]
    layers = [[tf.constant(array[member]) for array in rest] for member in range(spec.members)]

    def forward(matrix: Any) -> Any:
        lines = None if straight is None else tf.split(matrix @ straight, spec.members, axis=1)
        probabilities = []
        for group in groups:
            inputs = unfold(layout, matrix, None) if group.sees_bins else matrix
            first = tf.nn.bias_add(tf.matmul(inputs, group.kernel), group.bias)
            if spec.units:
                first = activation(first)
            parts = tf.split(first, len(group.members), axis=1)
            for member, values in zip(group.members, parts, strict=True):
                logits = _logits(values, layers[member], activation)
                if lines is not None:
                    logits += lines[member]
                probabilities.append(tf.nn.softmax(logits))
        return tf.add_n(probabilities) / spec.members

    return forward


@dataclass(frozen=True, eq=False)
class _Group:
    """Members that take the same inputs.

    Attributes:
        members: their numbers.
        kernel: (inputs, members * width) of their first layers, side by side.
        bias: (members * width,) of those.
        sees_bins: whether they take the inputs with bins, or the encoded row as it is.
    """

    members: NDArray[np.intp]
    kernel: Any
    bias: Any
    sees_bins: bool


def _folded(kernel: _Array, layout: Layout) -> _Array:
    """Return a kernel for encoded rows, zero for positions, of one that is zero for bins."""
    last = layout.numbers + sum(layout.bins)
    positions = np.zeros((len(layout.bins), *kernel.shape[1:]), np.float32)
    return np.concatenate([kernel[: layout.numbers], positions, kernel[last:]])


def _side_by_side(kernel: _Array) -> _Array:
    """Return the (inputs, members, width) kernels of some members as one matrix."""
    return kernel.reshape(len(kernel), -1)


def _logits(values: Any, layers: Sequence[Any], activation: Callable[[Any], Any]) -> Any:
    """Return the (rows, classes) logits of one member.

    Args:
        values: (rows, width) what its first layer makes of the rows.
        layers: kernel and bias of each layer behind it.
        activation: of the hidden layers.
    """
    tf = tensorflow()
    for place in range(0, len(layers), 2):
        values = tf.nn.bias_add(tf.matmul(values, layers[place]), layers[place + 1])
        if place + 2 < len(layers):
            values = activation(values)
    return values
