"""Figures of how one column is distributed, over all rows."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from app.services.data.views import Counts
from app.ui.figures.counts import (
    bar_names,
    bar_positions,
    counts_table,
    describe,
    display_names,
    full_names,
    rows_by_class,
    total_rows,
)
from app.ui.figures.picture import Picture, drawn, name_axis, short, text, texts
from app.ui.figures.values import listed
from iris_core.exploration.distributions import CategoryCounts


def class_balance(counts: CategoryCounts) -> Picture:
    """Draw how many rows each class has."""
    names, rows = display_names(counts.categories, counts.other_categories), total_rows(counts)
    bars = go.Bar(
        x=list(range(len(names))),
        y=rows,
        customdata=texts(names),
        hovertemplate="%{customdata}: %{y:,}<extra></extra>",
        texttemplate="%{y:,}",
        textposition="outside",
        cliponaxis=False,
    )
    figure = drawn([bars], x=short(counts.column), y="rows", height=340, xaxis=name_axis(names))
    rows_of = dict(zip(names, rows, strict=True))
    alt = f"Rows by {short(counts.column)}: {listed(rows_of)}."
    return Picture(figure, alt, pd.DataFrame({"class": full_names(counts), "rows": rows}))


def histogram(counts: Counts) -> Picture:
    """Draw how the values of one column are distributed, class by class."""
    positions, widths, names = bar_positions(counts)
    groups = rows_by_class(counts)
    traces = [
        go.Bar(
            x=positions,
            y=rows,
            width=widths,
            name=text(group),
            customdata=texts(bar_names(counts)),
            hovertemplate="%{customdata}: %{y:,}",
        )
        for group, rows in groups.items()
    ]
    figure = drawn(
        traces,
        x=short(counts.column),
        y="rows",
        height=380,
        barmode="stack",
        bargap=0.02,
        xaxis=name_axis(names) if names else None,
    )
    alt = f"Histogram of {short(counts.column)} by class: {describe(counts)}"
    return Picture(figure, alt, counts_table(counts))
