"""Rows whose values no training row was like: out of the range, or of a category never seen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class UnfamiliarColumn:
    """The rows of one column with values that training did not have.

    Attributes:
        name: of the column.
        expected: what training had, for people.
        rows: (n,) positions in the data from 0, ascending, one at least.
    """

    name: str
    expected: str
    rows: NDArray[np.intp]


def unfamiliar_columns(
    frame: pd.DataFrame,
    *,
    ranges: Mapping[str, tuple[float, float]],
    categories: Mapping[str, Collection[str]],
) -> list[UnfamiliarColumn]:
    """Return the columns that have such rows, those with most rows first.

    Missing values are none: what a model makes of them it has learnt. Columns that the frame does
    not have, or has as another kind, are left out.

    Args:
        frame: the rows to look at.
        ranges: the smallest and the largest number of each column in training.
        categories: the categories of each column in training.
    """
    found = []
    for name, (low, high) in ranges.items():
        if name in frame and pd.api.types.is_numeric_dtype(frame[name]):
            values = frame[name].to_numpy(dtype=np.float64)
            rows = np.flatnonzero((values < low) | (values > high))
            found.append(UnfamiliarColumn(name, f"{low:.6g} to {high:.6g}", rows))
    for name, known in categories.items():
        if name in frame and isinstance(frame[name].dtype, pd.StringDtype):
            column = frame[name]
            rows = np.flatnonzero((~column.isin([*known]) & column.notna()).to_numpy(dtype=bool))
            found.append(UnfamiliarColumn(name, _listed(known), rows))
    return sorted((entry for entry in found if len(entry.rows)), key=lambda e: -len(e.rows))


def _listed(categories: Collection[str], most: int = 5) -> str:
    """Return categories for people, some of many."""
    names = sorted(categories)
    others = f" and {len(names) - most:,} others" if len(names) > most else ""
    return ", ".join(names[:most]) + others
