"""Partial dependence of a trained model, and what its encoded columns are made of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iris_core.data.datasets import DataSet
from iris_core.errors import Cancelled, DataError, OptionError, SchemaError
from iris_core.explanation.dependence import MAX_CURVES, MAX_VALUES, dependence
from iris_core.explanation.encoded_model import EncodedModel
from iris_core.model.encoding import encode
from iris_core.model.models import Model
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.prediction import predict
from iris_core.model.training import train


@pytest.fixture(scope="module")
def dataset() -> DataSet:
    """Rows with a number, one with missing values, a category, a date and a constant."""
    rng = np.random.default_rng(0)
    rows = 120
    size = rng.normal(size=rows).round(3)
    weight = np.where(np.arange(rows) % 7 == 0, np.nan, rng.normal(size=rows).round(3))
    frame = pd.DataFrame(
        {
            "label": pd.Series(np.where(size > 0, "big", "small"), dtype="str"),
            "size": size,
            "weight": weight,
            "colour": pd.Series(rng.choice(["red", "green", "blue"], rows, p=[0.5, 0.3, 0.2]))
            .where(np.arange(rows) % 11 > 0)
            .astype("str"),
            "day": pd.Series(
                pd.date_range("2024-01-01", periods=rows).strftime("%Y-%m-%d"), dtype="str"
            ),
            "same": np.ones(rows),
        }
    )
    return DataSet("sizes", "label", frame, dates=("day",))


@pytest.fixture(scope="module")
def model(dataset: DataSet) -> Model:
    spec = ModelSpec(units=(8,), members=2, bins=5, learning_rate=0.03)
    return train(dataset, spec, options=TrainOptions(epochs=40, validation_share=0))


@pytest.mark.parametrize("column", ["size", "weight", "colour", "day", "same"])
def test_replacing_a_value_before_encoding_and_its_encoded_columns_is_the_same(
    model: Model, dataset: DataSet, column: str
) -> None:
    encoded, schema = EncodedModel.of(model), model.card.schema
    order = np.random.default_rng(1).permutation(dataset.rows)
    before = encode(schema, dataset.frame).matrix
    shuffled = dataset.frame.assign(**{column: dataset.frame[column].to_numpy()[order]})
    own = encoded.owners == encoded.columns.index(column)
    expected = np.where(own, before[order], before)
    np.testing.assert_array_equal(encode(schema, shuffled).matrix, expected)
    assert own.any()


def test_curves_are_the_predictions_with_each_value(model: Model, dataset: DataSet) -> None:
    found = dependence(model, dataset.frame, "size", "big")
    assert found.kind == "number"
    assert len(found.values) == MAX_VALUES
    assert found.curves.shape == (MAX_CURVES, MAX_VALUES)
    assert (found.rows, found.of) == (120, 120)
    value = found.values[4]
    at_value = predict(model, dataset.frame.assign(size=value))[:, 0].astype(float)
    assert found.mean[4] == pytest.approx(at_value.mean(), abs=1e-5)
    assert found.error[4] == pytest.approx(at_value.std(ddof=1) / 120**0.5, abs=1e-5)
    assert found.average == pytest.approx(predict(model, dataset.frame)[:, 0].mean(), abs=1e-5)
    assert (np.diff(found.mean) > -0.01).all()
    assert found.mean[-1] > found.mean[0] + 0.3
    assert (found.low <= found.mean).all()
    assert (found.mean <= found.high).all()
    assert (found.centred[:, 0] == 0).all()


def test_values_reach_from_quantile_to_quantile_and_missing_comes_last(
    model: Model, dataset: DataSet
) -> None:
    found = dependence(model, dataset.frame, "weight", "big")
    known = dataset.frame["weight"].dropna()
    *numbers, last = found.values
    assert last is None
    assert numbers[0] == pytest.approx(known.quantile(0.025), abs=0.2)
    assert numbers[-1] == pytest.approx(known.quantile(0.975), abs=0.2)
    assert None in found.own
    missing = predict(model, dataset.frame.assign(weight=np.nan))[:, 0]
    assert found.mean[-1] == pytest.approx(missing.mean(), abs=1e-5)


def test_categories_come_by_frequency_and_dates_in_order(model: Model, dataset: DataSet) -> None:
    colours = dependence(model, dataset.frame, "colour", "small")
    assert (colours.kind, colours.values) == ("category", ("red", "green", "blue", None))
    days = dependence(model, dataset.frame, "day", "small")
    assert days.kind == "date"
    assert list(days.values) == sorted(map(str, days.values))
    assert len(days.values) == MAX_VALUES


def test_constant_column_has_one_value(model: Model, dataset: DataSet) -> None:
    found = dependence(model, dataset.frame, "same", "big")
    assert found.values == (1.0,)
    assert found.mean[0] == pytest.approx(found.average, abs=1e-6)


def test_one_row_leaves_the_mean_open(model: Model, dataset: DataSet) -> None:
    found = dependence(model, dataset.frame.iloc[:1], "size", "big")
    assert (found.low[0], found.high[0]) == (0.0, 1.0)


def test_what_cannot_be_drawn_is_named(model: Model, dataset: DataSet) -> None:
    frame = dataset.frame
    with pytest.raises(OptionError, match="column"):
        dependence(model, frame, "height", "big")
    with pytest.raises(OptionError, match="class"):
        dependence(model, frame, "size", "huge")
    with pytest.raises(SchemaError, match="'weight'"):
        dependence(model, frame.drop(columns="weight"), "size", "big")
    with pytest.raises(DataError, match="value that the model knows"):
        dependence(model, frame.assign(colour=pd.Series(["violet"] * 120, dtype="str")),
                   "colour", "big")  # fmt: skip
    with pytest.raises(Cancelled):
        dependence(model, frame, "size", "big", cancelled=lambda: True)
