"""A model: its card, which tells people and programs what it is, and its network."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from types import UnionType
from typing import Any

from iris_core.checks import check_fields
from iris_core.errors import IrisError, SchemaError
from iris_core.model.backend import keras, tensorflow
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.schema import Schema

_CARD_FIELDS: dict[str, type | UnionType] = {
    **dict.fromkeys(("id", "name", "created", "dataset_id", "dataset_name"), str),
    **dict.fromkeys(("version", "rows"), int),
    **dict.fromkeys(("spec", "options", "schema", "metrics", "libraries"), dict),
    "parent": str | None,
    "history": list | tuple,
}


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the training rows.

    Attributes:
        number: from 1.
        of: how many there are to be.
        loss: mean cross-entropy in nats over the pass, dropout included.
        accuracy: share of the rows that were right over the pass, 0 to 1.
        val_loss: mean cross-entropy of the rows held back, after the pass; None without such.
        val_accuracy: share of the rows held back that are right, after the pass.
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
        id: what the store knows it by; "" until it is saved.
        name: what people call it.
        version: counts the models of one name from 1; 0 until it is saved.
        parent: id of the model that it was trained further from.
        created: ISO 8601, UTC.
        spec: its network.
        options: its training.
        schema: the columns that it takes and the classes that it tells apart.
        dataset_id: identity of the data that it was trained on.
        dataset_name: what that data was called.
        rows: how many rows that data has, those held back included.
        history: its epochs.
        metrics: figures by name, such as `accuracy`, `loss`, `val_accuracy`.
        libraries: versions of the libraries that made it.
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

    def to_dict(self) -> dict[str, Any]:
        """Return the card as plain values, fit for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ModelCard:
        """Read what `to_dict` wrote; raises `SchemaError` if it is not that."""
        try:
            check_fields(data, _CARD_FIELDS)
            spec = ModelSpec(**{**data["spec"], "units": tuple(data["spec"]["units"])})
            return cls(
                **{
                    **data,
                    "spec": spec,
                    "options": TrainOptions(**data["options"]),
                    "schema": Schema.from_dict(data["schema"]),
                    "history": tuple(Epoch(**epoch) for epoch in data["history"]),
                }
            )
        except (KeyError, TypeError, IrisError) as error:
            raise SchemaError(
                f"expected a model's card, received one with a fault: {error}"
            ) from error


@dataclass(frozen=True, eq=False)
class Model:
    """A trained network and its card. Nothing may change its weights."""

    card: ModelCard
    network: Any

    @cached_property
    def forward(self) -> Any:
        """The network as one compiled call, a (rows, width) to a (rows, classes) float32 tensor.

        It takes any number of rows, so it is compiled once a model, and may be called from
        several threads.
        """
        tf, network = tensorflow(), self.network
        signature = tf.TensorSpec([None, self.card.schema.width], tf.float32)
        return tf.function(
            lambda matrix: network(matrix, training=False), autograph=False
        ).get_concrete_function(signature)


def build(spec: ModelSpec, *, inputs: int, classes: int, seed: int = 0) -> Any:
    """Return a new Keras network with fresh weights.

    Args:
        spec: layers, activation and dropout.
        inputs: width of a row.
        classes: number of outputs; the outputs of a row are probabilities that sum to 1.
        seed: of the weights and the dropout. No global seed is read or set.
    """
    layers, initializers = keras().layers, keras().initializers
    # Layers that shared a seed would share their weights as far as the shapes agree.
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
