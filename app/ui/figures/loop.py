"""The figure of the loop: the accuracy from run to run, and the limit of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from app.ui.figures.picture import Picture, drawn, text
from app.ui.figures.values import listed
from iris_core.records.interval import Interval

SERIES = 9
"""Data sets with a colour of their own; the others share the last one."""
OTHERS = "other data"
LIMIT = "limit"
WORSE = "worse beyond chance"
BASELINE = "baseline"


@dataclass(frozen=True, slots=True)
class RunPoint:
    """One run's accuracy.

    Attributes:
        name: of the run, for people.
        series: name of the data set; its runs have one colour.
        accuracy: 0 to 1.
        interval: in which the true accuracy is, with 95 % confidence.
        records: that were tested.
        limit: the highest accuracy at which it is marked; None if it is at none.
        is_worse: whether it is marked: worse than its predecessors beyond chance.
        baseline: accuracy of always saying the majority class; None if it is not known.
    """

    name: str
    series: str
    accuracy: float
    interval: Interval
    records: int
    limit: float | None = None
    is_worse: bool = False
    baseline: float | None = None


def accuracy_over_runs(points: Sequence[RunPoint]) -> Picture:
    """Draw the accuracy of each run with its interval, oldest first, a colour for a data set.

    A dash below a run is its limit; a run that is marked is framed.
    """
    names = list(dict.fromkeys(point.series for point in points))
    coloured = names if len(names) <= SERIES + 1 else names[:SERIES]
    groups: dict[str, list[tuple[int, RunPoint]]] = {}
    for number, point in enumerate(points, start=1):
        series = point.series if point.series in coloured else OTHERS
        groups.setdefault(series, []).append((number, point))
    numbered = list(enumerate(points, start=1))
    traces = [
        *(_series(name, group) for name, group in groups.items()),
        *_baselines(numbered),
        *_limits(numbered),
        *_frames(numbered),
    ]
    lowest = [
        min(point.interval.low, *(1.0 if mark is None else mark for mark in marks))
        for point, marks in ((point, (point.limit, point.baseline)) for point in points)
    ]
    floor = max(0.0, min(lowest, default=0.0) - 0.03)
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


def _baselines(points: Sequence[tuple[int, RunPoint]]) -> list[go.Scatter]:
    """Return a cross at the majority-class baseline of each run that has one."""
    known = [(number, point.baseline) for number, point in points if point.baseline is not None]
    if not known:
        return []
    return [
        go.Scatter(
            x=[number for number, _ in known],
            y=[baseline for _, baseline in known],
            mode="markers",
            marker={"symbol": "x-thin-open", "size": 8, "line": {"width": 2}},
            name=BASELINE,
            legendgroup=BASELINE,
            hovertemplate="always saying the majority class: %{y:.1%}<extra></extra>",
        )
    ]


def _limits(points: Sequence[tuple[int, RunPoint]]) -> list[go.Scatter]:
    """Return a dash at the limit of each run that has one."""
    limited = [(number, point.limit) for number, point in points if point.limit is not None]
    if not limited:
        return []
    return [
        go.Scatter(
            x=[number for number, _ in limited],
            y=[limit for _, limit in limited],
            mode="markers",
            marker={"symbol": "line-ew-open", "size": 16, "line": {"width": 3}},
            name=LIMIT,
            legendgroup=LIMIT,
            hovertemplate="marked from %{y:.1%} down<extra></extra>",
        )
    ]


def _frames(points: Sequence[tuple[int, RunPoint]]) -> list[go.Scatter]:
    """Return a frame around each run that is marked: seen without colours too."""
    worse = [(number, point.accuracy) for number, point in points if point.is_worse]
    if not worse:
        return []
    return [
        go.Scatter(
            x=[number for number, _ in worse],
            y=[accuracy for _, accuracy in worse],
            mode="markers",
            marker={"symbol": "diamond-open", "size": 20, "line": {"width": 3}},
            name=WORSE,
            legendgroup=WORSE,
            hoverinfo="skip",
        )
    ]


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
            "limit": [point.limit for point in points],
            "worse": [point.is_worse for point in points],
            "baseline": [point.baseline for point in points],
        }
    )


def _summary(points: Sequence[RunPoint]) -> str:
    """Return what the figure shows, in words."""
    if not points:
        return "Accuracy of the runs: there is none yet."
    last = points[-1]
    beside = f", the baseline {last.baseline:.1%}" if last.baseline is not None else ""
    change = f", the first {points[0].accuracy:.1%}" if len(points) > 1 else ""
    return (
        f"Accuracy of {len(points):,} runs. The newest, {last.name}: {last.accuracy:.1%}, with 95 "
        f"percent confidence {last.interval.low:.1%} to {last.interval.high:.1%}{beside}{change}. "
        f"{_marked(points)}"
    )


def _marked(points: Sequence[RunPoint]) -> str:
    """Return which runs are marked, in words."""
    names = {point.name: f"{point.accuracy:.1%}" for point in points if point.is_worse}
    if not names:
        return "None is worse than its predecessors beyond chance."
    return f"Worse than their predecessors beyond chance: {listed(names)}."
