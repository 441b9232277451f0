"""What may explain a run's accuracy: its share of candidates, and the drift of its data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from app.ui.figures.picture import Picture, drawn, text
from iris_core.exploration.drift import DRIFT_ABOVE, MODERATE_FROM, DriftLevel
from iris_core.records.interval import Interval

CANDIDATES = "candidates"
DRIFT = "drift"
_PSI_TICKS = (0, MODERATE_FROM, DRIFT_ABOVE, 0.5, 1, 2, 4, 8, 16)
"""With the two indices that divide the levels."""
_TICK_ROOM = 0.15
"""Share of the axis below which a tick would be written over that of 0."""
_LEVEL_SYMBOLS: dict[DriftLevel, str] = {
    "stable": "circle",
    "moderate": "square",
    "drifted": "diamond",
    "too few rows to say": "circle-open",
}


@dataclass(frozen=True, slots=True)
class SignalPoint:
    """What is known of one run.

    Attributes:
        name: of the run, for people.
        threshold: of the retrain rule, as text.
        candidate_rate: share of the records that are candidates, 0 to 1; None if not known.
        candidate_interval: its 95 % interval.
        column: the feature that drifted most from the training data; empty if not known.
        psi: its population stability index; None if not known.
        level: of the drift.
    """

    name: str
    threshold: str
    candidate_rate: float | None = None
    candidate_interval: Interval | None = None
    column: str = ""
    psi: float | None = None
    level: DriftLevel = "too few rows to say"


def run_signals(points: Sequence[SignalPoint]) -> Picture:
    """Draw the candidate rate of each run, oldest first, and below it the drift of its data."""
    numbered = list(enumerate(points, start=1))
    largest = max((point.psi for point in points if point.psi is not None), default=0.0)
    top = max(1.2 * DRIFT_ABOVE, 1.1 * largest)
    figure = drawn(
        [_candidates(numbered), _drift(numbered)],
        x="run, as above",
        y=CANDIDATES,
        height=320,
        xaxis={
            "tickformat": "d",
            "dtick": max(1, -(-len(points) // 8)),
            "range": [0.5, len(points) + 0.5],
            "anchor": "y2",
        },
        yaxis={"domain": [0.56, 1], "tickformat": ".0%", "rangemode": "tozero"},
        yaxis2={
            "domain": [0, 0.44],
            "title": {"text": "drift (PSI)"},
            "automargin": True,
            "tickvals": [tick for tick in _PSI_TICKS if tick == 0 or tick >= _TICK_ROOM * top],
            # Room for a point at 0.
            "range": [-_TICK_ROOM / 2 * top, top],
            "showgrid": True,
        },
        showlegend=False,
    )
    return Picture(figure, _summary(points), _table(points))


def _candidates(points: Sequence[tuple[int, SignalPoint]]) -> go.Scatter:
    """Return the share of candidates of each run, with its interval."""
    known = [
        (number, point, point.candidate_rate, point.candidate_interval)
        for number, point in points
        if point.candidate_rate is not None and point.candidate_interval is not None
    ]
    return go.Scatter(
        x=[number for number, *_ in known],
        y=[rate for _, _, rate, _ in known],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [interval.high - rate for _, _, rate, interval in known],
            "arrayminus": [rate - interval.low for _, _, rate, interval in known],
        },
        customdata=[
            [text(point.name), text(point.threshold), interval.low, interval.high]
            for _, point, _, interval in known
        ],
        hovertemplate="%{customdata[0]}<br>%{y:.1%} are candidates at the threshold "
        "%{customdata[1]}, %{customdata[2]:.1%} to %{customdata[3]:.1%}<extra></extra>",
        mode="markers",
        marker={"size": 9},
        name=CANDIDATES,
    )


def _drift(points: Sequence[tuple[int, SignalPoint]]) -> go.Scatter:
    """Return the largest index of each run whose drift is known; the symbol is its level."""
    known = [(number, point) for number, point in points if point.psi is not None]
    return go.Scatter(
        x=[number for number, _ in known],
        y=[point.psi for _, point in known],
        yaxis="y2",
        customdata=[[text(point.name), text(point.column), point.level] for _, point in known],
        hovertemplate="%{customdata[0]}<br>%{customdata[1]}: index %{y:.3f}, %{customdata[2]}"
        "<extra></extra>",
        mode="markers",
        marker={"size": 10, "symbol": [_LEVEL_SYMBOLS[point.level] for _, point in known]},
        name=DRIFT,
    )


def _table(points: Sequence[SignalPoint]) -> pd.DataFrame:
    """Return the numbers of the figure."""
    intervals = [point.candidate_interval for point in points]
    return pd.DataFrame(
        {
            "run": [point.name for point in points],
            "threshold": [point.threshold for point in points],
            "candidates": [point.candidate_rate for point in points],
            "low": [interval.low if interval else None for interval in intervals],
            "high": [interval.high if interval else None for interval in intervals],
            "drifted most": [point.column for point in points],
            "psi": [point.psi for point in points],
            "drift": ["" if point.psi is None else point.level for point in points],
        }
    )


def _summary(points: Sequence[SignalPoint]) -> str:
    """Return what the figure shows, in words."""
    if not points:
        return "Candidates and drift of the runs: there is none yet."
    last = points[-1]
    rate, interval = last.candidate_rate, last.candidate_interval
    candidates = (
        "its candidates are not known yet"
        if rate is None or interval is None
        else f"{rate:.1%} of its records are candidates, with 95 percent confidence "
        f"{interval.low:.1%} to {interval.high:.1%}"
    )
    drift = (
        "the drift of its data is not known"
        if last.psi is None
        else f"the feature {last.column} drifted most, index {last.psi:.3f} ({last.level})"
    )
    return (
        f"Candidates and drift of {len(points):,} runs. The newest, {last.name}: {candidates}; "
        f"{drift}."
    )
