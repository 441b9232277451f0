"""A model: its card, which describes it to people and programs, and its network."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, reduce
from types import UnionType
from typing import Any

from iris_core.checks import check_fields
from iris_core.data.fingerprints import Fingerprints
from iris_core.errors import IrisError, SchemaError
from iris_core.model.backend import keras
from iris_core.model.forward_pass import compiled_forward
from iris_core.model.logistic import LogisticRegression
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.out_of_fold import OutOfFold
from iris_core.model.schema import Schema

_CARD_FIELDS: dict[str, type | UnionType] = {
    **dict.fromkeys(("id", "name", "created", "dataset_id", "dataset_name"), str),
    **dict.fromkeys(("version", "rows"), int),
    **dict.fromkeys(("spec", "options", "schema", "metrics", "libraries"), dict),
    "parent": str | None,
    "history": list | tuple,
    "class_counts": list | tuple | None,
}


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the training rows.

    Attributes:
        number: from 1.
        of: how many epochs are planned.
        loss: mean cross-entropy in nats over the pass, dropout included; of weighted classes, as
            weighted.
        accuracy: share of the rows that were predicted correctly over the pass, 0 to 1.
        val_loss: mean cross-entropy of the validation rows in nats, after the pass; None without
            validation rows.
        val_accuracy: share of the validation rows that are predicted correctly, after the pass;
            None without validation rows.
    """

    number: int
    of: int
    loss: float
    accuracy: float
    val_loss: float | None
    val_accuracy: float | None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Everything about a model but its weights.

    Attributes:
        id: of the model in its store; "" until it is saved.
        name: for people.
        version: counts the models of one name from 1; 0 until it is saved.
        parent: id of the model that it was trained further from; None for a new one.
        created: ISO 8601, UTC.
        spec: of its network.
        options: of its training.
        schema: the columns that it takes and the classes that it predicts.
        dataset_id: id of the data set that it was trained on.
        dataset_name: name of that data set.
        rows: number of rows of that data set, validation rows included.
        history: its epochs.
        metrics: by name, such as `accuracy`, `loss`, `val_accuracy`.
        libraries: versions of the libraries that made it.
        class_counts: rows of each class in its training, validation rows included, in the schema's
            order; None in a card of an earlier version.
    """

    id: str
    name: str
    version: int
    parent: str | None
    created: str
    spec: ModelSpec
    options: TrainOptions
    schema: Schema
    dataset_id: str
    dataset_name: str
    rows: int
    history: tuple[Epoch, ...]
    metrics: Mapping[str, float]
    libraries: Mapping[str, str]
    class_counts: tuple[int, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the card as plain values, fit for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ModelCard:
        """Return the card that `to_dict` wrote.

        Raises:
            SchemaError: the data is not a card, or a value of it is out of its range.
        """
        try:
            # Earlier versions did not keep how many rows each class had.
            data = {"class_counts": None, **data}
            check_fields(data, _CARD_FIELDS)
            counts = data["class_counts"]
            spec = ModelSpec(**{**data["spec"], "units": tuple(data["spec"]["units"])})
            return cls(
                **{
                    **data,
                    "spec": spec,
                    "options": TrainOptions(**data["options"]),
                    "schema": Schema.from_dict(data["schema"]),
                    "history": tuple(Epoch(**epoch) for epoch in data["history"]),
                    "class_counts": None if counts is None else tuple(counts),
                }
            )
        except (KeyError, TypeError, IrisError) as error:
            raise SchemaError(
                f"expected a model's card, received one with a fault: {error}"
            ) from error


@dataclass(frozen=True, eq=False)
class Model:
    """A trained network and its card. Nothing may change its weights.

    Attributes:
        card: describes the network.
        network: a Keras model, (rows, width) to (rows, classes).
        trained_on: fingerprints of the different rows that it or a parent was trained on, the
            validation rows included, ascending; None if that was not kept.
        logistic: the logistic regression that was trained along; None if there is none.
        out_of_fold: of an ensemble, what it predicts for each of those rows without having learnt
            from it; None of a single network.
    """

    card: ModelCard
    network: Any
    trained_on: Fingerprints | None = None
    logistic: LogisticRegression | None = None
    out_of_fold: OutOfFold | None = None

    @cached_property
    def forward(self) -> Any:
        """The network as one compiled call, of encoded rows to (rows, classes) float32."""
        return compiled_forward(self.network, self.card.spec, self.card.schema)


def build(spec: ModelSpec, *, inputs: int, classes: int, seed: int = 0) -> Any:
    """Return a new Keras network with random weights.

    Args:
        spec: its layers, activation and dropout.
        inputs: width of a row.
        classes: number of outputs.
        seed: of the weights and the dropout. No global seed is read or set.

    Returns:
        A network from (rows, inputs) to (rows, classes) probabilities; each row sums to 1.
    """
    if spec.is_ensemble:
        return _build_ensemble(spec, inputs=inputs, classes=classes, seed=seed)
    layers, initializers = keras().layers, keras().initializers
    # Layers of one seed and shape would have the same weights.
    seeds = itertools.count(seed)
    stack = [layers.Input((inputs,), name="features")]
    for number, width in enumerate(spec.units, start=1):
        first = initializers.GlorotUniform(seed=next(seeds))
        stack.append(
            layers.Dense(width, spec.activation, kernel_initializer=first, name=f"hidden_{number}")
        )
        if spec.dropout:
            stack.append(layers.Dropout(spec.dropout, seed=next(seeds), name=f"dropout_{number}"))
    first = initializers.GlorotUniform(seed=next(seeds))
    stack.append(layers.Dense(classes, kernel_initializer=first, name="logits"))
    stack.append(layers.Softmax(name="probabilities"))
    return keras().Sequential(stack, name="classifier")


def _build_ensemble(spec: ModelSpec, *, inputs: int, classes: int, seed: int) -> Any:
    """Return an ensemble of layers that Keras has: the members' kernels are stacked.

    Weights are drawn as Glorot and Bengio (AISTATS 2010) do for each member by itself.
    """
    layers, seeds = keras().layers, itertools.count(seed)
    features = layers.Input((inputs,), name="features")
    stack: list[Any] = []
    before, equation = inputs, "bd,dmh->bmh"
    for number, width in enumerate((*spec.units, classes), start=1):
        is_last = number > len(spec.units)
        limit = math.sqrt(6 / (before + width))
        layer = layers.EinsumDense(
            equation,
            (spec.members, width),
            activation=None if is_last else spec.activation,
            bias_axes="mh",
            kernel_initializer=keras().initializers.RandomUniform(-limit, limit, seed=next(seeds)),
            name="logits" if is_last else f"hidden_{number}",
        )
        stack.append(layer)
        if spec.dropout and not is_last:
            stack.append(layers.Dropout(spec.dropout, seed=next(seeds), name=f"dropout_{number}"))
        before, equation = width, "bmd,mdh->bmh"
    mean = [layers.Softmax(name="members"), layers.GlobalAveragePooling1D(name="probabilities")]
    if not spec.has_linear_path:
        return keras().Sequential([features, *stack, *mean], name="ensemble")
    path = layers.EinsumDense(
        "bd,dmh->bmh",
        (spec.members, classes),
        # It begins as if it were not there.
        kernel_initializer="zeros",
        name="linear_path",
    )
    logits = reduce(lambda values, layer: layer(values), stack, features)
    total = layers.Add(name="sum")([logits, path(features)])
    probabilities = reduce(lambda values, layer: layer(values), mean, total)
    return keras().Model(features, probabilities, name="ensemble")
