"""Encode rows as the network takes them, by the model's own schema.

Numbers are standardised, categories are one-hot encoded. A missing number is imputed with the
training mean, which is 0 after scaling; a missing category is all zeros. So is a category that the
model never saw, but those are counted separately.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.data.conversion import as_numbers, as_text
from iris_core.errors import SchemaError
from iris_core.model.schema import NumericFeature, Schema

# No sensible value is further off; clipped there, no finite number can overflow the network.
_MAX_DEVIATIONS = 1_000.0


@dataclass(frozen=True, slots=True)
class Encoded:
    """Rows as the network takes them.

    Attributes:
        matrix: (rows, `Schema.width`) float32, finite: each number in standard deviations from
            its training mean (0 if it is missing or was constant), each category as a 1 among
            zeros (all zeros if it is missing or was never seen).
        unseen: for each column that has any, how many cells hold a category never seen.
        missing: for each column that has any, how many cells are missing.
    """

    matrix: NDArray[np.float32]
    unseen: Mapping[str, int]
    missing: Mapping[str, int]


def encode(schema: Schema, frame: pd.DataFrame) -> Encoded:
    """Turn rows into the network's inputs: first all numbers, then a column for each category.

    Args:
        schema: of the model.
        frame: has a column for each feature, in any order; others are ignored.

    Raises:
        SchemaError: a column is missing, holds text where the model learned numbers, or holds an
            infinite number.
    """
    schema.check_columns(frame)
    numbers = _numbers(schema.numeric, frame)
    missing = {
        feature.name: int(count)
        for feature, count in zip(schema.numeric, np.isnan(numbers).sum(axis=0), strict=True)
        if count
    }
    unseen = {}
    matrix = np.zeros((len(frame), schema.width), dtype=np.float32)
    matrix[:, : len(schema.numeric)] = _scaled(schema.numeric, numbers)
    start = len(schema.numeric)
    for feature in schema.categorical:
        text = as_text(frame[feature.name])
        codes = pd.Index(feature.categories, dtype="str").get_indexer(pd.Index(text))
        rows = np.flatnonzero(codes >= 0)
        matrix[rows, start + codes[rows]] = 1
        start += len(feature.categories)
        if empty := int(text.isna().sum()):
            missing[feature.name] = empty
        if others := len(text) - len(rows) - empty:
            unseen[feature.name] = others
    return Encoded(matrix, unseen, missing)


def _numbers(features: Sequence[NumericFeature], frame: pd.DataFrame) -> NDArray[np.float64]:
    """Return the features as (rows, features) floats, NaN where they are missing."""
    numbers = frame[[feature.name for feature in features]]
    for name, kind in numbers.dtypes.items():
        if kind not in ("int64", "float64"):
            numbers[name] = as_numbers(frame[name])
    values: NDArray[np.float64] = numbers.to_numpy(dtype=np.float64)
    if np.isinf(values).any():
        name = numbers.columns[int(np.isinf(values).any(axis=0).argmax())]
        raise SchemaError(f"column '{name}': expected finite numbers, received an infinite one.")
    return values


def _scaled(
    features: Sequence[NumericFeature], numbers: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return deviations from the training mean in standard deviations, 0 for a missing number."""
    mean = np.array([feature.mean for feature in features])
    std = np.array([feature.std for feature in features])
    scaled: NDArray[np.float64] = numbers - mean
    with np.errstate(over="ignore", invalid="ignore"):
        scaled *= np.divide(1.0, std, out=np.zeros_like(std), where=std > 0)
    scaled[np.isnan(scaled)] = 0
    np.clip(scaled, -_MAX_DEVIATIONS, _MAX_DEVIATIONS, out=scaled)
    return scaled
