"""The features of a model: what it knows of each column that it learns from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from iris_core.data.written_dates import date_features, feature_names
from iris_core.model.binning import bin_edges, bin_means
from iris_core.model.options import MAX_BINS

MAX_CATEGORIES = 1_000
"""Categories that a column may have in a stored schema; earlier versions took no more."""
MAX_OWN = 100
"""The most frequent categories of a column that have an input of their own; the others share one
where there are more."""


@dataclass(frozen=True, slots=True)
class NumericFeature:
    """A column of numbers, with its statistics in training.

    Attributes:
        name: of the column.
        mean: of the numbers; 0 if there were none.
        std: their population standard deviation; 0 for a constant.
        minimum: the smallest of them.
        maximum: the largest of them.
        edges: where its bins begin and end, ascending (`bin_edges`); none without bins.
        centre: of each bin's input the mean in training, 0 to 1.
        flagged: whether an input says that the number is missing, as some were in training.
    """

    name: str
    mean: float
    std: float
    minimum: float
    maximum: float
    edges: tuple[float, ...] = ()
    centre: tuple[float, ...] = ()
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class CategoricalFeature:
    """A column of categories.

    Attributes:
        name: of the column.
        categories: those of training that have an input of their own, sorted as text.
        grouped: whether all other categories share an input.
    """

    name: str
    categories: tuple[str, ...]
    grouped: bool = False

    @property
    def width(self) -> int:
        """Number of its inputs."""
        return len(self.categories) + self.grouped


@dataclass(frozen=True, slots=True)
class DateFeature:
    """A column of dates, of which several numbers are made.

    Attributes:
        name: of the column.
        first: the earliest date in training, ISO 8601; it has a time if the dates have one.
        parts: the numbers: year, month, weekday, days since the first, and the hour if they have
            one.
    """

    name: str
    first: str
    parts: tuple[NumericFeature, ...]


Feature = NumericFeature | CategoricalFeature | DateFeature


def fit_scale(column: pd.Series, *, bins: int, flag: bool) -> NumericFeature:
    """Learn the scale of a column of numbers; one without any number is a constant 0."""
    cells = column.to_numpy(dtype=np.float64)
    values = cells[~np.isnan(cells)]
    if not len(values):
        return NumericFeature(str(column.name), 0.0, 0.0, 0.0, 0.0)
    flagged = flag and len(values) < len(cells)
    edges = bin_edges(values, bins) if bins else ()
    centre = bin_means(values, edges) if edges else ()
    low, high = float(values.min()), float(values.max())
    # The computed deviation of a constant is not always exactly 0.
    mean, std = (low, 0.0) if low == high else (float(values.mean()), float(values.std()))
    return NumericFeature(str(column.name), mean, std, low, high, edges, centre, flagged)


def fit_categories(column: pd.Series, *, least: int) -> CategoricalFeature:
    """Learn the categories of a column of text that at least so many rows have.

    Of more than `MAX_OWN` the most frequent have an input each, and all others one together.
    """
    counts = column.value_counts()
    frequent = sorted(counts.index[counts >= least], key=lambda name: (-counts[name], name))
    own = frequent[:MAX_OWN]
    return CategoricalFeature(str(column.name), tuple(sorted(own)), len(counts) > MAX_OWN)


def fit_date(column: pd.Series, *, bins: int, flag: bool) -> DateFeature:
    """Learn the scales of the numbers of a column of dates."""
    known = column.dropna()
    first = str(known.min()) if len(known) else "1970-01-01"
    values = date_features(column, first=first)
    parts = tuple(
        fit_scale(pd.Series(part, name=f"{column.name}: {name}"), bins=bins, flag=flag)
        for name, part in zip(feature_names(first), values.T, strict=True)
    )
    return DateFeature(str(column.name), first, parts)


def feature_from_dict(data: Mapping[str, Any]) -> Feature:
    """Read one feature; raises `KeyError`, `TypeError` or `ValueError` if it is not one."""
    name = str(data["name"])
    if "categories" in data:
        categories = tuple(map(str, data["categories"]))
        return CategoricalFeature(name, categories, bool(data.get("grouped", False)))
    if "parts" in data:
        parts = tuple(_number_from_dict(part) for part in data["parts"])
        if len(parts) != len(feature_names(str(data["first"]))):
            raise ValueError(f"column '{name}' has {len(parts)} numbers of a date")
        return DateFeature(name, str(data["first"]), parts)
    return _number_from_dict(data)


def _number_from_dict(data: Mapping[str, Any]) -> NumericFeature:
    """Read a number; raises `KeyError`, `TypeError` or `ValueError` if it is not one."""
    name = str(data["name"])
    statistics = [float(data[key]) for key in ("mean", "std", "minimum", "maximum")]
    if not all(map(math.isfinite, statistics)) or statistics[1] < 0:
        raise ValueError(f"column '{name}' has the statistics {statistics}")
    # Earlier versions had no bins.
    edges, centre = (tuple(map(float, data.get(key, ()))) for key in ("edges", "centre"))
    _check_bins(name, edges, centre)
    mean, std, low, high = statistics
    flagged = bool(data.get("flagged", False))
    return NumericFeature(name, mean, std, low, high, edges, centre, flagged)


def _check_bins(name: str, edges: tuple[float, ...], centre: tuple[float, ...]) -> None:
    """Raise `ValueError` unless these are the edges and centres of a column's bins, or none."""
    if len(centre) != max(0, len(edges) - 1) or len(edges) == 1:
        raise ValueError(f"column '{name}' has {len(edges)} edges and {len(centre)} bins")
    if len(centre) > MAX_BINS or not all(0 <= mean <= 1 for mean in centre):
        raise ValueError(f"column '{name}' has bins with the means {centre[:5]}")
    finite = all(map(math.isfinite, edges))
    if not finite or any(start >= end for start, end in pairwise(edges)):
        raise ValueError(f"column '{name}' has bins with the edges {edges[:5]}")
