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
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.checks import check_fields
from iris_core.data.columns import Columns
from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import Fingerprints, fingerprints
from iris_core.errors import SchemaError

MAX_CLASSES = 256
MAX_CATEGORIES = 1_000


@dataclass(frozen=True, slots=True)
class NumericFeature:
    """A column of numbers, with its statistics in training.

    Attributes:
        name: of the column.
        mean: of the numbers; 0 if there were none.
        std: their population standard deviation; 0 for a constant.
        minimum: the smallest of them.
        maximum: the largest of them.
    """

    name: str
    mean: float
    std: float
    minimum: float
    maximum: float


@dataclass(frozen=True, slots=True)
class CategoricalFeature:
    """A column of categories.

    Attributes:
        name: of the column.
        categories: those seen in training, sorted as text.
    """

    name: str
    categories: tuple[str, ...]


Feature = NumericFeature | CategoricalFeature


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
    def fit(cls, ds: DataSet) -> Schema:
        """Learn scales and categories from a data set.

        Raises:
            SchemaError: there are more than 256 classes or more than 1,000 categories of a
                column, or no feature has a value.
        """
        if len(ds.classes) > MAX_CLASSES:
            raise SchemaError(
                f"{ds.name}, label '{ds.label}': expected at most {MAX_CLASSES} classes, received "
                f"{len(ds.classes):,}. Choose another label column."
            )
        categorical = set(ds.categorical)
        features = tuple(
            _fit_categories(ds, name) if name in categorical else _fit_scale(ds.frame[name])
            for name in ds.features
        )
        schema = cls(ds.label, ds.classes, features)
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
    def width(self) -> int:
        """Number of the network's inputs: all numbers first, then one for each category."""
        return len(self.numeric) + sum(len(feature.categories) for feature in self.categorical)

    @property
    def columns(self) -> Columns:
        """The label and the features by kind, which make the model's project."""
        return Columns(
            self.label,
            tuple(feature.name for feature in self.numeric),
            tuple(feature.name for feature in self.categorical),
        )

    def fingerprints(self, frame: pd.DataFrame) -> Fingerprints:
        """Return (rows,) what each row is known by: the values of the model's own features.

        Raises:
            SchemaError: a column is missing, or holds text where the model learned numbers.
        """
        self.check_columns(frame)
        columns = self.columns
        return fingerprints(frame, numeric=columns.numeric, categorical=columns.categorical)

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


def _fit_scale(column: pd.Series) -> NumericFeature:
    """Learn the scale of a column of numbers; one without any number is a constant 0."""
    values = column.to_numpy(dtype=np.float64)
    values = values[~np.isnan(values)]
    if not len(values):
        return NumericFeature(str(column.name), 0.0, 0.0, 0.0, 0.0)
    low, high = float(values.min()), float(values.max())
    # The computed deviation of a constant is not always exactly 0.
    mean, std = (low, 0.0) if low == high else (float(values.mean()), float(values.std()))
    return NumericFeature(str(column.name), mean, std, low, high)


def _fit_categories(ds: DataSet, name: str) -> CategoricalFeature:
    """Learn the categories of a column of text."""
    categories = sorted(ds.frame[name].dropna().unique())
    if len(categories) > MAX_CATEGORIES:
        raise SchemaError(
            f"{ds.name}, column '{name}': expected at most {MAX_CATEGORIES:,} categories, received "
            f"{len(categories):,}. Leave out a column that only names its rows."
        )
    return CategoricalFeature(name, tuple(categories))


def _feature_from_dict(data: Mapping[str, Any]) -> Feature:
    """Read one feature; raises `KeyError`, `TypeError` or `ValueError` if it is not one."""
    name = str(data["name"])
    if "categories" in data:
        return CategoricalFeature(name, tuple(map(str, data["categories"])))
    statistics = [float(data[key]) for key in ("mean", "std", "minimum", "maximum")]
    if not all(map(math.isfinite, statistics)) or statistics[1] < 0:
        raise ValueError(f"column '{name}' has the statistics {statistics}")
    return NumericFeature(name, *statistics)
