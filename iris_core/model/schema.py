"""The schema of a model: its label, its classes, and each feature's scale or categories.

It is learnt in training and stored with the model. Columns are matched by name, in any order;
those that the model does not have are ignored, and nothing is ever fitted again on the data to be
predicted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.checks import check_fields
from iris_core.data.columns import Columns
from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import Fingerprints, fingerprints
from iris_core.data.written_dates import DATE_FEATURES, date_features, feature_names
from iris_core.errors import SchemaError
from iris_core.model.binning import bin_edges, bin_means, bins_a_column
from iris_core.model.options import MAX_BINS

MAX_CLASSES = 256
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


@dataclass(frozen=True, slots=True)
class Layout:
    """What is where in an encoded row: numbers, positions of those with bins, then the rest.

    Attributes:
        numbers: how many numbers there are.
        bins: of each of them that has bins, how many.
        others: how many columns are flags and categories.
    """

    numbers: int
    bins: tuple[int, ...]
    others: int

    @property
    def encoded_width(self) -> int:
        """Number of columns of an encoded row, with a position for all bins of a number."""
        return self.numbers + len(self.bins) + self.others

    @property
    def plain_width(self) -> int:
        """Number of columns of an encoded row without those positions."""
        return self.numbers + self.others

    @property
    def width(self) -> int:
        """Number of the network's inputs, one for each bin."""
        return self.numbers + sum(self.bins) + self.others


@dataclass(frozen=True)
class Schema:
    """The columns that a model takes, and the classes that it predicts.

    Attributes:
        label: the label's column.
        classes: the class names in the order of the network's outputs.
        features: in the order of the training data's columns.
    """

    label: str
    classes: tuple[str, ...]
    features: tuple[Feature, ...]

    @classmethod
    def fit(cls, ds: DataSet, *, bins: int = 0) -> Schema:
        """Learn scales and categories from a data set.

        Args:
            ds: the rows to learn from.
            bins: 0, or how many bins a column of numbers is to have. With bins a missing number
                is flagged where some are missing here, and a category that occurs once is left
                out, for nothing could be learnt of it that another row confirms.

        Raises:
            SchemaError: there are more than 256 classes, or no feature has a value.
        """
        if len(ds.classes) > MAX_CLASSES:
            raise SchemaError(
                f"{ds.name}, label '{ds.label}': expected at most {MAX_CLASSES} classes, received "
                f"{len(ds.classes):,}. Choose another label column."
            )
        numbers = len(ds.numeric) + len(DATE_FEATURES) * len(ds.dates)
        each = bins_a_column(bins, numbers)
        features: dict[str, Feature] = {}
        for name in ds.numeric:
            features[name] = _fit_scale(ds.frame[name], bins=each, flag=bins > 0)
        for name in ds.categorical:
            features[name] = _fit_categories(ds.frame[name], least=2 if bins else 1)
        for name in ds.dates:
            features[name] = _fit_date(ds.frame[name], bins=each, flag=bins > 0)
        schema = cls(ds.label, ds.classes, tuple(features[name] for name in ds.features))
        if not schema.width:
            raise SchemaError(f"{ds.name}: expected a feature with values, received none.")
        return schema

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Schema:
        """Return the schema that `to_dict` wrote.

        Raises:
            SchemaError: the data is not a schema.
        """
        check_fields(data, {"label": str, "classes": list | tuple, "features": list | tuple})
        try:
            features = tuple(_feature_from_dict(feature) for feature in data["features"])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise SchemaError(
                f"expected features, received one with a fault: {error!r}."
            ) from error
        return cls(data["label"], tuple(map(str, data["classes"])), features)

    @cached_property
    def numeric(self) -> tuple[NumericFeature, ...]:
        """The features that are numbers."""
        return tuple(item for item in self.features if isinstance(item, NumericFeature))

    @cached_property
    def categorical(self) -> tuple[CategoricalFeature, ...]:
        """The features that are categories."""
        return tuple(item for item in self.features if isinstance(item, CategoricalFeature))

    @cached_property
    def dates(self) -> tuple[DateFeature, ...]:
        """The features that are dates."""
        return tuple(item for item in self.features if isinstance(item, DateFeature))

    @cached_property
    def numbers(self) -> tuple[NumericFeature, ...]:
        """All numbers in the order of the inputs: the features that are, then those of dates."""
        return (*self.numeric, *(part for feature in self.dates for part in feature.parts))

    @cached_property
    def binned(self) -> tuple[NumericFeature, ...]:
        """The numbers that have bins, those with most bins first."""
        binned = (feature for feature in self.numbers if feature.edges)
        return tuple(sorted(binned, key=lambda feature: len(feature.centre), reverse=True))

    @cached_property
    def flagged(self) -> tuple[NumericFeature, ...]:
        """The numbers that are flagged where they are missing."""
        return tuple(feature for feature in self.numbers if feature.flagged)

    @cached_property
    def layout(self) -> Layout:
        """What is where in an encoded row."""
        categories = sum(feature.width for feature in self.categorical)
        bins = tuple(len(feature.centre) for feature in self.binned)
        return Layout(len(self.numbers), bins, len(self.flagged) + categories)

    @property
    def width(self) -> int:
        """Number of the network's inputs."""
        return self.layout.width

    @property
    def columns(self) -> Columns:
        """The label and the features by kind, which make the model's project."""
        return Columns(
            self.label,
            tuple(feature.name for feature in self.numeric),
            tuple(feature.name for feature in self.categorical),
            tuple(feature.name for feature in self.dates),
        )

    def fingerprints(self, frame: pd.DataFrame) -> Fingerprints:
        """Return (rows,) what each row is known by: the values of the model's own features.

        Raises:
            SchemaError: a column is missing, or holds text where the model learned numbers.
        """
        self.check_columns(frame)
        columns = self.columns
        return fingerprints(
            frame, numeric=columns.numeric, categorical=(*columns.categorical, *columns.dates)
        )

    def ignored(self, frame: pd.DataFrame) -> tuple[str, ...]:
        """Return the columns of `frame` that the model does not use."""
        used = {self.label, *(feature.name for feature in self.features)}
        return tuple(name for name in frame.columns if name not in used)

    def check_label(self, ds: DataSet) -> None:
        """Raise `SchemaError` unless the data set has the model's label."""
        if ds.label != self.label:
            raise SchemaError(
                f"{ds.name}: expected '{self.label}' as the label, as in training, received "
                f"'{ds.label}'. Load the data with that label."
            )

    def check_columns(self, frame: pd.DataFrame) -> None:
        """Raise `SchemaError` unless there is a column for each feature."""
        columns = set(frame.columns)
        missing = [feature.name for feature in self.features if feature.name not in columns]
        if missing:
            raise SchemaError(
                f"expected a column for each of the model's {len(self.features)} features, "
                f"received none for {', '.join(map(repr, missing[:30]))}. Add what is missing, or "
                "choose a model that was trained without it."
            )

    def class_indices(self, labels: pd.Series) -> NDArray[np.intp]:
        """Return (rows,) each label's position in `classes`, -1 for one that is not in them."""
        return pd.Index(self.classes, dtype="str").get_indexer(pd.Index(labels))


def _fit_scale(column: pd.Series, *, bins: int, flag: bool) -> NumericFeature:
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


def _fit_categories(column: pd.Series, *, least: int) -> CategoricalFeature:
    """Learn the categories of a column of text that at least so many rows have.

    Of more than `MAX_OWN` the most frequent have an input each, and all others one together.
    """
    counts = column.value_counts()
    frequent = sorted(counts.index[counts >= least], key=lambda name: (-counts[name], name))
    own = frequent[:MAX_OWN]
    return CategoricalFeature(str(column.name), tuple(sorted(own)), len(counts) > MAX_OWN)


def _fit_date(column: pd.Series, *, bins: int, flag: bool) -> DateFeature:
    """Learn the scales of the numbers of a column of dates."""
    known = column.dropna()
    first = str(known.min()) if len(known) else "1970-01-01"
    values = date_features(column, first=first)
    parts = tuple(
        _fit_scale(pd.Series(part, name=f"{column.name}: {name}"), bins=bins, flag=flag)
        for name, part in zip(feature_names(first), values.T, strict=True)
    )
    return DateFeature(str(column.name), first, parts)


def _feature_from_dict(data: Mapping[str, Any]) -> Feature:
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
