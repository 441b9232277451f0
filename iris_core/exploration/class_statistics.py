"""How far a record's numbers are from what a class usually shows."""

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
    """One column of numbers in the rows of one class, or of all.

    Attributes:
        column: its name.
        rows: rows that have a number there, one at least.
        mean: of these.
        std: their standard deviation, of the rows as they are (divided by `rows`); 0 if all are
            the same.
        quantiles: what 5, 25, 50, 75 and 95 percent of them do not exceed, interpolated.
    """

    column: str
    rows: int
    mean: float
    std: float
    quantiles: tuple[float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class ZScore:
    """One number of a record beside what is typical.

    Attributes:
        typical: what is.
        value: what the record has; None if it is missing, or no number.
        z_score: distance from the mean in standard deviations, negative below it; None without
            a value, and where all rows are the same and the record is not.
    """

    typical: ColumnStatistics
    value: float | None
    z_score: float | None


def class_statistics(ds: DataSet, of_class: str | None = None) -> tuple[ColumnStatistics, ...]:
    """Return what the columns of numbers usually are; one without any number is left out.

    Args:
        ds: a model's training data.
        of_class: the class whose rows are looked at; all rows by default.

    Raises:
        DataError: the data set has no such class.
    """
    rows = slice(None) if of_class is None else _rows_of(ds, of_class)
    categorical = set(ds.categorical)
    found = []
    for name in ds.features:
        if name in categorical:
            continue
        values = ds.frame[name].to_numpy(dtype=np.float64)[rows]
        values = values[~np.isnan(values)]
        if len(values):
            found.append(_describe(name, values))
    return tuple(found)


def z_scores(
    record: Mapping[str, object], typical: tuple[ColumnStatistics, ...]
) -> tuple[ZScore, ...]:
    """Compare a record with what is typical, column by column; its other fields are passed over.

    `record` holds plain values by column, as `Record.feature_string` writes them.
    """
    return tuple(_deviation(record.get(figures.column), figures) for figures in typical)


def _rows_of(ds: DataSet, name: str) -> NDArray[np.intp]:
    """Return the positions of a class's rows."""
    if name not in ds.classes:
        raise DataError(
            f"{ds.name}: expected one of its {len(ds.classes)} classes, received '{name[:100]}'. "
            "Choose one of these."
        )
    return np.flatnonzero(ds.class_numbers == ds.classes.index(name))


def _describe(name: str, values: NDArray[np.float64]) -> ColumnStatistics:
    """Return the figures of a column's numbers."""
    low, *_, high = quantiles = np.quantile(values, [0, *_QUANTILES, 1]).tolist()
    # The computed deviation of a constant is not always exactly 0.
    mean, std = (low, 0.0) if low == high else (float(values.mean()), float(values.std()))
    _, q05, q25, q50, q75, q95, _ = quantiles
    return ColumnStatistics(name, len(values), mean, std, (q05, q25, q50, q75, q95))


def _deviation(value: object, typical: ColumnStatistics) -> ZScore:
    """Compare one value."""
    number = _number(value)
    if number is None:
        return ZScore(typical, None, None)
    distance = number - typical.mean
    if typical.std:
        return ZScore(typical, number, distance / typical.std)
    return ZScore(typical, number, 0.0 if distance == 0 else None)


def _number(value: object) -> float | None:
    """Return a finite number as a float, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
