"""What the Data page shows of a data set: counted or sampled, never the rows as they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.data.datasets import DataSet
from iris_core.exploration import distributions, feature_ranking, sampling
from iris_core.exploration.distributions import CategoryCounts, Histogram
from iris_core.exploration.search import SearchResult, search

CLASS_COLOURS = 10
"""Classes that a figure can show in distinct colours; of more, the last colour is all others'."""
SAMPLE_ROWS = 3_000
"""Points of a scatter plot: the browser draws each."""
TABLE_ROWS = 1_000
TABLE_CELLS = 100_000
"""Rows and cells of a table that the browser is sent at most."""

_CORRELATED_FROM = 0.9

Counts = Histogram | CategoryCounts


@dataclass(frozen=True, eq=False)
class ScatterPoints:
    """Some rows of a data set, to be drawn one by one, and both columns counted over all rows.

    Attributes:
        rows: the two columns and the label of the rows to be drawn.
        total: rows that they were sampled from.
        groups: (rows,) each row's index among the classes of the counts; their number stands for
            all other classes.
        x: the column on the horizontal axis, counted.
        y: the column on the vertical axis, counted.
    """

    rows: pd.DataFrame
    total: int
    groups: NDArray[np.intp]
    x: Counts
    y: Counts


def count_column(dataset: DataSet, column: str, *, bins: int = distributions.BINS) -> Counts:
    """Count one column by class: in bins if it holds numbers, by category if it holds text.

    Args:
        dataset: all of its rows are counted.
        column: the label or a feature.
        bins: of a column of numbers.
    """
    classes = distinct_colours(dataset)
    if distributions.is_text(dataset, column):
        return distributions.category_counts(dataset, column, classes=classes)
    return distributions.histogram(dataset, column, bins=bins, classes=classes)


def count_classes(dataset: DataSet) -> CategoryCounts:
    """Count the rows of each class."""
    return distributions.category_counts(dataset, dataset.label, classes=0)


def distinct_colours(dataset: DataSet) -> int:
    """Return how many classes have a colour of their own."""
    count = len(dataset.classes)
    return count if count <= CLASS_COLOURS else CLASS_COLOURS - 1


def scatter_points(
    dataset: DataSet, x: Counts, y: Counts, sample: sampling.Sample
) -> ScatterPoints:
    """Return the points of two columns that were counted, for the rows of a sample."""
    columns = list(dict.fromkeys((x.column, y.column, dataset.label)))
    _, groups = distributions.common_classes(dataset, distinct_colours(dataset))
    positions = sample.frame.index.to_numpy()
    return ScatterPoints(sample.frame[columns], sample.total_rows, groups[positions], x, y)


def sample_rows(dataset: DataSet) -> sampling.Sample:
    """Return as many rows as a scatter plot can show, each class with its share."""
    return sampling.sample_rows(dataset, SAMPLE_ROWS)


def search_rows(dataset: DataSet, query: str) -> SearchResult:
    """Return the rows that match all words of a query, as many as a browser can show."""
    limit = max(1, min(TABLE_ROWS, TABLE_CELLS // len(dataset.frame.columns)))
    return search(dataset, query, limit=limit)


def rank_features(dataset: DataSet, sample: sampling.Sample) -> tuple[str, ...]:
    """Return the features, those that separate the classes best first.

    The second one is not merely correlated with the first, if there is such a one; columns of
    categories and dates come last.
    """
    numeric = list(dataset.numeric)
    classes = dataset.class_indices[sample.frame.index.to_numpy()]
    scores = feature_ranking.feature_scores(sample.frame[numeric], classes)
    ranked = sorted(numeric, key=lambda name: -scores[name])
    for index, name in enumerate(ranked[1:], start=1):
        if abs(sample.frame[ranked[0]].corr(sample.frame[name])) < _CORRELATED_FROM:
            ranked.insert(1, ranked.pop(index))
            break
    return (*ranked, *dataset.categorical, *dataset.dates)
