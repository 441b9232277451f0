"""What changed from one version of a table to another, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import as_letters

Rows = NDArray[np.intp]
"""(n,) positions of rows, from 0."""

CHANGES = ("relabelled", "added", "dropped")
"""What can happen to a row."""


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that differs from the version before.

    Attributes:
        change: what happened to it.
        row: its position, from 0: in the earlier version if it was dropped, else in the later.
        fingerprint: what it is known by.
        before: its label in the earlier version; empty if it was added.
        after: its label in the later version; empty if it was dropped.
    """

    change: Literal["added", "dropped", "relabelled"]
    row: int
    fingerprint: str
    before: str
    after: str


def count_changes(before: DataSet, after: DataSet) -> dict[str, int]:
    """Return how many rows were relabelled, added and dropped.

    Args:
        before: the earlier version.
        after: the later version, of the same columns.
    """
    changed = _changed_rows(before, after)
    return {name: len(rows) for name, rows in zip(CHANGES, changed, strict=True)}


def row_changes(before: DataSet, after: DataSet, *, most: int | None = None) -> list[RowChange]:
    """Return the rows that were relabelled, added and dropped, in this order.

    Copies of a row count as one row: their number does not matter.

    Args:
        before: the earlier version.
        after: the later version, of the same columns.
        most: changes to return, the first ones; None for all.
    """
    relabelled, added, dropped = _changed_rows(before, after)
    if most is not None:
        relabelled = relabelled[:most]
        added = added[: most - len(relabelled)]
        dropped = dropped[: most - len(relabelled) - len(added)]
    earlier = pd.Series(before.frame[before.label].to_numpy(), index=before.fingerprints)
    first = earlier[~earlier.index.duplicated()]
    labels_before = first.reindex(after.fingerprints[relabelled]).tolist()
    return [
        *(
            RowChange("relabelled", row, name, label, new)
            for (row, name, new), label in zip(
                _described(after, relabelled), labels_before, strict=True
            )
        ),
        *(
            RowChange("added", row, name, "", label)
            for row, name, label in _described(after, added)
        ),
        *(
            RowChange("dropped", row, name, label, "")
            for row, name, label in _described(before, dropped)
        ),
    ]


def _changed_rows(before: DataSet, after: DataSet) -> tuple[Rows, Rows, Rows]:
    """Return the positions of the rows that were relabelled, added and dropped."""
    labels = before.frame[before.label].to_numpy()
    had_label = pd.MultiIndex.from_arrays([before.fingerprints, labels])
    has_label = pd.MultiIndex.from_arrays([after.fingerprints, after.frame[after.label].to_numpy()])
    is_known = np.isin(after.fingerprints, before.fingerprints)
    return (
        np.flatnonzero(is_known & ~has_label.isin(had_label)),
        np.flatnonzero(~is_known),
        np.flatnonzero(~np.isin(before.fingerprints, after.fingerprints)),
    )


def _described(ds: DataSet, rows: Rows) -> Iterator[tuple[int, str, str]]:
    """Yield the position, the fingerprint and the label of rows."""
    names = as_letters(ds.fingerprints[rows])
    labels = ds.frame[ds.label].to_numpy()[rows].tolist()
    return zip(rows.tolist(), names, labels, strict=True)
