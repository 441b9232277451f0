"""Figures of the drift between two data sets."""

from __future__ import annotations

from typing import get_args

import pandas as pd
import plotly.graph_objects as go

from app.ui.figures.picture import Picture, drawn, name_axis, short, text, texts
from app.ui.figures.values import listed
from iris_core.exploration.drift import (
    DRIFT_ABOVE,
    MODERATE_FROM,
    ColumnDrift,
    DriftComparison,
    DriftLevel,
    by_drift,
)

_STABLE, _MODERATE, _DRIFTED, _UNKNOWN = get_args(DriftLevel)

DRIFT_COLUMNS = 30
"""Columns of a figure of drift: those that drifted most."""
LEVELS: tuple[DriftLevel, ...] = (_DRIFTED, _MODERATE, _STABLE, _UNKNOWN)
"""The levels of drift as they are listed on the screen, the largest first."""

_NAME_LENGTH = 24
_PSI_TICKS = (0, MODERATE_FROM, DRIFT_ABOVE, 0.5, 1, 2, 4, 8, 16)


def drift_bars(comparison: DriftComparison) -> Picture:
    """Draw the population stability index of each column, the largest first."""
    ranked = by_drift(comparison)
    columns = ranked[:DRIFT_COLUMNS]
    traces = []
    for level in LEVELS:
        positions = [index for index, column in enumerate(columns) if column.level == level]
        traces.append(
            go.Bar(
                x=[columns[index].psi for index in positions],
                y=positions,
                orientation="h",
                name=level,
                showlegend=bool(positions),
                customdata=texts([short(columns[index].name) for index in positions]),
                hovertemplate="%{customdata}: %{x:.3f}",
            )
        )
    # Grid lines at the two indices that divide the levels, and never only what lies below them.
    largest = max((column.psi for column in columns), default=0.0)
    names = [short(column.name, _NAME_LENGTH) for column in columns]
    figure = drawn(
        traces,
        x="population stability index",
        y="",
        height=140 + 22 * len(columns),
        barmode="stack",
        bargap=0.25,
        xaxis={
            "tickvals": _PSI_TICKS,
            "range": [0, max(DRIFT_ABOVE * 1.2, largest * 1.05)],
            "showgrid": True,
        },
        yaxis={**name_axis(names), "autorange": "reversed"},
    )
    indices = {short(column.name): f"{column.psi:.3f} ({column.level})" for column in columns}
    table = pd.DataFrame(
        {
            "column": [column.name for column in ranked],
            "psi": [column.psi for column in ranked],
            "by chance up to": [column.critical_value for column in ranked],
            "level": [column.level for column in ranked],
        }
    )
    return Picture(figure, f"Population stability index by column: {listed(indices)}.", table)


def drifted_column(column: ColumnDrift, first: str, second: str) -> Picture:
    """Draw one column in both data sets: the share of the rows in each bin.

    Args:
        column: the column, binned.
        first: name of the data set that the other one is compared with.
        second: name of that other one.
    """
    names = [short(name) for name in column.bins]
    traces = [
        go.Bar(
            x=list(range(len(names))),
            y=shares,
            name=text(short(name)),
            customdata=texts(names),
            hovertemplate="%{customdata}: %{y:.1%}",
        )
        for name, shares in ((first, column.first), (second, column.second))
    ]
    figure = drawn(
        traces,
        x=short(column.name),
        y="share of the rows",
        height=360,
        barmode="group",
        xaxis=name_axis(names),
        yaxis={"tickformat": ".0%"},
    )
    pairs = zip(names, column.first, column.second, strict=True)
    by_bin = {name: f"{one:.1%} and {other:.1%}" for name, one, other in pairs}
    table = pd.DataFrame({"bin": column.bins, "first": column.first, "second": column.second})
    return Picture(
        figure,
        f"{short(column.name)} in {short(first)} and in {short(second)}, shares of the rows: "
        f"{listed(by_bin)}.",
        table,
    )
