"""The figure of the loop: the accuracy from run to run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from app.ui.figures.picture import Picture, drawn, text
from iris_core.records.interval import Interval

SERIES = 9
"""Data sets with a colour of their own; the others share the last one."""
OTHERS = "other data"


@dataclass(frozen=True, slots=True)
class RunPoint:
    """One run's accuracy.

    Attributes:
        name: of the run, for people.
        series: name of the data set; its runs have one colour.
        accuracy: 0 to 1.
        interval: in which the true accuracy is, with 95 % confidence.
        records: that were tested.
    """

    name: str
    series: str
    accuracy: float
    interval: Interval
    records: int


def accuracy_over_runs(points: Sequence[RunPoint]) -> Picture:
    """Draw the accuracy of each run with its interval, oldest first, a colour for a data set."""
    names = list(dict.fromkeys(point.series for point in points))
    coloured = names if len(names) <= SERIES + 1 else names[:SERIES]
    groups: dict[str, list[tuple[int, RunPoint]]] = {}
    for number, point in enumerate(points, start=1):
        series = point.series if point.series in coloured else OTHERS
        groups.setdefault(series, []).append((number, point))
    traces = [_series(name, group) for name, group in groups.items()]
    floor = max(0.0, min((point.interval.low for point in points), default=0.0) - 0.03)
    figure = drawn(
        traces,
        x="run, oldest first",
        y="accuracy",
        height=320,
        xaxis={
            "tickformat": "d",
            "dtick": max(1, -(-len(points) // 8)),
            "range": [0.5, len(points) + 0.5],
        },
        # Room for a point at 100 %, and none for a mark above it.
        yaxis={"tickformat": ".0%", "range": [floor, 1 + 0.03 * (1 - floor)]},
        showlegend=True,
    )
    return Picture(figure, _summary(points), _table(points))


def _series(name: str, group: Sequence[tuple[int, RunPoint]]) -> go.Scatter:
    """Return the runs on one data set, with bars from the low to the high end of an interval."""
    points = [point for _, point in group]
    return go.Scatter(
        x=[number for number, _ in group],
        y=[point.accuracy for point in points],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [point.interval.high - point.accuracy for point in points],
            "arrayminus": [point.accuracy - point.interval.low for point in points],
        },
        customdata=[
            [text(point.name), point.interval.low, point.interval.high, point.records]
            for point in points
        ],
        hovertemplate="%{customdata[0]}<br>%{y:.1%} of %{customdata[3]:,} records correct, "
        "%{customdata[1]:.1%} to %{customdata[2]:.1%}<extra></extra>",
        mode="lines+markers",
        line={"dash": "dot", "width": 1},
        marker={"size": 9},
        name=text(name),
        legendgroup=name,
    )


def _table(points: Sequence[RunPoint]) -> pd.DataFrame:
    """Return the numbers of the figure."""
    return pd.DataFrame(
        {
            "run": [point.name for point in points],
            "data": [point.series for point in points],
            "accuracy": [point.accuracy for point in points],
            "low": [point.interval.low for point in points],
            "high": [point.interval.high for point in points],
            "records": [point.records for point in points],
        }
    )


def _summary(points: Sequence[RunPoint]) -> str:
    """Return what the figure shows, in words."""
    if not points:
        return "Accuracy of the runs: there is none yet."
    last = points[-1]
    change = f", the first {points[0].accuracy:.1%}" if len(points) > 1 else ""
    return (
        f"Accuracy of {len(points):,} runs. The newest, {last.name}: {last.accuracy:.1%}, with 95 "
        f"percent confidence {last.interval.low:.1%} to {last.interval.high:.1%}{change}."
    )
