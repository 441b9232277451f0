"""What every picture is: a plotly figure, its text alternative and its numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

TOOLBAR = 34
"""Pixels at the right of a figure: plotly's toolbar stands beside what is drawn, not on it."""
_SHORT = 40


@dataclass(frozen=True, slots=True)
class Picture:
    """A plotly figure with what it shows in words.

    Attributes:
        figure: in no colours of its own; the theme adds them.
        alt: the text alternative.
        table: the numbers that it shows, to be downloaded as a file.
    """

    figure: go.Figure
    alt: str
    table: pd.DataFrame | None = None


def drawn(
    traces: Sequence[Any],
    *,
    x: str,
    y: str,
    height: int = 300,
    xaxis: Mapping[str, Any] | None = None,
    yaxis: Mapping[str, Any] | None = None,
    legend: Mapping[str, Any] | None = None,
    **layout: Any,
) -> go.Figure:
    """Return a figure of these traces.

    Its whole layout is set here, for plotly takes ten times as long to update a figure.

    Args:
        traces: of plotly.
        x: title of the horizontal axis, empty for none.
        y: title of the vertical axis, empty for none.
        height: in pixels.
        xaxis: more of plotly's settings of the horizontal axis.
        yaxis: likewise of the vertical one.
        legend: likewise of the legend.
        layout: likewise of the whole figure.
    """
    above = {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0, "traceorder": "normal"}
    defaults = {
        "height": height,
        "margin": {"l": 10, "r": TOOLBAR, "t": 30, "b": 10},
        "modebar": {"orientation": "v"},
        "showlegend": len(traces) > 1,
        "legend": {**above, **(legend or {})},
        "xaxis": {**_titled(x), "automargin": True, **(xaxis or {})},
        "yaxis": {**_titled(y), "automargin": True, **(yaxis or {})},
    }
    return go.Figure(list(traces), {**defaults, **layout})


def _titled(title: str) -> dict[str, Any]:
    """Return an axis' title; none where it is empty, for plotly would keep room for it."""
    return {"title": {"text": text(title)}} if title else {}


def texts(names: Sequence[Any] | pd.Index) -> list[str]:
    """Return names as plotly shows them unchanged."""
    return [text(str(name)) for name in names]


def name_axis(names: Sequence[str]) -> dict[str, Any]:
    """Return an axis with names at 0, 1, …: as categories, two of one name would be one."""
    return {"tickvals": list(range(len(names))), "ticktext": texts(names)}


def text(name: str) -> str:
    """Return a name as plotly shows it unchanged: it takes `<` for the start of markup."""
    return name.replace("&", "&amp;").replace("<", "&lt;")


def short(name: str, most: int = _SHORT) -> str:
    """Shorten a name to `most` characters, so that a figure has room for many."""
    return name if len(name) <= most else f"{name[: most - 1]}…"


def short_axis(names: Sequence[str], most: int = 14) -> dict[str, Any]:
    """Return an axis of categories with their names shortened, so that the figure keeps its room.

    Args:
        names: of the categories, distinct.
        most: characters of a name; of those that would look alike, each gets its number, from 1.
    """
    shortened = [short(name, most) for name in names]
    alike = Counter(shortened)
    shown = [
        f"{name} {number}" if alike[name] > 1 else name
        for number, name in enumerate(shortened, start=1)
    ]
    return {"type": "category", "tickvals": texts(names), "ticktext": texts(shown)}
