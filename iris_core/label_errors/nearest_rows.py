"""A row side by side with the rows that are most like it, value by value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.data.datasets import DataSet
from iris_core.model.encoding import encode, without_positions
from iris_core.model.schema import Schema

MOST = 5
"""Rows that are put side by side with one."""
FAR = 1.0
"""Standard deviations of its column from which a number counts as another one."""

Mark = Literal["other", "above", "below"]
"""Another category, or a number that is further than `FAR` above or below that of the row."""
Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class NearRow:
    """One of the rows that are most like a row.

    Attributes:
        row: its position, from 0, in the data that it is from.
        label: the one that it has, as reviewed.
        distance: Euclid's, of the scaled features.
        values: by feature, None where it is missing.
        marks: the features in which it differs, and how.
    """

    row: int
    label: str
    distance: float
    values: Mapping[str, Cell]
    marks: Mapping[str, Mark]


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """The row that others are compared with.

    Attributes:
        frame: it alone, with a column for each feature.
        scaled: (features,) its scaled features.
        fingerprint: which its copies have too.
    """

    frame: pd.DataFrame
    scaled: NDArray[np.float32]
    fingerprint: np.uint64


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceRows:
    """Rows to compare with.

    Attributes:
        ds: the rows.
        numbers: the columns of numbers, which come first in the matrix, in its order.
        matrix: (rows, features) float32, scaled.
        labels: of the rows, or of those that are put beside one, as reviewed.
    """

    ds: DataSet
    numbers: tuple[str, ...]
    matrix: NDArray[np.float32]
    labels: Sequence[str] | Mapping[int, str]

    @classmethod
    def of(cls, ds: DataSet, schema: Schema) -> ReferenceRows:
        """Return the rows of a data set, scaled as a model takes them.

        Raises:
            SchemaError: they do not fit the schema.
        """
        numbers = tuple(feature.name for feature in schema.numeric)
        return cls(ds, numbers, _scaled(schema, ds.frame), ds.frame[ds.label].tolist())

    def nearest(self, subject: Subject) -> list[int]:
        """Return the positions of the `MOST` nearest rows; a copy of the subject is none."""
        squares = np.square(self.matrix - subject.scaled).sum(axis=1)
        squares[self.ds.fingerprints == subject.fingerprint] = np.inf
        near: list[int] = np.argsort(squares, kind="stable")[:MOST].tolist()
        return [row for row in near if np.isfinite(squares[row])]

    def beside(self, subject: Subject, rows: Sequence[int]) -> tuple[NearRow, ...]:
        """Return rows by their positions, compared with the subject."""
        return tuple(self._near_row(subject, row) for row in rows)

    def _near_row(self, subject: Subject, row: int) -> NearRow:
        """Return one row, compared with the subject."""
        gaps = self.matrix[row] - subject.scaled
        own, other = (
            {name: _cell(frame[name].iloc[at]) for name in self.ds.features}
            for frame, at in ((subject.frame, 0), (self.ds.frame, row))
        )
        marks: dict[str, Mark] = {
            name: "above" if gap > 0 else "below"
            for name, gap in zip(self.numbers, gaps.tolist(), strict=False)
            if abs(gap) > FAR
        }
        marks |= {name: "other" for name in self.ds.categorical if own[name] != other[name]}
        return NearRow(row, self.labels[row], float(np.linalg.norm(gaps)), other, marks)


def subject_of(ds: DataSet, row: int, schema: Schema) -> Subject:
    """Return a row of a data set, scaled as a model takes it.

    Raises:
        SchemaError: it does not fit the schema.
    """
    frame = ds.frame.iloc[[row]]
    return Subject(frame, _scaled(schema, frame)[0], ds.fingerprints[row])


def _scaled(schema: Schema, frame: pd.DataFrame) -> NDArray[np.float32]:
    """Return (rows, features) the scaled features."""
    return without_positions(schema.layout, encode(schema, frame).matrix)


def _cell(value: object) -> Cell:
    """Return a cell as a plain value, None if it is missing."""
    if isinstance(value, str):
        return value
    number = np.asarray(value).item()
    return None if number is None or number != number else number
