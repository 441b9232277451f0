"""The schema of a model: its label, its classes, and each feature's scale or categories.

It is learnt in training and stored with the model. Columns are matched by name, in any order;
those that the model does not have are ignored, and nothing is ever fitted again on the data to be
predicted.
"""

from __future__ import annotations

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
from iris_core.data.written_dates import DATE_FEATURES
from iris_core.errors import SchemaError
from iris_core.model.binning import bins_a_column
from iris_core.model.features import (
    CategoricalFeature,
    DateFeature,
    Feature,
    NumericFeature,
    feature_from_dict,
    fit_categories,
    fit_date,
    fit_scale,
)

MAX_CLASSES = 256


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
            features[name] = fit_scale(ds.frame[name], bins=each, flag=bins > 0)
        for name in ds.categorical:
            features[name] = fit_categories(ds.frame[name], least=2 if bins else 1)
        for name in ds.dates:
            features[name] = fit_date(ds.frame[name], bins=each, flag=bins > 0)
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
            features = tuple(feature_from_dict(feature) for feature in data["features"])
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
