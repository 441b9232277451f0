"""Figures of why a model decides so: what its columns are worth, and what made a prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from app.ui.figures.picture import Picture, drawn, short_axis, texts
from app.ui.figures.values import listed, number
from iris_core.explanation.contributions import Contributions
from iris_core.explanation.importance import Importance

LARGEST = 15
"""Columns that have bars, those that matter most, unless all are asked for."""
_ROW, _AROUND = 26, 90
"""Heights in pixels: of a bar, and of what is around them."""
_NAME = 28
"""Characters of a name beside a bar: a phone has no room for more."""


def importance_bars(importance: Importance, *, every: bool = False) -> Picture:
    """Draw what shuffling each column costs, with its interval, the most important on top.

    Args:
        importance: of all columns.
        every: whether all columns have bars, not only the first ones.
    """
    shown = importance.columns if every else importance.columns[:LARGEST]
    ends = np.array([(e.log_loss.value, e.log_loss.low, e.log_loss.high) for e in shown]).T
    names = [entry.column for entry in shown]
    figure = _bars(names, *ends, x="log loss that shuffling costs")
    in_words = {
        entry.column: f"{entry.log_loss.value:.3f} ({entry.log_loss.low:.3f} to "
        f"{entry.log_loss.high:.3f})"
        for entry in shown
    }
    table = pd.DataFrame(
        [
            (
                entry.column,
                entry.log_loss.value,
                entry.log_loss.low,
                entry.log_loss.high,
                entry.accuracy.value,
                entry.accuracy.low,
                entry.accuracy.high,
            )
            for entry in importance.columns
        ],
        columns=[
            "column",
            "log loss",
            "log loss, low",
            "log loss, high",
            "accuracy",
            "accuracy, low",
            "accuracy, high",
        ],
    )
    return Picture(
        figure,
        f"What shuffling each column costs in log loss, with the 95 percent interval, the most "
        f"important first: {listed(in_words)}.",
        table,
    )


def contribution_bars(
    parts: Contributions, fields: Mapping[str, object], of_class: str, *, every: bool = False
) -> Picture:
    """Draw what each column of a record adds to the log-odds of a class, the largest on top.

    Args:
        parts: of all columns.
        fields: the record's values by column, None where one is missing.
        of_class: the class.
        every: whether all columns have bars; else the smaller ones share one, so that all bars add
            up to the prediction less the average.
    """
    order = np.argsort(-np.abs(parts.values), kind="stable")
    most = len(order) if every or len(order) <= LARGEST else LARGEST - 1
    first, others = order[:most], order[most:]
    names = [f"{parts.columns[place]} = {cell(fields[parts.columns[place]])}" for place in first]
    values, low, high = (entry[first] for entry in (parts.values, parts.low, parts.high))
    if len(others):
        rest = parts.values[others].sum()
        names.append(f"{len(others):,} other columns")
        values, low, high = (np.append(entry, rest) for entry in (values, low, high))
    figure = _bars(names, values, low, high, x=f"log-odds of {of_class}")
    in_words = {name: f"{value:+.2f}" for name, value in zip(names, values, strict=True)}
    table = pd.DataFrame(
        {
            "column": parts.columns,
            "value": [cell(fields[name]) for name in parts.columns],
            "log-odds": parts.values,
            "low": parts.low,
            "high": parts.high,
        }
    )
    return Picture(
        figure,
        f"What each column adds to the log-odds of {of_class}, from {parts.base:+.2f} on average "
        f"to {parts.prediction:+.2f} for this record: {listed(in_words)}.",
        table,
    )


def _bars(
    names: Sequence[str],
    values: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    *,
    x: str,
) -> go.Figure:
    """Draw horizontal bars with their intervals beside their names, the first on top."""
    upwards = slice(None, None, -1)
    shown = {"x": values[upwards].tolist(), "y": texts(names[upwards])}
    bars = go.Bar(
        **shown,
        orientation="h",
        customdata=np.column_stack((low, high))[upwards],
        hovertemplate="%{y}: %{x:+.3f} [%{customdata[0]:.3f}, %{customdata[1]:.3f}]<extra></extra>",
    )
    # A trace of their own: on a bar they would be of one dark grey, whatever the theme.
    intervals = go.Scatter(
        **shown,
        mode="markers",
        marker={"size": 5},
        error_x=reach(values[upwards], low[upwards], high[upwards]),
        hoverinfo="skip",
    )
    return drawn(
        [bars, intervals],
        x=x,
        y="",
        height=_AROUND + _ROW * max(2, len(names)),
        xaxis={"zeroline": True},
        yaxis=short_axis(names[upwards], _NAME),
        showlegend=False,
    )


def reach(values: Any, low: Any, high: Any) -> dict[str, Any]:
    """Return intervals as plotly draws them beside values."""
    return {
        "type": "data",
        "symmetric": False,
        "array": (high - values).tolist(),
        "arrayminus": (values - low).tolist(),
        "thickness": 1.2,
        "width": 3,
    }


def cell(value: object) -> str:
    """Return a value as people read it."""
    if value is None or value != value:
        return "missing"
    if isinstance(value, (int, float, np.number)):
        return number(int(value) if float(value).is_integer() else value)
    return str(value)
