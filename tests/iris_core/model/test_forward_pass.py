"""The compiled call of a network says what its Keras layers say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from iris_core.model.encoding import bin_centres, encode, unfold
from iris_core.model.models import Model
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.prediction import predict
from iris_core.model.training import train
from tests.iris_core.samples import data_set, flowers

SPEC = ModelSpec(units=(8, 4), members=5, bins=6, dropout=0.1, learning_rate=0.02)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"linear_path": True},
        {"bins": 0},
        {"bins": 0, "linear_path": True},
        {"units": ()},
        {"units": (), "linear_path": True},
        {"units": (5, 4, 3), "activation": "tanh"},
        {"members": 2},
        {"members": 1, "bins": 0},
    ],
    ids=str,
)
def test_probabilities_are_those_of_the_keras_layers(changed: dict[str, object]) -> None:
    # GIVEN rows with a gap, so that something lies behind the positions
    frame = flowers(90).frame
    frame.loc[4, "width"] = np.nan
    spec = replace(SPEC, **changed)  # type: ignore[arg-type]
    model = train(data_set(frame), spec, options=TrainOptions(epochs=4, validation_share=0))
    schema = model.card.schema
    inputs = unfold(schema.layout, encode(schema, frame).matrix, bin_centres(schema))
    theirs = model.network(inputs, training=False).numpy()
    assert theirs.std() > 0.01
    np.testing.assert_allclose(predict(model, frame), theirs, rtol=0, atol=1e-6)


def test_members_of_any_weights_are_averaged() -> None:
    # GIVEN members of which none, and all, see bins, as no training makes them
    model = train(flowers(), SPEC, options=TrainOptions(epochs=1, validation_share=0))
    schema = model.card.schema
    bins = slice(schema.layout.numbers, schema.layout.numbers + sum(schema.layout.bins))
    inputs = unfold(schema.layout, encode(schema, flowers().frame).matrix, bin_centres(schema))
    for value in (0.0, 0.3):
        kernel, *others = model.network.get_weights()
        kernel[bins] = value
        model.network.set_weights([kernel, *others])
        said = predict(Model(model.card, model.network), flowers().frame)
        theirs = model.network(inputs, training=False).numpy()
        np.testing.assert_allclose(said, theirs, rtol=0, atol=1e-6)
