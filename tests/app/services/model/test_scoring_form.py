"""The sample on the Score page: what it begins with, and how a prediction changes with it."""

from __future__ import annotations

import pytest

from app.services.model.scoring_form import (
    STEPS,
    default_sample,
    most_influential,
    parse_record_link,
    response,
    sample_from,
)
from iris_core.data.csv_reading import read_csv
from iris_core.data.datasets import DataSet
from iris_core.errors import DataError
from iris_core.model.models import Model
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.training import train

ROWS = "".join(f"{'ab'[n % 2]},{n % 2 + n / 100:.2f},{n % 3},{'xy'[n % 2]}\n" for n in range(40))


@pytest.fixture(scope="module")
def dataset() -> DataSet:
    return read_csv(f"kind,size,noise,shade\n{ROWS}c,,,z\n".encode(), name="kinds")


@pytest.fixture(scope="module")
def model(dataset: DataSet) -> Model:
    known = dataset.with_rows("known", dataset.frame.head(40))
    return train(known, ModelSpec(units=(8,)), options=TrainOptions(epochs=5))


@pytest.mark.parametrize(
    ("link", "record"),
    [("0123456789ab:7", ("0123456789ab", 7)), ("x", ("x", None)), ("x:-1", ("x", None))],
)
def test_link_names_a_data_set_and_a_row(link: str, record: tuple[str, int | None]) -> None:
    assert parse_record_link(link) == record


def test_what_a_model_cannot_take_is_missing(model: Model, dataset: DataSet) -> None:
    schema = model.card.schema
    assert sample_from(dataset, schema, 1) == {"size": 1.01, "noise": 1.0, "shade": "y"}
    assert sample_from(dataset, schema, 40) == {"size": None, "noise": None, "shade": None}


@pytest.mark.parametrize("row", [-1, 41])
def test_row_that_is_not_there_is_explained(model: Model, dataset: DataSet, row: int) -> None:
    with pytest.raises(DataError, match="choose one of its rows; expected 0 to 40"):
        sample_from(dataset, model.card.schema, row)


def test_response_follows_one_feature_over_its_range_in_training(model: Model) -> None:
    sample = default_sample(model.card.schema)
    curves = response(model, sample, "size")
    assert len(curves.values) == STEPS
    assert (curves.values[0], curves.values[-1]) == pytest.approx((0.0, 1.39))
    for probabilities in zip(*curves.probabilities.values(), strict=True):
        assert sum(probabilities) == pytest.approx(1, abs=1e-5)


def test_most_influential_feature_is_a_number_whose_response_spans_most(model: Model) -> None:
    sample = default_sample(model.card.schema)
    spans = {}
    for name in ("size", "noise"):
        curves = response(model, sample, name).probabilities.values()
        spans[name] = sum(abs(curve[-1] - curve[0]) for curve in curves)
    assert most_influential(model, sample) == max(spans, key=spans.__getitem__)
