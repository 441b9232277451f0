"""Figures of what speaks for one class or another in a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from app.ui.figures.picture import Picture, drawn, short, text, texts
from app.ui.figures.values import listed, percent
from iris_core.exploration.class_statistics import CategoryShare

MOST = 12
"""Columns of categories that have bars, those that differ most between the classes."""


def category_shares(by_class: Mapping[str, Sequence[CategoryShare]]) -> Picture:
    """Draw how frequent a record's categories are in each of some classes.

    Args:
        by_class: the same columns for each class.
    """
    columns: dict[str, list[CategoryShare]] = {}
    for shares in by_class.values():
        for entry in shares:
            columns.setdefault(entry.column, []).append(entry)
    chosen = sorted(columns.values(), key=_gap, reverse=True)[:MOST][::-1]
    names = [f"{entries[0].column} = {short(entries[0].value, 24)}" for entries in chosen]
    bars = [
        go.Bar(
            x=[_share(entries[number]) for entries in chosen],
            y=texts(names),
            name=text(name),
            orientation="h",
            text=[_counted(entries[number]) for entries in chosen],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.1%}",
        )
        for number, name in enumerate(by_class)
    ]
    figure = drawn(
        bars,
        x="share of the class's training rows",
        y="",
        height=100 + (24 + 22 * len(by_class)) * len(chosen),
        xaxis={"range": [0, 1.25], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]},
        yaxis={"type": "category"},
        legend={"traceorder": "reversed"},
    )
    in_words = "; ".join(
        f"{name}: "
        + listed({f"{e.column} = {e.value}": percent(_share(e)) for e in by_class[name]})
        for name in by_class
    )
    table = pd.DataFrame(
        [
            (name, entry.column, entry.value, entry.rows, entry.of)
            for name, shares in by_class.items()
            for entry in shares
        ],
        columns=["class", "column", "category", "rows with it", "rows"],
    )
    return Picture(figure, f"How frequent the record's categories are. {in_words}.", table)


def _share(entry: CategoryShare) -> float:
    """Return the share of a class's rows that have a category, 0 to 1."""
    return entry.rows / entry.of if entry.of else 0.0


def _gap(entries: Sequence[CategoryShare]) -> float:
    """Return by how much the shares of a category differ between classes."""
    shares = list(map(_share, entries))
    return max(shares) - min(shares)


def _counted(entry: CategoryShare) -> str:
    """Write a share as it was counted."""
    return f"{entry.rows:,} of {entry.of:,}"
