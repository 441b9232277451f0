"""Encode rows as the network takes them, by the model's own schema.

Numbers are standardised, categories are one-hot encoded. A missing number is imputed with the
training mean, which is 0 after scaling; a missing category is all zeros. So is a category that the
model never saw, but those are counted separately.

Bins stay folded in an encoded row, one position a column; `unfold` makes an input of each, a
batch at a time, so that no more than a batch is ever as wide as the network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.data.conversion import as_numbers, as_text
from iris_core.data.written_dates import date_features
from iris_core.errors import SchemaError
from iris_core.model.backend import tensorflow
from iris_core.model.binning import bin_positions
from iris_core.model.features import DateFeature, NumericFeature
from iris_core.model.schema import Layout, Schema

# No sensible value is further off; clipped there, no finite number can overflow the network.
_MAX_DEVIATIONS = 1_000.0
# The number itself leads, and its bins refine: as large as they are, small tables are learnt by
# heart. Networks that are stored rely on it.
_BIN_SCALE = 0.5


@dataclass(frozen=True, slots=True)
class Encoded:
    """Rows as a model takes them.

    Attributes:
        matrix: (rows, `Layout.encoded_width`) float32, finite: each number in standard deviations
            from its training mean (0 if it is missing or was constant); if it has bins its
            position among their edges; 1 or 0 if it is flagged when missing; each category as a
            1 among zeros (all zeros if it is missing or was never seen).
        unseen: for each column that has any, how many cells hold a category never seen.
        missing: for each column that has any, how many cells are missing.
    """

    matrix: NDArray[np.float32]
    unseen: Mapping[str, int]
    missing: Mapping[str, int]


def encode(schema: Schema, frame: pd.DataFrame) -> Encoded:
    """Encode rows: first all numbers, their positions and flags, then each category's column.

    Args:
        schema: of the model.
        frame: has a column for each feature, in any order; others are ignored.

    Raises:
        SchemaError: a column is missing, holds text where the model learned numbers, or holds an
            infinite number.
    """
    schema.check_columns(frame)
    numbers = _numbers(schema.numeric, frame)
    counts = np.isnan(numbers).sum(axis=0)
    missing = {
        feature.name: int(count)
        for feature, count in zip(schema.numeric, counts, strict=True)
        if count
    }
    for date in schema.dates:
        parts = _date_parts(date, frame)
        if count := int(np.isnan(parts[:, 0]).sum()):
            missing[date.name] = count
        numbers = np.hstack((numbers, parts))
    unseen = {}
    matrix = np.zeros((len(frame), schema.layout.encoded_width), dtype=np.float32)
    is_missing = np.isnan(numbers)
    if missing:
        means = np.array([feature.mean for feature in schema.numbers])
        numbers = np.where(is_missing, means, numbers)
    matrix[:, : len(schema.numbers)] = _scaled(schema.numbers, numbers)
    start = _write_bins_and_flags(matrix, schema, numbers, is_missing)
    for feature in schema.categorical:
        text = as_text(frame[feature.name])
        codes = pd.Index(feature.categories, dtype="str").get_indexer(pd.Index(text))
        is_present = text.notna().to_numpy()
        if feature.grouped:
            codes = np.where((codes < 0) & is_present, len(feature.categories), codes)
        rows = np.flatnonzero(codes >= 0)
        matrix[rows, start + codes[rows]] = 1
        start += feature.width
        if empty := int((~is_present).sum()):
            missing[feature.name] = empty
        if others := len(text) - len(rows) - empty:
            unseen[feature.name] = others
    return Encoded(matrix, unseen, missing)


def unfold(layout: Layout, matrix: Any, centre: Any | None) -> Any:
    """Return the network's inputs for encoded rows, as operations of TensorFlow.

    Args:
        layout: of the rows.
        matrix: a (rows, `Layout.encoded_width`) tensor.
        centre: (bins,) the mean of each bin's input in training, as `bin_centres` returns it; None
            to subtract no mean.

    Returns:
        A (rows, `Layout.width`) tensor in which each position has become an input for each bin: the
        share of the bin that lies below the number, 0 to 1, less its mean, and halved.
    """
    if not layout.bins:
        return matrix
    tf = tensorflow()
    column, start = layout.numbers, 0
    parts = [matrix[:, :column]]
    # Columns of as many bins lie side by side, so that each such group is one operation; and the
    # positions are halved, for there are fewer of them than inputs.
    for bins, group in groupby(layout.bins):
        columns = len(list(group))
        positions = _BIN_SCALE * matrix[:, column : column + columns, None]
        starts = _BIN_SCALE * np.arange(bins, dtype=np.float32)
        shares = tf.clip_by_value(positions - starts, 0.0, _BIN_SCALE)
        inputs = tf.reshape(shares, (-1, columns * bins))
        if centre is not None:
            inputs -= _BIN_SCALE * centre[start : start + columns * bins]
        parts.append(inputs)
        column, start = column + columns, start + columns * bins
    return tf.concat([*parts, matrix[:, column:]], axis=1)


def without_positions(layout: Layout, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return encoded rows without their positions: (rows, `Layout.plain_width`).

    Args:
        layout: of the rows.
        matrix: (rows, `Layout.encoded_width`).
    """
    if not layout.bins:
        return matrix
    last = layout.numbers + len(layout.bins)
    return np.hstack((matrix[:, : layout.numbers], matrix[:, last:]))


def owners(schema: Schema) -> NDArray[np.intp]:
    """Return (`Layout.encoded_width`,) which feature, by its number, each encoded column is of.

    All of one feature's are what becomes of its column of the table: a number with its position
    and its flag, each part of a date, each category.
    """
    names = {part: feature.name for feature in schema.dates for part in feature.parts}
    names |= {feature: feature.name for feature in schema.numeric}
    of_numbers = [names[part] for part in (*schema.numbers, *schema.binned, *schema.flagged)]
    of_categories = [entry.name for entry in schema.categorical for _ in range(entry.width)]
    place = {feature.name: number for number, feature in enumerate(schema.features)}
    return np.array([place[name] for name in (*of_numbers, *of_categories)], dtype=np.intp)


def bin_centres(schema: Schema) -> NDArray[np.float32]:
    """Return (bins,) the mean of each bin's input in training, of all columns."""
    return np.array([mean for feature in schema.binned for mean in feature.centre], np.float32)


def _write_bins_and_flags(
    matrix: NDArray[np.float32],
    schema: Schema,
    numbers: NDArray[np.float64],
    is_missing: NDArray[np.bool_],
) -> int:
    """Write positions and flags behind the numbers; return the column behind them.

    Args:
        matrix: to write into.
        schema: of the model.
        numbers: (rows, numbers) none missing.
        is_missing: (rows, numbers) which of them were.
    """
    place = {feature: number for number, feature in enumerate(schema.numbers)}
    column = len(schema.numbers)
    for feature in schema.binned:
        matrix[:, column] = bin_positions(numbers[:, place[feature]], feature.edges)
        column += 1
    for feature in schema.flagged:
        matrix[:, column] = is_missing[:, place[feature]]
        column += 1
    return column


def _date_parts(feature: DateFeature, frame: pd.DataFrame) -> NDArray[np.float64]:
    """Return the numbers of a column of dates, (rows, parts), NaN where they are missing.

    Raises:
        SchemaError: a value is no date.
    """
    try:
        return date_features(as_text(frame[feature.name]), first=feature.first)
    except ValueError as error:
        raise SchemaError(
            f"column '{feature.name}': expected dates such as {feature.first}, as in training, "
            "received a text that is none. Correct the column."
        ) from error


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
    """Return deviations from the training mean in standard deviations, 0 for a constant column."""
    mean = np.array([feature.mean for feature in features])
    std = np.array([feature.std for feature in features])
    scaled: NDArray[np.float64] = numbers - mean
    with np.errstate(over="ignore", invalid="ignore"):
        scaled *= np.divide(1.0, std, out=np.zeros_like(std), where=std > 0)
    scaled[np.isnan(scaled)] = 0
    np.clip(scaled, -_MAX_DEVIATIONS, _MAX_DEVIATIONS, out=scaled)
    return scaled
