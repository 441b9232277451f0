"""Extend a data set by rows of plain values, such as records read from a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from iris_core.data.conversion import as_numbers, as_text
from iris_core.data.datasets import DataSet


def extend(base: DataSet, name: str, rows: Sequence[Mapping[str, object]]) -> DataSet:
    """Return a data set of the rows of `base` and, after them, `rows`.

    Args:
        base: the data set.
        name: of the new data set, for people.
        rows: values by column; each column of `base` is in one of them at least, and further
            fields are ignored.

    Raises:
        SchemaError: a cell is text, or infinite, in a column of numbers.
    """
    added = pd.DataFrame(rows)
    cells = {name: _like(column, added[name]) for name, column in base.frame.items()}
    frame = pd.concat([base.frame, pd.DataFrame(cells)], ignore_index=True)
    return base.with_rows(name, frame)


def _like(column: pd.Series, cells: pd.Series) -> pd.Series:
    """Return cells as numbers or as text, like their column; an empty text is missing."""
    if isinstance(column.dtype, pd.StringDtype):
        return as_text(cells).replace("", None)
    return cells if cells.dtype == column.dtype else as_numbers(cells)
