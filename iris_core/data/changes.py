"""What changed from one version of a table to another, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import as_letters


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


def row_changes(before: DataSet, after: DataSet) -> list[RowChange]:
    """Return the rows that were relabelled, added and dropped, in this order.

    Copies of a row count as one row: their number does not matter.

    Args:
        before: the earlier version.
        after: the later version, of the same columns.
    """
    earlier = pd.Series(before.frame[before.label].to_numpy(), index=before.fingerprints)
    had_label = pd.MultiIndex.from_arrays([earlier.index, earlier.to_numpy()])
    has_label = pd.MultiIndex.from_arrays([after.fingerprints, after.frame[after.label].to_numpy()])
    is_known = np.isin(after.fingerprints, before.fingerprints)
    relabelled = np.flatnonzero(is_known & ~has_label.isin(had_label))
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
            for row, name, label in _described(after, np.flatnonzero(~is_known))
        ),
        *(
            RowChange("dropped", row, name, label, "")
            for row, name, label in _described(
                before,
                np.flatnonzero(~np.isin(before.fingerprints, after.fingerprints)),
            )
        ),
    ]


def _described(ds: DataSet, rows: np.ndarray) -> Iterator[tuple[int, str, str]]:
    """Yield the position, the fingerprint and the label of rows."""
    names = as_letters(ds.fingerprints[rows])
    labels = ds.frame[ds.label].to_numpy()[rows].tolist()
    return zip(rows.tolist(), names, labels, strict=True)
