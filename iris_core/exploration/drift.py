"""Measure the drift between two data sets: the population stability index of each column.

The index of a column is the sum over its bins of (q - p) ln(q / p), with the shares p of the first
data set, the baseline, and q of the second. That 0.1 and 0.25 divide stable, moderate and drifted
is a convention of credit scoring (Siddiqi, "Credit Risk Scorecards", 2006). It ignores the number
of rows: without any drift the index of n and m rows in B bins is distributed as (1/n + 1/m) times
chi-squared with B - 1 degrees of freedom (Yurdakul and Naranjo, "Statistical properties of the
population stability index", Journal of Risk Model Validation 14, 2020). Where one comparison in 20
would exceed 0.1 by chance alone, no level is given: two data sets of ten bins need some 340 rows
each.

**Bins.** Numbers: the deciles of the first data set, or its values if there are at most ten of
them. Text: the 30 categories with the largest sum of both shares, and all others. Missing values
are a bin of their own. A bin that is empty on both sides is left out; to each of the others half a
row is added on both sides, so that an empty one gives a finite index.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.data.datasets import DataSet
from iris_core.errors import DataError

DriftLevel = Literal["stable", "moderate", "drifted", "too few rows to say"]

MODERATE_FROM = 0.1
DRIFT_ABOVE = 0.25
BINS = 10
CATEGORIES = 30
MISSING = "missing"
OTHERS = "all others"

_SMOOTHING = 0.5
# The standard normal deviate that one in 20 exceeds.
_ONE_IN_20 = 1.6448536


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """One column in both data sets.

    Attributes:
        name: of the column.
        kind: "number" or "category".
        psi: population stability index, 0 or more.
        critical_value: what the index exceeds in one comparison in 20 without drift, above 0.
        level: of the drift, or that there are too few rows for one.
        bins: name of each bin; `(a, b]` holds the numbers above a, up to b.
        first: share of the first data set's rows in each bin, 0 to 1, without smoothing.
        second: likewise of the second.
    """

    name: str
    kind: Literal["number", "category"]
    psi: float
    critical_value: float
    level: DriftLevel
    bins: tuple[str, ...]
    first: tuple[float, ...]
    second: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class DriftComparison:
    """The drift between two data sets, column by column.

    Attributes:
        columns: those that both have, as numbers or as text on both sides, in the first's order.
        only_first: columns that the second lacks.
        only_second: columns that the first lacks.
        other_kind: columns that hold numbers on one side and text on the other.
    """

    columns: tuple[ColumnDrift, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    other_kind: tuple[str, ...]


def compare(first: DataSet, second: DataSet) -> DriftComparison:
    """Compare the columns that two data sets share by name, the label included.

    Args:
        first: the baseline, such as the data a model was trained on; its deciles are the bins.
        second: the data set whose drift from the baseline is measured.

    Raises:
        DataError: one of them has no rows.
    """
    for ds in (first, second):
        if not ds.rows:
            raise DataError(f"{ds.name}: expected rows to compare, received none.")
    one, other = (ds.frame[[ds.label, *ds.features]] for ds in (first, second))
    shared = [name for name in one.columns if name in other.columns]
    alike = [name for name in shared if _is_text(one[name]) == _is_text(other[name])]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        columns = pool.map(
            _compare_column, *([frame[name] for name in alike] for frame in (one, other))
        )
        return DriftComparison(
            tuple(columns),
            only_first=tuple(name for name in one.columns if name not in other.columns),
            only_second=tuple(name for name in other.columns if name not in one.columns),
            other_kind=tuple(name for name in shared if name not in alike),
        )


def by_drift(comparison: DriftComparison) -> list[ColumnDrift]:
    """Return the columns, those with the largest index first, those with too few rows last."""
    return sorted(
        comparison.columns, key=lambda column: (column.critical_value > MODERATE_FROM, -column.psi)
    )


def stability_index(first: NDArray[np.int64], second: NDArray[np.int64]) -> float:
    """Return the population stability index of two columns in the same bins.

    Args:
        first: (bins,) rows, one at least in all.
        second: likewise.

    Returns:
        0 or more; bins that are empty on both sides are left out, the others smoothed.
    """
    used = (first > 0) | (second > 0)
    p, q = (rows[used] + _SMOOTHING for rows in (first, second))
    p, q = p / p.sum(), q / q.sum()
    return float(((q - p) * np.log(q / p)).sum())


def critical_index(bins: int, rows: int, other_rows: int) -> float:
    """Return the index that one comparison in 20 exceeds without any drift.

    The 95% quantile of chi-squared is approximated after Wilson and Hilferty, "The distribution of
    chi-square", 1931; it is off by less than 3% for one degree of freedom, and by less than 1% for
    more.

    Args:
        bins: number of bins that are not empty on both sides; 1 counts as 2.
        rows: of the first data set, 1 or more.
        other_rows: of the second, 1 or more.

    Returns:
        The critical value of the index, above 0.
    """
    freedom = max(1, bins - 1)
    spread = 2 / (9 * freedom)
    chi_squared = freedom * (1 - spread + _ONE_IN_20 * math.sqrt(spread)) ** 3
    return chi_squared * (1 / rows + 1 / other_rows)


def _compare_column(one: pd.Series, other: pd.Series) -> ColumnDrift:
    """Compare one column, of the same kind on both sides."""
    kind: Literal["number", "category"] = "category" if _is_text(one) else "number"
    names, first, second = (_categories if kind == "category" else _numbers)(one, other)
    used = np.flatnonzero((first > 0) | (second > 0))
    psi = stability_index(first, second)
    critical_value = critical_index(len(used), len(one), len(other))
    return ColumnDrift(
        name=str(one.name),
        kind=kind,
        psi=psi,
        critical_value=critical_value,
        level=_level(psi, critical_value),
        bins=tuple(names[index] for index in used),
        first=tuple((first[used] / len(one)).tolist()),
        second=tuple((second[used] / len(other)).tolist()),
    )


def _level(psi: float, critical_value: float) -> DriftLevel:
    """Return the level of an index, or that its critical value is too high to give one."""
    if critical_value > MODERATE_FROM:
        return "too few rows to say"
    if psi > DRIFT_ABOVE:
        return "drifted"
    return "moderate" if psi >= MODERATE_FROM else "stable"


_Binned = tuple[list[str], NDArray[np.int64], NDArray[np.int64]]


def _numbers(one: pd.Series, other: pd.Series) -> _Binned:
    """Return the bins' names, and the rows of both columns in them; the last bin is missing."""
    edges = _edges(one.to_numpy())
    ends = ["-∞", *(f"{edge:.6g}" for edge in edges.tolist()), "∞"]
    names = [f"({low}, {high}]" for low, high in pairwise(ends)]
    names[-1] = names[-1].replace("]", ")")
    return [*names, MISSING], _rows(one.to_numpy(), edges), _rows(other.to_numpy(), edges)


def _edges(values: NDArray[np.int64 | np.float64]) -> NDArray[np.int64 | np.float64]:
    """Return the upper edges of all bins but the last: values of the column, increasing."""
    ordered = np.sort(values)
    # NaN is sorted behind all numbers.
    numbers = ordered[: np.searchsorted(ordered, np.nan)] if values.dtype.kind == "f" else ordered
    starts = np.flatnonzero(numbers[1:] != numbers[:-1]) + 1
    if len(starts) < BINS:
        return numbers[[0, *starts]] if len(numbers) else numbers
    ranks = np.ceil(len(numbers) * np.arange(1, BINS) / BINS).astype(np.intp) - 1
    return np.unique(numbers[ranks])


def _rows(
    values: NDArray[np.int64 | np.float64], edges: NDArray[np.int64 | np.float64]
) -> NDArray[np.int64]:
    """Return (bins + 1,) the number of values in each bin, and of those missing."""
    missing = int(np.count_nonzero(values != values))
    up_to = [int(np.count_nonzero(values <= edge)) for edge in edges]
    return np.diff([0, *up_to, len(values) - missing, len(values)])


def _categories(one: pd.Series, other: pd.Series) -> _Binned:
    """Return the bins' names, and the rows of both columns in them; the last bin is missing."""
    first, second = _value_counts(one), _value_counts(other)
    weights = {
        name: first.get(name, 0) / len(one) + second.get(name, 0) / len(other)
        for name in {**first, **second}
    }
    largest = sorted(weights, key=lambda name: (-weights[name], name))[:CATEGORIES]

    def rows(counts: Mapping[str, int], total: int) -> NDArray[np.int64]:
        of_largest = [counts.get(name, 0) for name in largest]
        present = sum(counts.values())
        return np.array([*of_largest, present - sum(of_largest), total - present])

    return [*largest, OTHERS, MISSING], rows(first, len(one)), rows(second, len(other))


def _value_counts(column: pd.Series) -> dict[str, int]:
    """Return the rows of each category; missing ones are left out."""
    codes, names = pd.factorize(column)
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    return dict(zip(names.tolist(), counts.tolist(), strict=True))


def _is_text(column: pd.Series) -> bool:
    """Return whether a column holds text."""
    return isinstance(column.dtype, pd.StringDtype)
