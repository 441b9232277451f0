"""What the views of a data set show, computed once.

Only what was counted or drawn from the rows is kept, never the rows themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import streamlit as st

from app.ui.figures.data import Counts, Points
from iris_core.data.datasets import DataSet
from iris_core.exploration import (
    correlation,
    distributions,
    drift,
    feature_ranking,
    profiling,
    sampling,
)
from iris_core.exploration import (
    search as row_search,
)

COLOURS = 10
"""Classes that a picture can tell apart, one of them all others together."""
ALIKE = 0.9
"""Correlation from which two columns say the same."""
SAMPLE = 3_000
"""Points of a scatter: each is drawn by the browser."""
FOUND_ROWS = 1_000
FOUND_CELLS = 100_000
"""Of a table, what the browser is sent at most."""

_IDENTITY: dict[str | type[Any], Callable[[Any], Any]] = {DataSet: attrgetter("id")}
"""The content of a data set never changes under its id."""


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=_IDENTITY)
def profile(ds: DataSet) -> tuple[profiling.ColumnProfile, ...]:
    """What each column holds."""
    return profiling.profile(ds)


@st.cache_data(max_entries=256, show_spinner=False, hash_funcs=_IDENTITY)
def spread(ds: DataSet, column: str, bins: int = distributions.BINS) -> Counts:
    """How one column is spread over the classes."""
    classes = distinct_colours(ds)
    if distributions.is_text(ds, column):
        return distributions.category_counts(ds, column, classes=classes)
    return distributions.histogram(ds, column, bins=bins, classes=classes)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=_IDENTITY)
def classes(ds: DataSet) -> distributions.CategoryCounts:
    """How many rows each class has."""
    return distributions.category_counts(ds, ds.label, classes=0)


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=_IDENTITY)
def points(ds: DataSet, x: str, y: str) -> Points:
    """Two columns of some rows, to be drawn one by one."""
    sample = _sample(ds)
    columns = list(dict.fromkeys((x, y, ds.label)))
    _, groups = distributions.common_classes(ds, distinct_colours(ds))
    return Points(
        sample.frame[columns],
        sample.of,
        groups[sample.frame.index.to_numpy()],
        spread(ds, x),
        spread(ds, y),
    )


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=_IDENTITY)
def correlations(ds: DataSet) -> correlation.Correlations:
    """How the columns of numbers go together."""
    return correlation.correlations(ds)


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=_IDENTITY)
def comparison(first: DataSet, second: DataSet) -> drift.DriftComparison:
    """Which columns are spread otherwise in the second data set."""
    return drift.compare(first, second)


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=_IDENTITY)
def search(ds: DataSet, query: str) -> row_search.SearchResult:
    """The rows in which words occur, as many as a browser can do with."""
    rows = max(1, min(FOUND_ROWS, FOUND_CELLS // len(ds.frame.columns)))
    return row_search.search(ds, query, limit=rows)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=_IDENTITY)
def ranked_features(ds: DataSet) -> tuple[str, ...]:
    """The features in an order that is worth looking at: what tells the classes apart first.

    The second is one that says something else than the first, if there is such a one.
    """
    sample = _sample(ds)
    categorical = set(ds.categorical)
    numeric = [name for name in ds.features if name not in categorical]
    groups = ds.class_numbers[sample.frame.index.to_numpy()]
    found = feature_ranking.feature_scores(sample.frame[numeric], groups)
    ranked = sorted(numeric, key=lambda name: -found[name])
    for place, name in enumerate(ranked[1:], start=1):
        if abs(sample.frame[ranked[0]].corr(sample.frame[name])) < ALIKE:
            ranked.insert(1, ranked.pop(place))
            break
    return (*ranked, *ds.categorical)


def distinct_colours(ds: DataSet) -> int:
    """How many classes have a colour of their own."""
    return COLOURS if len(ds.classes) <= COLOURS else COLOURS - 1


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs=_IDENTITY)
def _sample(ds: DataSet) -> sampling.Sample:
    return sampling.sample_rows(ds, SAMPLE)
