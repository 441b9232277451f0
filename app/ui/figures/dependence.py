"""The figure of how a probability depends on one column, row by row and on average."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.ui.figures.explanation import cell, reach
from app.ui.figures.picture import Picture, drawn, short_axis, text
from app.ui.figures.values import listed, percent
from iris_core.explanation.dependence import Dependence

_SHARE = {"range": [-0.03, 1.05], "tickformat": ".0%"}
_CHANGE = {"tickformat": "+.0%"}


def dependence_curves(found: Dependence, *, centred: bool = False) -> Picture:
    """Draw the probability of a class by one column: single rows thin, their mean bold.

    Args:
        found: of the column.
        centred: whether curves begin at 0 and show changes, without the mean's interval.
    """
    places = [place for place, value in enumerate(found.values) if _is_drawn(found, value)]
    x = [_place(found.values[place]) for place in places]
    curves = (found.centred if centred else found.curves)[:, places]
    mean = found.mean[places] - (found.mean[0] if centred else 0.0)
    lines = found.kind != "category"
    traces = [_single_rows(x, curves, lines=lines)]
    if centred:
        traces.append(_mean(x, mean, lines=lines))
    else:
        low, high = found.low[places], found.high[places]
        if lines:
            traces.append(_band(x, low, high))
        ends = None if lines else reach(mean, low, high)
        traces.append(_mean(x, mean, lines=lines, ends=ends))
        traces.append(_flat(x, found.average, lines=lines))
    if lines:
        traces.append(_rug(found, float(curves.min()) if centred else 0.0))
    axis = {
        "number": {},
        "date": {"type": "date"},
        "category": short_axis(list(map(cell, found.values))),
    }
    figure = drawn(
        traces,
        x=found.column,
        y=f"{'change of the ' if centred else ''}probability of {found.of_class}",
        height=360,
        xaxis=axis[found.kind],
        yaxis=_CHANGE if centred else _SHARE,
    )
    table = pd.DataFrame(
        {
            found.column: [cell(value) for value in found.values],
            "mean": found.mean,
            "low": found.low,
            "high": found.high,
        }
    )
    in_words = {
        cell(found.values[place]): percent(float(found.mean[place]))
        for place in range(0, len(found.values), max(1, len(found.values) // 8))
    }
    return Picture(
        figure,
        f"Mean probability of {found.of_class} by {found.column}, {percent(found.average)} on "
        f"average: {listed(in_words)}.",
        table,
    )


def _single_rows(x: Sequence[Any], curves: Any, *, lines: bool) -> go.Scatter:
    """Return the curves of single rows as one trace, with gaps between them."""
    broken = np.column_stack((curves, np.full(len(curves), np.nan)))
    return go.Scatter(
        x=[*x, None] * len(curves),
        y=[None if np.isnan(value) else value for value in broken.ravel().tolist()],
        mode="lines" if lines and len(x) > 1 else "markers",
        line={"width": 0.8},
        marker={"size": 4},
        opacity=0.35,
        name="single rows",
        legendgroup="rows",
        hoverinfo="skip",
    )


def _mean(
    x: Sequence[Any], mean: Any, *, lines: bool, ends: Mapping[str, Any] | None = None
) -> go.Scatter:
    """Return the mean of all rows, with its interval where that is no band."""
    return go.Scatter(
        x=list(x),
        y=mean.tolist(),
        mode="lines" if lines and len(x) > 1 else "markers",
        line={"width": 3.5},
        marker={"size": 11},
        error_y=ends,
        name="mean",
        legendgroup="mean",
        hovertemplate="%{x}: %{y:.1%}<extra></extra>",
    )


def _band(x: Sequence[Any], low: Any, high: Any) -> go.Scatter:
    """Return the interval of the mean as an area."""
    return go.Scatter(
        x=[*x, *x[::-1]],
        y=[*high.tolist(), *low.tolist()[::-1]],
        mode="none",
        fill="toself",
        opacity=0.4,
        name="its 95 % interval",
        legendgroup="mean",
        hoverinfo="skip",
    )


def _flat(x: Sequence[Any], average: float, *, lines: bool) -> go.Scatter:
    """Return the mean probability of the rows as they are, to compare with."""
    ends = [x[0], x[-1]] if len(x) > 1 or lines else list(x)
    return go.Scatter(
        x=ends,
        y=[average] * len(ends),
        mode="lines",
        line={"dash": "dot", "width": 1.5},
        name="as the rows are",
        legendgroup="average",
        hovertemplate="average %{y:.1%}<extra></extra>",
    )


def _rug(found: Dependence, height: float) -> go.Scatter:
    """Return where the values of the single rows lie, so that empty stretches are seen."""
    own = [value for value in found.own if value is not None]
    return go.Scatter(
        x=own,
        y=[height] * len(own),
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 8},
        name="values of these rows",
        legendgroup="rows",
        showlegend=False,
        hoverinfo="skip",
    )


def _is_drawn(found: Dependence, value: float | str | None) -> bool:
    """Return whether a value has a place on the axis: a missing number or date has none."""
    return value is not None or found.kind == "category"


def _place(value: float | str | None) -> float | str:
    """Return where a value is drawn."""
    if isinstance(value, float):
        return value
    return text(cell(value))
