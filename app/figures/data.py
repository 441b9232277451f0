"""Pictures of a data set."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from app.figures.picture import Picture, drawn, listed, number, text, texts
from iris_core.datasets import DataSet

BINS = 30
"""Bars of a histogram of numbers."""
CATEGORIES = 30
"""Bars of a histogram of categories; the rarer ones are counted together."""
OTHERS = "all others"

Places = NDArray[np.intp]
"""(rows,) the bar that each value belongs to, -1 for a missing one."""


def class_balance(dataset: DataSet) -> Picture:
    """How many rows each class has."""
    counts = dataset.frame[dataset.label].value_counts().reindex(dataset.classes)
    bars = go.Bar(
        x=texts(counts.index),
        y=counts.to_list(),
        texttemplate="%{y:,}",
        textposition="outside",
        cliponaxis=False,
    )
    figure = drawn([bars], x=dataset.label, y="rows")
    figure.update_xaxes(type="category")
    return Picture(figure, f"Rows by {dataset.label}: {listed(counts.to_dict())}.")


def histogram(dataset: DataSet, column: str) -> Picture:
    """How the values of one column are spread, class by class; counted here, not in the browser."""
    values, labels = dataset.frame[column], dataset.frame[dataset.label]
    places: Places
    ticks: list[Any]
    means: dict[Any, float] = {}
    is_text = isinstance(values.dtype, pd.StringDtype)
    if is_text:
        places, ticks = _categories(values)
        spread = f"{len(ticks)} categories"
    else:
        places, ticks = _bins(values)
        means = dict(values.groupby(labels).mean())
        spread = f"from {number(values.min())} to {number(values.max())}"
    shown = places >= 0
    counts = {
        name: np.bincount(places[shown & (labels == name).to_numpy()], minlength=len(ticks))
        for name in dataset.classes
    }
    bars = [
        go.Bar(x=ticks, y=count.tolist(), name=text(name), hovertemplate="%{x}: %{y:,}")
        for name, count in counts.items()
    ]
    figure = drawn(bars, x=column, y="rows", barmode="stack", bargap=0.05)
    figure.update_xaxes(type="category" if is_text else "linear")
    missing = int(values.isna().sum())
    of_classes = f" Means: {listed(means)}." if means else ""
    without = f" {missing:,} rows have no value." if missing else ""
    return Picture(figure, f"Histogram of {column} by class, {spread}.{of_classes}{without}")


def _bins(values: pd.Series) -> tuple[Places, list[float]]:
    """The bin of each value, -1 for a missing one, and the bins' middles."""
    numbers = values.to_numpy(dtype=np.float64)
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return np.full(len(numbers), -1, dtype=np.intp), [0.0]
    distinct = np.unique(known)
    if len(distinct) <= BINS:
        places = np.searchsorted(distinct, numbers)
        middles = distinct
    else:
        edges = np.linspace(known.min(), known.max(), BINS + 1)
        places = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, BINS - 1)
        middles = (edges[:-1] + edges[1:]) / 2
    return np.where(np.isnan(numbers), -1, places).astype(np.intp), middles.tolist()


def _categories(values: pd.Series) -> tuple[Places, list[str]]:
    """The category of each value, -1 for a missing one, and the categories, commonest first."""
    counts = values.value_counts()
    names = [str(name) for name in counts.index[:CATEGORIES]]
    places = pd.Index(names, dtype="str").get_indexer(pd.Index(values))
    if len(counts) > len(names):
        places = np.where((places < 0) & values.notna().to_numpy(), len(names), places)
        names = [*names, OTHERS]
    return places.astype(np.intp), texts(names)
