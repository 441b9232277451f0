"""Search the rows of a data set for words and numbers, in every column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.checks import check_whole
from iris_core.data.datasets import DataSet

MAX_WORDS = 8
"""Words of a query that count."""
MAX_RESULTS = 1_000_000

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})")


@dataclass(frozen=True, eq=False)
class SearchResult:
    """The matching rows of a search.

    Attributes:
        frame: the first of them, all columns, indexed by their position in the data set.
        total_matches: number of all matching rows.
        total_rows: number of rows searched.
    """

    frame: pd.DataFrame
    total_matches: int
    total_rows: int


def search(ds: DataSet, query: str, *, limit: int) -> SearchResult:
    """Return the first rows in which each word of a query occurs in some cell.

    In a column of text a word occurs in the cells that contain it, in upper or lower case. In a
    column of numbers it occurs in those that begin with it: 5.1 in 5.1 and 5.14, not in 5.2 or 51.

    Args:
        ds: the data set.
        query: words between spaces, of which the first eight count; without any, every row
            matches.
        limit: rows to return, 1 to 1,000,000.

    Raises:
        OptionError: `limit` is out of its range.
    """
    check_whole("limit", limit, low=1, high=MAX_RESULTS)
    words = query.split()[:MAX_WORDS]
    if not words:
        return SearchResult(ds.frame.head(limit).copy(), ds.rows, ds.rows)
    matches = np.ones(ds.rows, dtype=bool)
    for word in words:
        matches &= _rows_with(ds, word)
    positions = np.flatnonzero(matches)
    return SearchResult(ds.frame.iloc[positions[:limit]], len(positions), ds.rows)


def _rows_with(ds: DataSet, word: str) -> NDArray[np.bool_]:
    """Return (rows,) whether a word occurs in some cell."""
    matches = np.zeros(ds.rows, dtype=bool)
    span = _span(word)
    for name in ds.frame.columns:
        column = ds.frame[name]
        if isinstance(column.dtype, pd.StringDtype):
            in_text = column.str.contains(word, case=False, regex=False, na=False)
            matches |= in_text.to_numpy(dtype=bool)
        elif span:
            values = column.to_numpy()
            above, below = (np.less_equal, np.less) if span[2] else (np.less, np.less_equal)
            matches |= above(span[0], values) & below(values, span[1])
    return matches


def _span(word: str) -> tuple[float, float, bool] | None:
    """Return the range of the numbers that begin with a word, None if the word is not a number.

    Its lower end is in the range if the third value is True, else its upper end is.
    """
    if not _NUMBER.fullmatch(word):
        return None
    number = Decimal(word)
    _, _, exponent = number.as_tuple()
    step = Decimal(1).scaleb(int(exponent))
    if word.startswith("-"):
        return float(number - step), float(number), False
    return float(number), float(number + step), True
