"""How the values of one column are spread over the classes: bins and counts, never the rows.

A picture of a million rows takes as many numbers as one of a thousand: what is counted here is
all that a browser is sent. Classes beyond the most common ones are counted together, and so are
categories, for a label or a column may have as many values as there are rows.
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
"""Classes told apart unless set: no more colours can be."""
CATEGORIES = 30

# Up to here a float holds the halves between whole numbers.
_HALVES_LIMIT = 2.0**52


@dataclass(frozen=True, eq=False)
class Histogram:
    """A column of numbers in bins, class by class.

    Attributes:
        column: its name.
        edges: (bins + 1,) increasing; a bin holds its lower edge, the last one its upper edge too.
        classes: the classes told apart, in the order of `DataSet.classes`.
        other_classes: number of classes that are counted together.
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
        categories: those told apart, the most common first.
        other_categories: number of categories that are counted together.
        classes: the classes told apart, in the order of `DataSet.classes`.
        other_classes: number of classes that are counted together.
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
        bins: 1 to 1,000; fewer come back if the numbers do not differ enough to be told apart.
        classes: told apart, the most common ones; 0 or more.

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
    places = np.searchsorted(edges, values, side="right") - 1
    places = np.minimum(places, size[1] - 1)
    counts = np.bincount(groups * size[1] + places, minlength=size[0] * size[1]).reshape(size)
    return Histogram(column, edges, names, len(ds.classes) - len(names), counts, missing)


def category_counts(
    ds: DataSet, column: str, *, categories: int = CATEGORIES, classes: int = CLASSES
) -> CategoryCounts:
    """Count a column's categories; the label is a column of text like any.

    Args:
        ds: the data set.
        column: one of its columns of text.
        categories: told apart, the most common ones; 0 or more.
        classes: likewise.

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
        codes, found = ds.class_numbers, list(ds.classes)
    else:
        codes, index = pd.factorize(ds.frame[column])
        found = index.tolist()
    totals = np.bincount(codes + 1, minlength=len(found) + 1)
    kept = np.argsort(-totals[1:], kind="stable")[:categories]
    # The place of each code, one for all others, and behind them that of a missing one: -1.
    places = np.full(len(found) + 1, len(kept))
    places[kept] = np.arange(len(kept))
    places[-1] = len(kept) + 1
    size = (len(names) + 1, len(kept) + 2)
    pairs = groups * size[1] + places[codes]
    counts = np.bincount(pairs, minlength=size[0] * size[1]).reshape(size)
    return CategoryCounts(
        column,
        tuple(found[place] for place in kept),
        len(found) - len(kept),
        names,
        len(ds.classes) - len(names),
        counts[:, :-1],
        int(totals[0]),
    )


def is_text(ds: DataSet, column: str) -> bool:
    """Tell whether a column holds text; raises `DataError` if there is no such column."""
    if column not in ds.frame.columns:
        raise DataError(
            f"{ds.name}: expected one of its {len(ds.frame.columns)} columns, received "
            f"'{column[:100]}'. Choose one of these."
        )
    return isinstance(ds.frame[column].dtype, pd.StringDtype)


def common_classes(ds: DataSet, limit: int) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """Return the most common classes, and each row's place among them.

    Returns:
        At most `limit` names, in the order of `DataSet.classes`, and (rows,) places in them, their
        number itself for a row of any other class.
    """
    if len(ds.classes) <= limit:
        return ds.classes, ds.class_numbers
    totals = np.bincount(ds.class_numbers)
    kept = np.sort(np.argsort(-totals, kind="stable")[:limit])
    places = np.full(len(totals), len(kept))
    places[kept] = np.arange(len(kept))
    return tuple(ds.classes[number] for number in kept), places[ds.class_numbers]


def _edges(values: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    """Return increasing edges around all values; any, if there is no value."""
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
