"""The scatter plot of two columns, with the distribution of each at its edge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from app.services.data.views import Counts, ScatterPoints
from app.ui.figures.counts import (
    bar_positions,
    category_axis,
    describe,
    display_names,
    rows_by_class,
)
from app.ui.figures.picture import Picture, drawn, short, text, texts
from app.ui.figures.values import number
from iris_core.exploration.distributions import Histogram

_JITTER = 0.3


def scatter(points: ScatterPoints) -> Picture:
    """Draw two columns against each other by class, each with its distribution at the edge."""
    x, y = points.x, points.y
    classes = display_names(x.classes, x.other_classes)
    traces = [
        *_clouds(points, classes),
        *_edge_bars(x, horizontal=False),
        *_edge_bars(y, horizontal=True),
    ]
    figure = drawn(
        traces,
        x=short(x.column),
        y=short(y.column),
        height=520,
        barmode="stack",
        bargap=0.02,
        xaxis={"domain": [0, 0.84], **category_axis(x)},
        yaxis={"domain": [0, 0.82], **category_axis(y)},
        xaxis2={"domain": [0.86, 1], "anchor": "y", "showticklabels": False},
        yaxis2={"domain": [0.84, 1], "anchor": "x", "showticklabels": False},
        showlegend=len(classes) > 1,
        legend={"itemsizing": "constant"},
    )
    alt = (
        f"Scatter of {short(y.column)} over {short(x.column)} by class, "
        f"{_row_count(len(points.rows), points.total)}{_correlation(points)} "
        f"{short(x.column)}: {describe(x)} {short(y.column)}: {describe(y)}"
    )
    table = points.rows.copy()
    table.insert(0, "row", points.rows.index, allow_duplicates=True)
    return Picture(figure, alt, table)


def _clouds(points: ScatterPoints, classes: Sequence[str]) -> list[go.Scatter]:
    """Return the points of each class."""
    x = _coordinates(points.rows[points.x.column], points.x)
    y = _coordinates(points.rows[points.y.column], points.y)
    hover = np.array(
        [texts([_cell(cell) for cell in points.rows[axis.column]]) for axis in (points.x, points.y)]
    ).T
    traces = []
    for index, name in enumerate(classes):
        in_class = points.groups == index
        traces.append(
            go.Scatter(
                x=x[in_class],
                y=y[in_class],
                mode="markers",
                marker={"size": 5, "opacity": 0.65},
                name=text(name),
                legendgroup=str(index),
                customdata=hover[in_class],
                hovertemplate="%{customdata[0]}, %{customdata[1]}",
            )
        )
    return traces


def _edge_bars(counts: Counts, *, horizontal: bool) -> list[go.Bar]:
    """Return the bars of one column at the edge: above the points, or right of them."""
    positions, widths, _ = bar_positions(counts)
    return [
        go.Bar(
            x=rows if horizontal else positions,
            y=positions if horizontal else rows,
            width=widths,
            orientation="h" if horizontal else "v",
            name=text(name),
            legendgroup=str(index),
            showlegend=False,
            hovertemplate="%{x:,}" if horizontal else "%{y:,}",
            **({"xaxis": "x2"} if horizontal else {"yaxis": "y2"}),
        )
        for index, (name, rows) in enumerate(rows_by_class(counts).items())
    ]


def _coordinates(values: pd.Series, counts: Counts) -> NDArray[np.float64]:
    """Return where rows lie on an axis: at their number, or near their category's position."""
    if isinstance(counts, Histogram):
        return values.to_numpy(dtype=np.float64)
    codes = pd.Index(counts.categories, dtype="str").get_indexer(pd.Index(values))
    present = values.notna().to_numpy()
    positions = np.where(codes < 0, len(counts.categories), codes).astype(np.float64)
    positions += np.random.default_rng(0).uniform(-_JITTER, _JITTER, len(positions))
    return np.where(present, np.round(positions, 3), np.nan)


def _cell(cell: Any) -> str:
    """Return a cell in words."""
    return short(cell) if isinstance(cell, str) else number(cell)


def _row_count(rows: int, total: int) -> str:
    """Return how many rows are drawn, as the end of a sentence."""
    return f"all {total:,} rows." if rows == total else f"a sample of {rows:,} of {total:,} rows."


def _correlation(points: ScatterPoints) -> str:
    """Return the correlation of two columns of numbers in the rows that are drawn."""
    if not (isinstance(points.x, Histogram) and isinstance(points.y, Histogram)):
        return ""
    pair = points.rows[[points.x.column, points.y.column]].to_numpy(dtype=np.float64)
    pair = pair[~np.isnan(pair).any(axis=1)]
    if len(pair) < 2 or (np.ptp(pair, axis=0) == 0).any():
        return ""
    return f" Their correlation in them is {np.corrcoef(pair.T)[0, 1]:.2f}."
