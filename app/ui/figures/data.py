"""Pictures of data sets, drawn from what was counted: at most a sample of the rows is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from app.ui.figures.picture import Picture, drawn, listed, number, short, text, texts
from iris_core.exploration.correlation import Correlations
from iris_core.exploration.distributions import CategoryCounts, Histogram
from iris_core.exploration.drift import (
    DRIFT_ABOVE,
    MODERATE_FROM,
    ColumnDrift,
    DriftComparison,
    DriftLevel,
)

OTHERS = "all others"
HEAT_COLUMNS = 40
"""Columns of a heat map; of more, those that go together most."""
SHIFT_COLUMNS = 30
"""Columns of a picture of shifts, the most shifted ones."""

_CELL = 26
_ROOM_FOR_FIGURES = 12
_ROOM_FOR_NAME = 24
_JITTER = 0.3
_PSI_TICKS = (0, MODERATE_FROM, DRIFT_ABOVE, 0.5, 1, 2, 4, 8, 16)
_VERDICTS: tuple[DriftLevel, ...] = ("shifted", "moderate", "stable", "too few rows to say")

Counts = Histogram | CategoryCounts


@dataclass(frozen=True, eq=False)
class Points:
    """Some rows of a data set, to be drawn one by one, and both columns counted over all rows.

    Attributes:
        rows: the two columns and the label of the rows to be drawn.
        of: rows that they were taken from.
        groups: (rows,) each one's place among the classes of the counts; their number: all others.
        x, y: the two columns, counted.
    """

    rows: pd.DataFrame
    of: int
    groups: NDArray[np.intp]
    x: Counts
    y: Counts


def class_balance(counts: CategoryCounts) -> Picture:
    """How many rows each class has."""
    names, rows = _told(counts.categories, counts.other_categories), _totals(counts)
    bars = go.Bar(
        x=list(range(len(names))),
        y=rows,
        customdata=texts(names),
        hovertemplate="%{customdata}: %{y:,}<extra></extra>",
        texttemplate="%{y:,}",
        textposition="outside",
        cliponaxis=False,
    )
    figure = drawn([bars], x=short(counts.column), y="rows", height=340, xaxis=_named(names))
    told = dict(zip(names, rows, strict=True))
    alt = f"Rows by {short(counts.column)}: {listed(told)}."
    return Picture(figure, alt, pd.DataFrame({"class": _full(counts), "rows": rows}))


def histogram(counts: Counts, *, by_class: bool = True) -> Picture:
    """How the values of one column are spread, class by class."""
    places, widths, names = _bars(counts)
    grouped = _class_counts(counts) if by_class else {"all": _totals(counts)}
    hover = _spans(counts)
    traces = [
        go.Bar(
            x=places,
            y=rows,
            width=widths,
            name=text(group),
            customdata=texts(hover),
            hovertemplate="%{customdata}: %{y:,}",
        )
        for group, rows in grouped.items()
    ]
    figure = drawn(
        traces,
        x=short(counts.column),
        y="rows",
        height=380,
        barmode="stack",
        bargap=0.02,
        xaxis=_named(names) if names else None,
    )
    alt = f"Histogram of {short(counts.column)}{' by class' if by_class else ''}: {_words(counts)}"
    return Picture(figure, alt, _table(counts))


def scatter(points: Points) -> Picture:
    """Two columns against each other by class, each with its own spread at the edge."""
    x, y = points.x, points.y
    groups = _told(x.classes, x.other_classes)
    across, up = _positions(points.rows[x.column], x), _positions(points.rows[y.column], y)
    hover = np.array(
        [texts([_cell(cell) for cell in points.rows[axis.column]]) for axis in (x, y)]
    ).T
    traces: list[Any] = []
    for place, group in enumerate(groups):
        chosen = points.groups == place
        traces.append(
            go.Scatter(
                x=across[chosen],
                y=up[chosen],
                mode="markers",
                marker={"size": 5, "opacity": 0.65},
                name=text(group),
                legendgroup=str(place),
                customdata=hover[chosen],
                hovertemplate="%{customdata[0]}, %{customdata[1]}",
            )
        )
    for counts, axes in ((x, {"yaxis": "y2"}), (y, {"xaxis": "x2"})):
        places, widths, _ = _bars(counts)
        lies = counts is y and "xaxis" in axes
        for place, (group, rows) in enumerate(_class_counts(counts).items()):
            traces.append(
                go.Bar(
                    x=rows if lies else places,
                    y=places if lies else rows,
                    width=widths,
                    orientation="h" if lies else "v",
                    name=text(group),
                    legendgroup=str(place),
                    showlegend=False,
                    hovertemplate="%{x:,}" if lies else "%{y:,}",
                    **axes,
                )
            )
    figure = drawn(
        traces,
        x=short(x.column),
        y=short(y.column),
        height=520,
        barmode="stack",
        bargap=0.02,
        xaxis={"domain": [0, 0.84], **_categories(x)},
        yaxis={"domain": [0, 0.82], **_categories(y)},
        xaxis2={"domain": [0.86, 1], "anchor": "y", "showticklabels": False},
        yaxis2={"domain": [0.84, 1], "anchor": "x", "showticklabels": False},
        showlegend=len(groups) > 1,
        legend={"itemsizing": "constant"},
    )
    alt = (
        f"Scatter of {short(y.column)} over {short(x.column)} by class, "
        f"{_shown(len(points.rows), points.of)}{_going_together(points)} "
        f"{short(x.column)}: {_words(x)} {short(y.column)}: {_words(y)}"
    )
    table = points.rows.copy()
    table.insert(0, "row", points.rows.index, allow_duplicates=True)
    return Picture(figure, alt, table)


def correlation_map(found: Correlations) -> Picture:
    """How each two columns of numbers go together."""
    places = _most_correlated(found)
    names = [short(found.columns[place], _ROOM_FOR_NAME) for place in places]
    values = np.round(found.values[np.ix_(places, places)], 3)
    has_room = len(names) <= _ROOM_FOR_FIGURES
    cells = go.Heatmap(
        z=values.astype(np.float32),
        zmin=-1,
        zmax=1,
        autocolorscale=True,
        texttemplate="%{z:.2f}" if has_room else None,
        customdata=[[f"{text(one)}, {text(other)}" for other in names] for one in names],
        hovertemplate="%{customdata}: %{z:.2f}<extra></extra>",
        colorbar={"orientation": "h", "thickness": 10, "y": 1.01, "yanchor": "bottom"},
        xgap=1,
        ygap=1,
    )
    # The names stand once, with numbers: twice they would leave the cells no room on a phone.
    some = range(0, len(names), 1 + len(names) // 10)
    numbered = [f"{name} · {place}" for place, name in enumerate(names, start=1)]
    figure = drawn(
        [cells],
        x="",
        y="",
        height=max(260, 110 + _CELL * len(names)),
        xaxis={"tickvals": list(some), "ticktext": [str(place + 1) for place in some]},
        yaxis={**_named(numbered), "autorange": "reversed"},
    )
    pairs = {
        f"{short(found.columns[one])} and {short(found.columns[other])}": float(
            found.values[one, other]
        )
        for one, other in combinations(places, 2)
        if np.isfinite(found.values[one, other])
    }
    strongest = dict(sorted(pairs.items(), key=lambda pair: -abs(pair[1]))[:5])
    told = f"Strongest: {listed(strongest)}." if strongest else "No two columns vary together."
    matrix = pd.DataFrame(found.values, columns=pd.Index(found.columns))
    matrix.insert(0, "correlation of", list(found.columns), allow_duplicates=True)
    return Picture(figure, f"Correlation of {len(names)} columns. {told}", matrix)


def drifts(comparison: DriftComparison) -> Picture:
    """The stability index of each column, the most shifted first."""
    ranked = by_drift(comparison)
    shown = ranked[:SHIFT_COLUMNS]
    traces = []
    for verdict in _VERDICTS:
        of_verdict = [place for place, column in enumerate(shown) if column.verdict == verdict]
        traces.append(
            go.Bar(
                x=[shown[place].psi for place in of_verdict],
                y=of_verdict,
                orientation="h",
                name=verdict,
                showlegend=bool(of_verdict),
                customdata=texts([short(shown[place].name) for place in of_verdict]),
                hovertemplate="%{customdata}: %{x:.3f}",
            )
        )
    # Lines at the two indices that divide the verdicts, and never only what lies below them.
    longest = max((column.psi for column in shown), default=0.0)
    names = [short(column.name, _ROOM_FOR_NAME) for column in shown]
    figure = drawn(
        traces,
        x="population stability index",
        y="",
        height=140 + 22 * len(shown),
        barmode="stack",
        bargap=0.25,
        xaxis={
            "tickvals": _PSI_TICKS,
            "range": [0, max(_PSI_TICKS[2] * 1.2, longest * 1.05)],
            "showgrid": True,
        },
        yaxis={**_named(names), "autorange": "reversed"},
    )
    told = {short(column.name): f"{column.psi:.3f} ({column.verdict})" for column in shown}
    return Picture(
        figure,
        f"Population stability index by column: {listed(told)}.",
        pd.DataFrame(
            {
                "column": [column.name for column in ranked],
                "psi": [column.psi for column in ranked],
                "by chance up to": [column.chance for column in ranked],
                "verdict": [column.verdict for column in ranked],
            }
        ),
    )


def drifted_column(column: ColumnDrift, first: str, second: str) -> Picture:
    """One column in both data sets: the share of the rows in each bin."""
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
        xaxis=_named(names),
        yaxis={"tickformat": ".0%"},
    )
    pairs = zip(names, column.first, column.second, strict=True)
    told = {name: f"{one:.1%} and {other:.1%}" for name, one, other in pairs}
    table = pd.DataFrame({"bin": column.bins, "first": column.first, "second": column.second})
    return Picture(
        figure,
        f"{short(column.name)} in {short(first)} and in {short(second)}, shares of the rows: "
        f"{listed(told)}.",
        table,
    )


def by_drift(comparison: DriftComparison) -> list[ColumnDrift]:
    """The columns from the most shifted to the stable ones; behind them what cannot be said."""
    return sorted(
        comparison.columns,
        key=lambda column: (column.verdict == "too few rows to say", -column.psi),
    )


def _bars(counts: Counts) -> tuple[list[float], list[float], list[str]]:
    """The middle of each bar, its width, and its name if it has one."""
    if isinstance(counts, Histogram):
        edges = counts.edges
        return ((edges[:-1] + edges[1:]) / 2).tolist(), np.diff(edges).tolist(), []
    names = _told(counts.categories, counts.other_categories)
    return [float(place) for place in range(len(names))], [0.8] * len(names), names


def _spans(counts: Counts) -> list[str]:
    """What each bar holds, in words."""
    if isinstance(counts, CategoryCounts):
        return _told(counts.categories, counts.other_categories)
    edges = counts.edges.tolist()
    if counts.edges[1] - counts.edges[0] == 1 and edges[0] % 1 == 0.5:
        return [f"{(low + 0.5):,.0f}" for low in edges[:-1]]
    return [f"{low:,.6g} to {high:,.6g}" for low, high in pairwise(edges)]


def _class_counts(counts: Counts) -> dict[str, list[int]]:
    """The rows of each class in each bar."""
    groups = _told(counts.classes, counts.other_classes)
    bars = len(_bars(counts)[0])
    return {group: rows[:bars].tolist() for group, rows in zip(groups, counts.counts, strict=False)}


def _totals(counts: Counts) -> list[int]:
    """The rows in each bar."""
    totals: list[int] = counts.counts.sum(axis=0)[: len(_bars(counts)[0])].tolist()
    return totals


def _table(counts: Counts) -> pd.DataFrame:
    """The numbers of a histogram, a line for each bar of each class."""
    bars: dict[str, Sequence[Any]]
    if isinstance(counts, Histogram):
        edges = counts.edges.tolist()
        bars = {"from": edges[:-1], "to": edges[1:]}
    else:
        bars = {"category": _full(counts)}
    groups = [*counts.classes, *([OTHERS] if counts.other_classes else [])]
    parts = [
        pd.DataFrame({"class": group, **bars, "rows": rows[: len(next(iter(bars.values())))]})
        for group, rows in zip(groups, counts.counts, strict=False)
    ]
    return pd.concat(parts, ignore_index=True)


def _words(counts: Counts) -> str:
    """A spread in words."""
    totals = _totals(counts)
    without = f" {counts.missing:,} rows have no value." if counts.missing else ""
    if not sum(totals):
        return f"no values.{without}"
    if isinstance(counts, CategoryCounts):
        names = _told(counts.categories, counts.other_categories)
        return f"{listed(dict(zip(names, totals, strict=True)))}.{without}"
    spans = _spans(counts)
    low, high = counts.edges[0], counts.edges[-1]
    most = int(np.argmax(totals))
    return (
        f"{number(float(low))} to {number(float(high))} in {len(totals)} bins, most rows "
        f"({totals[most]:,}) in {spans[most]}.{without}"
    )


def _told(names: Sequence[str], others: int) -> list[str]:
    """The names as a picture holds them, and one for all that are counted together."""
    return [*map(short, names), *([OTHERS] if others else [])]


def _full(counts: CategoryCounts) -> list[str]:
    """The categories in full, and one for all that are counted together."""
    return [*counts.categories, *([OTHERS] if counts.other_categories else [])]


def _named(names: Sequence[str]) -> dict[str, Any]:
    """An axis with names at the places 0, 1, …: as categories, two of one name would be one."""
    return {"tickvals": list(range(len(names))), "ticktext": texts(names)}


def _categories(counts: Counts) -> dict[str, Any]:
    """An axis with the names of a column's categories; of numbers, with nothing of its own."""
    if isinstance(counts, Histogram):
        return {}
    return _named(_told(counts.categories, counts.other_categories))


def _positions(values: pd.Series, counts: Counts) -> NDArray[np.float64]:
    """Where rows lie on an axis: at their number, or near their category's place."""
    if isinstance(counts, Histogram):
        return values.to_numpy(dtype=np.float64)
    codes = pd.Index(counts.categories, dtype="str").get_indexer(pd.Index(values))
    known = values.notna().to_numpy()
    places = np.where(codes < 0, len(counts.categories), codes).astype(np.float64)
    places += np.random.default_rng(0).uniform(-_JITTER, _JITTER, len(places))
    return np.where(known, np.round(places, 3), np.nan)


def _cell(cell: Any) -> str:
    """A cell in words."""
    return short(cell) if isinstance(cell, str) else number(cell)


def _shown(rows: int, of: int) -> str:
    """How many rows are drawn, a sentence's end."""
    return f"all {of:,} rows." if rows == of else f"a sample of {rows:,} of {of:,} rows."


def _going_together(points: Points) -> str:
    """The correlation of two columns of numbers in the rows that are drawn."""
    if not (isinstance(points.x, Histogram) and isinstance(points.y, Histogram)):
        return ""
    pair = points.rows[[points.x.column, points.y.column]].to_numpy(dtype=np.float64)
    pair = pair[~np.isnan(pair).any(axis=1)]
    if len(pair) < 2 or (np.ptp(pair, axis=0) == 0).any():
        return ""
    return f" Their correlation in them is {np.corrcoef(pair.T)[0, 1]:.2f}."


def _most_correlated(found: Correlations) -> list[int]:
    """The places of the columns that a heat map holds, in the data set's order."""
    strength = np.abs(np.nan_to_num(found.values))
    np.fill_diagonal(strength, 0)
    ranked = np.argsort(-strength.max(axis=1, initial=0), kind="stable")[:HEAT_COLUMNS]
    return sorted(ranked.tolist())
