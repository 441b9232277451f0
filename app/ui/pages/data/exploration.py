"""What the views of a data set show, computed once for each data set.

Only what was counted or sampled is cached, never all of the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

import streamlit as st

from app.services.data import views
from app.services.data.lineage import origin_of
from app.services.data.views import Counts, ScatterPoints
from app.services.workspace import Workspace
from iris_core.data.changes import RowChange
from iris_core.data.datasets import DataSet
from iris_core.exploration import correlation, distributions, drift, profiling
from iris_core.exploration.sampling import Sample
from iris_core.exploration.search import SearchResult

_BY_ID: dict[str | type[Any], Callable[[Any], Any]] = {DataSet: attrgetter("id")}
"""The content of a data set never changes under its id."""


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=_BY_ID)
def profile(dataset: DataSet) -> tuple[profiling.ColumnProfile, ...]:
    """Describe each column."""
    return profiling.profile(dataset)


@st.cache_data(max_entries=256, show_spinner=False, hash_funcs=_BY_ID)
def column_counts(dataset: DataSet, column: str, bins: int = distributions.BINS) -> Counts:
    """Count one column by class."""
    return views.count_column(dataset, column, bins=bins)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=_BY_ID)
def class_counts(dataset: DataSet) -> distributions.CategoryCounts:
    """Count the rows of each class."""
    return views.count_classes(dataset)


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=_BY_ID)
def scatter_points(dataset: DataSet, x: str, y: str) -> ScatterPoints:
    """Return two columns of some rows, to be drawn one by one."""
    counts = column_counts(dataset, x), column_counts(dataset, y)
    return views.scatter_points(dataset, *counts, _sample(dataset))


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=_BY_ID)
def correlations(dataset: DataSet) -> correlation.Correlations:
    """Correlate the columns of numbers."""
    return correlation.correlations(dataset)


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=_BY_ID)
def comparison(first: DataSet, second: DataSet) -> drift.DriftComparison:
    """Measure how the columns of the second data set have drifted from the first."""
    return drift.compare(first, second)


@st.cache_data(max_entries=16, show_spinner="Comparing row by row…")
def changes(
    _workspace: Workspace, version_ids: tuple[str, ...], most: int
) -> tuple[Mapping[str, int], tuple[RowChange, ...] | None]:
    """Return how many rows changed from the second version of a data set to the first, and which.

    Args:
        _workspace: with the versions.
        version_ids: the data set, its parent and so on, as far as they are there.
        most: changes to return, the first ones.
    """
    origin = origin_of(_workspace, version_ids[0], most=most)
    return origin.counts, origin.changes


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=_BY_ID)
def search(dataset: DataSet, query: str) -> SearchResult:
    """Return the rows that match a query, as many as a browser can show."""
    return views.search_rows(dataset, query)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=_BY_ID)
def ranked_features(dataset: DataSet) -> tuple[str, ...]:
    """Return the features, those that separate the classes best first."""
    return views.rank_features(dataset, _sample(dataset))


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs=_BY_ID)
def _sample(dataset: DataSet) -> Sample:
    """Return the rows that a scatter plot shows."""
    return views.sample_rows(dataset)
