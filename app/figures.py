"""Pictures of data: data in, a plotly figure and its text alternative out. Knows no screen.

No colour is named here: whoever draws a figure brings the theme's, in light and in dark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from iris_core.datasets import DataSet
from iris_core.models import Epoch

BINS = 30
"""Bars of a histogram of numbers."""
CATEGORIES = 30
"""Bars of a histogram of categories; the rarer ones are counted together."""
OTHERS = "all others"
POINTS = 400
"""Of a curve."""
MARKED_POINTS = 50
"""Up to so many, each point of a curve has a mark of its own."""
_NAMED_IN_WORDS = 12

Places = NDArray[np.intp]
"""(rows,) the bar that each value belongs to, -1 for a missing one."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A plotly figure, and in words what it shows."""

    figure: go.Figure
    alt: str


def class_balance(dataset: DataSet) -> Picture:
    """How many rows each class has."""
    counts = dataset.frame[dataset.label].value_counts().reindex(dataset.classes)
    bars = go.Bar(
        x=_texts(counts.index),
        y=counts.to_list(),
        texttemplate="%{y:,}",
        textposition="outside",
        cliponaxis=False,
    )
    figure = _figure([bars], x=dataset.label, y="rows")
    figure.update_xaxes(type="category")
    return Picture(figure, f"Rows by {dataset.label}: {_listed(counts.to_dict())}.")


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
        spread = f"from {_number(values.min())} to {_number(values.max())}"
    shown = places >= 0
    counts = {
        name: np.bincount(places[shown & (labels == name).to_numpy()], minlength=len(ticks))
        for name in dataset.classes
    }
    bars = [
        go.Bar(x=ticks, y=count.tolist(), name=_text(name), hovertemplate="%{x}: %{y:,}")
        for name, count in counts.items()
    ]
    figure = _figure(bars, x=column, y="rows", barmode="stack", bargap=0.05)
    figure.update_xaxes(type="category" if is_text else "linear")
    missing = int(values.isna().sum())
    of_classes = f" Means: {_listed(means)}." if means else ""
    without = f" {missing:,} rows have no value." if missing else ""
    return Picture(figure, f"Histogram of {column} by class, {spread}.{of_classes}{without}")


def loss_curve(history: Sequence[Epoch]) -> Picture:
    """The loss of each epoch, on the rows that were fitted and on those held back."""
    return _curve(history, "loss", [epoch.loss for epoch in history],
                  [epoch.val_loss for epoch in history])  # fmt: skip


def accuracy_curve(history: Sequence[Epoch]) -> Picture:
    """The accuracy of each epoch, on the rows that were fitted and on those held back."""
    picture = _curve(history, "accuracy", [epoch.accuracy for epoch in history],
                     [epoch.val_accuracy for epoch in history])  # fmt: skip
    picture.figure.update_yaxes(tickformat=".0%")
    return picture


def probability_bars(probabilities: Mapping[str, float]) -> Picture:
    """What a model says of one sample: the probability (0…1) of each class, the first on top."""
    names = list(probabilities)[::-1]
    shares = [probabilities[name] for name in names]
    bars = go.Bar(
        x=shares,
        y=_texts(names),
        orientation="h",
        texttemplate="%{x:.1%}",
        textposition="outside",
        cliponaxis=False,
    )
    figure = _figure([bars], x="probability", y="", height=max(140, 60 + 40 * len(names)))
    figure.update_xaxes(range=[0, 1.12], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1])
    figure.update_yaxes(type="category")
    shown = {name: f"{share:.1%}" for name, share in probabilities.items()}
    return Picture(figure, f"Probability of each class: {_listed(shown)}.")


def confusion(counts: Sequence[Sequence[int]], classes: Sequence[str], unseen: str) -> Picture:
    """Which class was taken for which.

    `counts`: a row for each actual class in the order of `classes`, and a last one for labels the
    model never saw, called `unseen`, which is left out while it is empty; a column for each
    predicted class.
    """
    rows = [*classes, unseen] if any(counts[-1]) else list(classes)
    shown = [list(counts[index]) for index in range(len(rows))]
    cells = go.Heatmap(
        z=shown[::-1],
        x=_texts(classes),
        y=_texts(rows)[::-1],
        texttemplate="%{z:,}",
        hovertemplate="actual %{y}, predicted %{x}: %{z:,}<extra></extra>",
        showscale=False,
        xgap=2,
        ygap=2,
    )
    figure = _figure([cells], x="predicted", y="actual", height=max(260, 120 + 50 * len(rows)))
    figure.update_xaxes(type="category")
    figure.update_yaxes(type="category")
    wrong = {
        f"{actual} taken for {predicted}": shown[row][column]
        for row, actual in enumerate(rows)
        for column, predicted in enumerate(classes)
        if row != column and shown[row][column]
    }
    right = sum(shown[index][index] for index in range(len(classes)))
    told = f"wrong: {_listed(wrong)}" if wrong else "none wrong"
    return Picture(figure, f"Confusion matrix: {right:,} right; {told}.")


def _curve(
    history: Sequence[Epoch], name: str, fitted: Sequence[float], held_back: Sequence[float | None]
) -> Picture:
    # A training of thousands of epochs is drawn twice a second: its curve need not have them all.
    step = -(-len(history) // POINTS) or 1
    shown = [index for index in range(len(history)) if (len(history) - 1 - index) % step == 0]
    numbers = [history[index].number for index in shown]
    mode = "lines+markers" if len(shown) <= MARKED_POINTS else "lines"
    line = go.Scatter(x=numbers, y=[fitted[index] for index in shown], name="training", mode=mode)
    lines = [line]
    alt = f"Curve of the training {name} over {len(history)} epochs"
    if history:
        alt += f", from {fitted[0]:.3g} to {fitted[-1]:.3g}"
    if any(value is not None for value in held_back):
        values = [held_back[index] for index in shown]
        lines.append(go.Scatter(x=numbers, y=values, name="validation", mode=mode))
        alt += f"; validation {name} at the end {held_back[-1]:.3g}"
    every = f"epoch (each {step}th)" if step > 1 else "epoch"
    return Picture(_figure(lines, x=every, y=name), f"{alt}.")


def _figure(
    traces: Sequence[Any], *, x: str, y: str, height: int = 300, **layout: Any
) -> go.Figure:
    figure = go.Figure(list(traces))
    figure.update_layout(
        height=height,
        margin={"l": 10, "r": 10, "t": 30, "b": 10},
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        showlegend=len(traces) > 1,
        **layout,
    )
    figure.update_xaxes(title_text=_text(x), automargin=True)
    figure.update_yaxes(title_text=_text(y), automargin=True)
    return figure


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
    return places.astype(np.intp), _texts(names)


def _texts(names: Sequence[Any] | pd.Index) -> list[str]:
    return [_text(str(name)) for name in names]


def _text(name: str) -> str:
    """A name as plotly shows it unchanged: it takes `<` for the start of markup."""
    return name.replace("&", "&amp;").replace("<", "&lt;")


def _listed(values: Mapping[Any, Any]) -> str:
    """`setosa 400, versicolor 398 and 3 more`."""
    named = [f"{name} {_number(value)}" for name, value in list(values.items())[:_NAMED_IN_WORDS]]
    more = f" and {len(values) - len(named)} more" if len(values) > len(named) else ""
    return ", ".join(named) + more


def _number(value: Any) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,}" if float(value).is_integer() else f"{value:,.4g}"
