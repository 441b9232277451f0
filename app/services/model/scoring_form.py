"""The sample on the Score page: what it begins with, and how a prediction changes with it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from app.services.model.form_values import whole_number
from iris_core.data.datasets import DataSet
from iris_core.errors import DataError
from iris_core.model.features import CategoricalFeature, DateFeature, Feature, NumericFeature
from iris_core.model.models import Model
from iris_core.model.prediction import predict
from iris_core.model.schema import Schema

STEPS = 61
"""Values of one feature for which the model predicts, to show how a prediction changes with it."""

Sample = Mapping[str, object]
"""The value of each feature by name, None where it is missing."""


@dataclass(frozen=True, slots=True)
class Response:
    """How a prediction changes with one feature, all others unchanged.

    Attributes:
        values: (61,) from the smallest to the largest in training.
        probabilities: 0 to 1, by class, one for each of `values`.
    """

    values: list[float]
    probabilities: dict[str, list[float]]


def average(feature: NumericFeature) -> float:
    """Return a feature's mean in training, with as many digits as a person would write."""
    return float(f"{feature.mean:.4g}")


def default_value(feature: Feature) -> object:
    """Return what a feature begins with: its mean, its first category, or its earliest date."""
    if isinstance(feature, NumericFeature):
        return average(feature)
    if isinstance(feature, DateFeature):
        return feature.first
    return next(iter(feature.categories), None)


def default_sample(schema: Schema) -> dict[str, object]:
    """Return the sample to begin with where no record is chosen."""
    return {feature.name: default_value(feature) for feature in schema.features}


def parse_record_link(text: str) -> tuple[str, int | None]:
    """Return the data set's id and the row of a link such as `0123456789ab:7`.

    The row is None where the link names none.
    """
    dataset_id, _, row = text.partition(":")
    return dataset_id, whole_number(row)


def sample_from(dataset: DataSet, schema: Schema, row: int) -> dict[str, object]:
    """Return a row's values that a model can take, None for the others.

    Raises:
        DataError: the data set has no such row.
    """
    if not 0 <= row < dataset.rows:
        raise DataError(
            f"{dataset.name}: choose one of its rows; expected 0 to {dataset.rows - 1:,}, "
            f"received {row:,}."
        )
    cells = dataset.frame.iloc[row]
    return {feature.name: _value(feature, cells.get(feature.name)) for feature in schema.features}


def response(model: Model, sample: Sample, column: str) -> Response:
    """Predict a sample with one of its numbers at each of 61 values, evenly spaced.

    Args:
        model: a trained one.
        sample: the values of all features.
        column: the numeric feature whose value changes.
    """
    feature = next(entry for entry in model.card.schema.numeric if entry.name == column)
    values = np.linspace(feature.minimum, feature.maximum, STEPS)
    frame = pd.DataFrame({name: [value] * STEPS for name, value in sample.items()})
    frame[column] = values
    probabilities = predict(model, frame)
    by_class = {
        name: probabilities[:, index].tolist()
        for index, name in enumerate(model.card.schema.classes)
    }
    return Response(values.tolist(), by_class)


def most_influential(model: Model, sample: Sample) -> str:
    """Return the numeric feature whose extremes in training change the prediction most."""
    numeric = model.card.schema.numeric
    frame = pd.DataFrame([sample] * (2 * len(numeric)))
    for index, feature in enumerate(numeric):
        frame[feature.name] = frame[feature.name].astype("float64")
        frame.loc[2 * index, feature.name] = feature.minimum
        frame.loc[2 * index + 1, feature.name] = feature.maximum
    probabilities = predict(model, frame)
    changes = np.abs(probabilities[::2] - probabilities[1::2]).sum(axis=1)
    return numeric[int(changes.argmax())].name


def _value(feature: Feature, cell: object) -> object:
    """Return a cell as a model takes it, None if it is missing or of another kind."""
    if isinstance(feature, CategoricalFeature):
        return cell if cell in feature.categories else None
    if isinstance(feature, DateFeature):
        return cell if isinstance(cell, str) else None
    number = float(cell) if isinstance(cell, (int, float, np.number)) else math.nan
    return None if math.isnan(number) else number
