"""The statistics of a class's columns, and the z-scores of a record by them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from iris_core.data.datasets import DataSet
from iris_core.errors import DataError

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, slots=True)
class ColumnStatistics:
    """The statistics of one column of numbers, over the rows of one class or of all.

    Attributes:
        column: its name.
        rows: rows that have a number there, one at least.
        mean: of these numbers.
        std: their population standard deviation (divided by `rows`, not `rows` - 1); 0 if all are
            the same.
        quantiles: their 5th, 25th, 50th, 75th and 95th percentiles, interpolated linearly.
    """

    column: str
    rows: int
    mean: float
    std: float
    quantiles: tuple[float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class CategoryStatistics:
    """The categories of one column, over the rows of one class.

    Attributes:
        column: its name.
        rows: rows that have a category there.
        counts: of them by category.
    """

    column: str
    rows: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CategoryShare:
    """How frequent one category of a record is in the rows of a class.

    Attributes:
        column: its name.
        value: the record's category.
        rows: rows of the class that have it.
        of: rows of the class that have any.
    """

    column: str
    value: str
    rows: int
    of: int


@dataclass(frozen=True, slots=True)
class ZScore:
    """One number of a record, compared with the statistics of its column.

    Attributes:
        statistics: of the column.
        value: the record's number; None if it is missing, or not a finite number.
        z_score: distance from the mean in standard deviations, negative below it; None without
            a value, and where all rows have the same number and the record has another.
    """

    statistics: ColumnStatistics
    value: float | None
    z_score: float | None


def class_statistics(ds: DataSet, of_class: str) -> tuple[ColumnStatistics, ...]:
    """Return the statistics of each column of numbers, in order; one without numbers is left out.

    Args:
        ds: a model's training data.
        of_class: the class whose rows are counted.

    Raises:
        DataError: the data set has no such class.
    """
    rows = _rows_of(ds, of_class)
    statistics = []
    for name in ds.numeric:
        values = ds.frame[name].to_numpy(dtype=np.float64)[rows]
        values = values[~np.isnan(values)]
        if len(values):
            statistics.append(_describe(name, values))
    return tuple(statistics)


def category_statistics(ds: DataSet, of_class: str) -> tuple[CategoryStatistics, ...]:
    """Return how often each category occurs, for each column of categories in order.

    Args:
        ds: a model's training data.
        of_class: the class whose rows are counted.

    Raises:
        DataError: the data set has no such class.
    """
    rows = _rows_of(ds, of_class)
    statistics = []
    for name in ds.categorical:
        found = ds.frame[name].iloc[rows].value_counts()
        counts = dict(zip(found.index.tolist(), found.tolist(), strict=True))
        statistics.append(CategoryStatistics(name, sum(counts.values()), counts))
    return tuple(statistics)


def z_scores(
    record: Mapping[str, object], statistics: tuple[ColumnStatistics, ...]
) -> tuple[ZScore, ...]:
    """Return the z-score of each of a record's numbers.

    Args:
        record: plain values by column, as `read_features` returns them; columns without
            statistics are ignored.
        statistics: of the columns, as `class_statistics` returns them.

    Returns:
        One for each of `statistics`, in their order.
    """
    return tuple(_z_score(record.get(column.column), column) for column in statistics)


def category_shares(
    record: Mapping[str, object], statistics: tuple[CategoryStatistics, ...]
) -> tuple[CategoryShare, ...]:
    """Return how frequent each of a record's categories is; one that is missing is left out.

    Args:
        record: plain values by column.
        statistics: of the columns, as `category_statistics` returns them.
    """
    return tuple(
        CategoryShare(column.column, value, column.counts.get(value, 0), column.rows)
        for column in statistics
        if isinstance(value := record.get(column.column), str)
    )


def _rows_of(ds: DataSet, name: str) -> NDArray[np.intp]:
    """Return the positions of a class's rows."""
    if name not in ds.classes:
        raise DataError(
            f"{ds.name}: expected one of its {len(ds.classes)} classes, received '{name[:100]}'. "
            "Choose one of these."
        )
    return np.flatnonzero(ds.class_indices == ds.classes.index(name))


def _describe(name: str, values: NDArray[np.float64]) -> ColumnStatistics:
    """Return the statistics of a column's numbers."""
    low, *_, high = quantiles = np.quantile(values, [0, *_QUANTILES, 1]).tolist()
    # The computed deviation of a constant is not always exactly 0.
    mean, std = (low, 0.0) if low == high else (float(values.mean()), float(values.std()))
    _, q05, q25, q50, q75, q95, _ = quantiles
    return ColumnStatistics(name, len(values), mean, std, (q05, q25, q50, q75, q95))


def _z_score(value: object, statistics: ColumnStatistics) -> ZScore:
    """Return the z-score of one value."""
    number = _number(value)
    if number is None:
        return ZScore(statistics, None, None)
    distance = number - statistics.mean
    if statistics.std:
        return ZScore(statistics, number, distance / statistics.std)
    return ZScore(statistics, number, 0.0 if distance == 0 else None)


def _number(value: object) -> float | None:
    """Return a finite number as a float, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
