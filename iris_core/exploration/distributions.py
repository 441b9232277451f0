"""The distribution of one column's values over the classes: counts in bins, never the rows.

A chart of a million rows takes as many numbers as one of a thousand: these counts are all that a
browser is sent. Classes beyond the most common ones are counted as one, and so are categories, for
a label or a column may have as many values as there are rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.checks import check_whole
from iris_core.data.datasets import DataSet
from iris_core.errors import DataError

BINS = 30
MAX_BINS = 1_000
CLASSES = 12
"""Classes counted separately by default: no more colours can be distinguished."""
CATEGORIES = 30
"""Categories counted separately by default."""

# Up to here a float holds the halves between whole numbers.
_HALVES_LIMIT = 2.0**52


@dataclass(frozen=True, eq=False)
class Histogram:
    """A column of numbers in bins, class by class.

    Attributes:
        column: its name.
        edges: (bins + 1,) increasing; a bin holds its lower edge, the last one its upper edge too.
        classes: those counted separately, in the order of `DataSet.classes`.
        other_classes: number of all others, which are counted as one.
        counts: (classes + 1, bins) rows; the last row is that of all other classes.
        missing: rows without a value, in no bin.
    """

    column: str
    edges: NDArray[np.float64]
    classes: tuple[str, ...]
    other_classes: int
    counts: NDArray[np.int64]
    missing: int


@dataclass(frozen=True, eq=False)
class CategoryCounts:
    """A column of text by category and class.

    Attributes:
        column: its name.
        categories: those counted separately, the most common first.
        other_categories: number of all others, which are counted as one.
        classes: those counted separately, in the order of `DataSet.classes`.
        other_classes: number of all others, which are counted as one.
        counts: (classes + 1, categories + 1) rows; the last row is that of all other classes, the
            last column that of all other categories.
        missing: rows without a value, in no category.
    """

    column: str
    categories: tuple[str, ...]
    other_categories: int
    classes: tuple[str, ...]
    other_classes: int
    counts: NDArray[np.int64]
    missing: int


def histogram(ds: DataSet, column: str, *, bins: int = BINS, classes: int = CLASSES) -> Histogram:
    """Count a column's numbers in bins of equal width, from the smallest to the largest.

    A column of whole numbers with a span below `bins` has a bin for each, its number in the middle.

    Args:
        ds: the data set.
        column: one of its columns of numbers.
        bins: 1 to 1,000; the result has fewer if a float cannot hold that many distinct edges.
        classes: how many of the most common classes to count separately, 0 or more.

    Raises:
        DataError: there is no such column, or it holds text.
        OptionError: `bins` is out of its range.
    """
    check_whole("bins", bins, low=1, high=MAX_BINS)
    if is_text(ds, column):
        raise DataError(
            f"{ds.name}, column '{column}': expected numbers, received text. Choose a column of "
            "numbers, or count its categories."
        )
    names, groups = common_classes(ds, classes)
    values = ds.frame[column].to_numpy(dtype=np.float64)
    gaps = np.isnan(values)
    missing = int(np.count_nonzero(gaps))
    if missing:
        values, groups = values[~gaps], groups[~gaps]
    edges = _edges(values, bins)
    size = (len(names) + 1, len(edges) - 1)
    bin_of_row = np.searchsorted(edges, values, side="right") - 1
    bin_of_row = np.minimum(bin_of_row, size[1] - 1)
    counts = np.bincount(groups * size[1] + bin_of_row, minlength=size[0] * size[1]).reshape(size)
    return Histogram(column, edges, names, len(ds.classes) - len(names), counts, missing)


def category_counts(
    ds: DataSet, column: str, *, categories: int = CATEGORIES, classes: int = CLASSES
) -> CategoryCounts:
    """Count a column's categories; the label is a column of text like any.

    Args:
        ds: the data set.
        column: one of its columns of text.
        categories: how many of the most common categories to count separately, 0 or more.
        classes: how many of the most common classes to count separately, 0 or more.

    Raises:
        DataError: there is no such column, or it holds numbers.
    """
    if not is_text(ds, column):
        raise DataError(
            f"{ds.name}, column '{column}': expected text, received numbers. Choose a column of "
            "categories, or count its numbers in bins."
        )
    names, groups = common_classes(ds, classes)
    if column == ds.label:
        codes, values = ds.class_indices, list(ds.classes)
    else:
        codes, index = pd.factorize(ds.frame[column])
        values = index.tolist()
    totals = np.bincount(codes + 1, minlength=len(values) + 1)
    largest = np.argsort(-totals[1:], kind="stable")[:categories]
    # The column of each code, then one for all other codes, and last that of a missing value: -1.
    column_of_code = np.full(len(values) + 1, len(largest))
    column_of_code[largest] = np.arange(len(largest))
    column_of_code[-1] = len(largest) + 1
    size = (len(names) + 1, len(largest) + 2)
    pairs = groups * size[1] + column_of_code[codes]
    counts = np.bincount(pairs, minlength=size[0] * size[1]).reshape(size)
    return CategoryCounts(
        column,
        tuple(values[code] for code in largest),
        len(values) - len(largest),
        names,
        len(ds.classes) - len(names),
        counts[:, :-1],
        int(totals[0]),
    )


def is_text(ds: DataSet, column: str) -> bool:
    """Return whether a column holds text.

    Raises:
        DataError: there is no such column.
    """
    if column not in ds.frame.columns:
        raise DataError(
            f"{ds.name}: expected one of its {len(ds.frame.columns)} columns, received "
            f"'{column[:100]}'. Choose one of these."
        )
    return isinstance(ds.frame[column].dtype, pd.StringDtype)


def common_classes(ds: DataSet, limit: int) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """Return the most common classes, and each row's position among them.

    Args:
        ds: the data set.
        limit: how many classes, 0 or more.

    Returns:
        At most `limit` names, in the order of `DataSet.classes`, and (rows,) positions in them; a
        row of any other class has the number of names as its position.
    """
    if len(ds.classes) <= limit:
        return ds.classes, ds.class_indices
    totals = np.bincount(ds.class_indices)
    largest = np.sort(np.argsort(-totals, kind="stable")[:limit])
    positions = np.full(len(totals), len(largest))
    positions[largest] = np.arange(len(largest))
    return tuple(ds.classes[number] for number in largest), positions[ds.class_indices]


def _edges(values: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    """Return increasing edges around all values; 0 and 1 if there is no value."""
    if not len(values):
        return np.array([0.0, 1.0])
    low, high = float(values.min()), float(values.max())
    small = max(-low, high) < _HALVES_LIMIT
    if small and high - low < bins and np.array_equal(values, np.rint(values)):
        return np.arange(low - 0.5, high + 1)
    if low == high:
        margin = max(0.5, abs(low) / 1_000)
        return np.array([low - margin, low + margin])
    return np.unique(np.linspace(low, high, bins + 1))
