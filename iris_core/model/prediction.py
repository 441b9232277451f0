"""Predict the classes of many rows at once, or of one sample."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import NoneType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.errors import SchemaError, StoreError
from iris_core.model.backend import tensorflow
from iris_core.model.encoding import Encoded, encode
from iris_core.model.models import Model
from iris_core.model.schema import Schema

# Enough rows that pandas' cost for each chunk does not count, few enough for tens of megabytes.
_CHUNK_ROWS = 65_536
_CHUNK_CELLS = 4_000_000
_PLAIN = (str, int, float, np.number, NoneType)


@dataclass(frozen=True, slots=True)
class Score:
    """The prediction for one sample.

    Attributes:
        label: the most probable class.
        probabilities: of every class by name, 0 to 1, in the model's order; they sum to 1.
    """

    label: str
    probabilities: Mapping[str, float]


def predict(model: Model, frame: pd.DataFrame) -> NDArray[np.float32]:
    """Predict rows in bulk, in chunks; may be called from several threads.

    Args:
        model: the model.
        frame: has a column for each of the model's features, in any order; others are ignored.

    Returns:
        (rows, classes) probabilities; each row sums to 1.

    Raises:
        SchemaError: a column is missing, holds text where the model learned numbers, or holds an
            infinite number.
        StoreError: the model's weights are broken.
    """
    classes = len(model.card.schema.classes)
    step = rows_at_once(model)
    result = np.empty((len(frame), classes), dtype=np.float32)

    def fill(start: int) -> None:
        chunk = encode(model.card.schema, frame.iloc[start : start + step])
        result[start : start + step] = probabilities(model, chunk)

    # NumPy and TensorFlow let go of Python's lock: every core takes chunks.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(fill, range(0, len(frame), step)):
            pass
    return result


def rows_at_once(model: Model) -> int:
    """Return how many rows are predicted in one call, so that it takes tens of megabytes."""
    spec, schema = model.card.spec, model.card.schema
    layers = max((*spec.units, len(schema.classes))) * spec.members if spec.is_ensemble else 1
    return max(1, min(_CHUNK_ROWS, _CHUNK_CELLS // max(schema.width, layers)))


def probabilities(model: Model, encoded: Encoded) -> NDArray[np.float32]:
    """Predict encoded rows in one compiled call.

    Args:
        model: the model.
        encoded: the rows, as `encode` returns them for the model's schema.

    Returns:
        (rows, classes) probabilities; each row sums to 1.

    Raises:
        StoreError: the model's weights are broken, so that they give no probabilities.
    """
    result: NDArray[np.float32] = model.forward(tensorflow().constant(encoded.matrix)).numpy()
    if not np.isfinite(result).all():
        raise StoreError(
            f"model '{model.card.id or model.card.name}': expected probabilities, received what "
            "is no number; its weights are broken. Train it again."
        )
    return result


def score(model: Model, sample: Mapping[str, object]) -> Score:
    """Predict one sample.

    Args:
        model: the model.
        sample: a value for each of the model's features by name, None if it is missing; others
            are ignored.

    Returns:
        The probability of every class.

    Raises:
        SchemaError: a feature is not given, or is not a finite number where the model learned
            numbers.
        StoreError: the model's weights are broken.
    """
    schema = model.card.schema
    row = probabilities(model, encode(schema, one_row(schema, sample)))[0]
    shares = dict(zip(schema.classes, row.tolist(), strict=True))
    return Score(schema.classes[int(row.argmax())], shares)


def one_row(schema: Schema, sample: Mapping[str, object]) -> pd.DataFrame:
    """Return a sample as a table of one row, with the columns that the model has.

    Args:
        schema: of the model.
        sample: a value for each of its features by name, None if it is missing.

    Raises:
        SchemaError: a value is neither a number nor a text.
    """
    values = {
        feature.name: [sample[feature.name]]
        for feature in schema.features
        if feature.name in sample
    }
    for name, (value,) in values.items():
        if not isinstance(value, _PLAIN):
            raise SchemaError(f"column '{name}': expected a number or a text, received {value!r}.")
    return pd.DataFrame(values)
