"""A labelled table: the label first, then its columns, each of them in a role."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.data.columns import Columns
from iris_core.data.fingerprints import Fingerprints, fingerprints
from iris_core.errors import DataError


@dataclass(frozen=True, eq=False)
class DataSet:
    """A labelled table with an id of its own. Nothing may change its frame.

    A numeric column has the dtype int64 or float64, every other column is text; NaN is a missing
    value. Labels are text, exactly as written, and never missing; or all of them are "", of rows
    whose class nobody knows yet.

    Attributes:
        name: for people; it does not change the id.
        label: the label's column name.
        frame: the table, label column first, with a plain 0…n-1 index.
        dates: the features that are dates, text in ISO 8601.
        ignored: the columns that are no features, such as a customer's number, text as written.
            They stay in the table, so that people can look a record up by them.
        group: the column that says which rows belong together, such as a patient's number, text as
            written; None without one. It is no feature.

    Raises:
        DataError: the frame is not of that form.
    """

    name: str
    label: str
    frame: pd.DataFrame
    dates: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    group: str | None = None

    def __post_init__(self) -> None:
        if list(self.frame.columns[:1]) != [self.label]:
            raise DataError(f"{self.name}: expected the label column '{self.label}' to be first.")
        labels = self.frame[self.label]
        if not isinstance(labels.dtype, pd.StringDtype) or labels.hasnans:
            raise DataError(f"{self.name}: expected a text in every cell of '{self.label}'.")
        for name, kind in self.frame.dtypes.items():
            if not isinstance(kind, pd.StringDtype) and kind not in ("int64", "float64"):
                raise DataError(
                    f"{self.name}, column '{name}': expected numbers or text, received {kind}."
                )
        texts = {name for name, kind in self.frame.dtypes.items() if kind == "str"}
        if others := {*self.dates, *self._no_features} - texts:
            raise DataError(
                f"{self.name}: expected columns of text as dates, as group and to be ignored, "
                f"received {', '.join(sorted(others))}."
            )

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.frame)

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the feature columns, in order."""
        others = set(self._no_features)
        return tuple(name for name in self.frame.columns[1:] if name not in others)

    @property
    def _no_features(self) -> tuple[str, ...]:
        """Names of the columns that are left out, and of the group."""
        return self.ignored if self.group is None else (*self.ignored, self.group)

    @property
    def categorical(self) -> tuple[str, ...]:
        """Names of the feature columns that hold categories."""
        dates = set(self.dates)
        return tuple(name for name in self._features(text=True) if name not in dates)

    @property
    def columns(self) -> Columns:
        """The label and the features by kind, which make its project, and the group."""
        return Columns(self.label, self.numeric, self.categorical, self.dates, self.group)

    @property
    def numeric(self) -> tuple[str, ...]:
        """Names of the feature columns that hold numbers."""
        return self._features(text=False)

    def _features(self, *, text: bool) -> tuple[str, ...]:
        """Return the names of the features that hold text, or those that hold numbers."""
        kinds = dict(zip(self.frame.columns, self.frame.dtypes, strict=True))
        return tuple(
            name for name in self.features if isinstance(kinds[name], pd.StringDtype) == text
        )

    @cached_property
    def fingerprints(self) -> Fingerprints:
        """(rows,) what each row is known by, from its feature values; computed once."""
        return fingerprints(
            self.frame, numeric=self.numeric, categorical=(*self.categorical, *self.dates)
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """The distinct labels, sorted as text."""
        return self._labelled[0]

    @property
    def class_indices(self) -> NDArray[np.intp]:
        """(rows,) each row's position in `classes`; read-only, computed once."""
        return self._labelled[1]

    @cached_property
    def _labelled(self) -> tuple[tuple[str, ...], NDArray[np.intp]]:
        """The classes and the number of each row's class, from one pass over the labels."""
        codes, labels = pd.factorize(self.frame[self.label])
        names = labels.tolist()
        order = sorted(range(len(names)), key=names.__getitem__)
        ranks = np.empty(len(names), dtype=np.intp)
        ranks[order] = np.arange(len(names))
        numbers = ranks[codes]
        numbers.flags.writeable = False
        return tuple(names[code] for code in order), numbers

    @cached_property
    def id(self) -> str:
        """12 hex digits: a SHA-256 fingerprint of the content and the roles of the columns.

        The same table gives the same id whatever file or name it came from.
        """
        digest = hashlib.sha256(_column_digest(self.label, self.class_indices, self.classes))
        # Hashing lets go of Python's lock, so every core takes columns.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for part in pool.map(self._feature_digest, self.frame.columns[1:]):
                digest.update(part)
        if self.dates or self.ignored:
            digest.update(json.dumps([sorted(self.dates), sorted(self.ignored)]).encode())
        if self.group is not None:
            digest.update(json.dumps({"group": self.group}).encode())
        return digest.hexdigest()[:12]

    def _feature_digest(self, name: str) -> bytes:
        """Return 32 bytes, the fingerprint of a column's name, kind and values."""
        column = self.frame[name]
        if isinstance(column.dtype, pd.StringDtype):
            numbers, categories = pd.factorize(column)
            return _column_digest(name, numbers, categories)
        return _column_digest(name, column.to_numpy(), ())

    @property
    def is_labelled(self) -> bool:
        """Whether the rows have labels."""
        return self.classes != ("",)

    def check_classes(self) -> None:
        """Raise `DataError` unless there are two classes or more."""
        if not self.is_labelled:
            raise DataError(
                f"{self.name}: test a model on it instead: expected labels in the column "
                f"'{self.label}', received none."
            )
        if len(self.classes) < 2:
            raise DataError(
                f"{self.name}, column '{self.label}': expected at least two classes, received "
                f"{len(self.classes)}. Add rows of another class, or choose another label column."
            )

    def with_rows(self, name: str, frame: pd.DataFrame) -> DataSet:
        """Return a data set of the same label and roles, with other rows and a name of its own.

        Args:
            name: for people.
            frame: the rows, of this data set's columns; their index is replaced.
        """
        return replace(self, name=name, frame=frame.reset_index(drop=True))


def _column_digest(
    name: str, values: NDArray[np.int64 | np.float64], categories: Iterable[str]
) -> bytes:
    """Return the fingerprint of a column; `values` are positions in `categories` if any."""
    heading = [name, str(values.dtype), len(values), list(categories)]
    digest = hashlib.sha256(json.dumps(heading).encode())
    digest.update(np.ascontiguousarray(values).data)
    return digest.digest()
