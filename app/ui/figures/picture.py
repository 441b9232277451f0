"""What every picture is: a plotly figure, and in words what it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

_NAMED_IN_WORDS = 12
_SHORT = 40


@dataclass(frozen=True, slots=True)
class Picture:
    """A plotly figure, and in words what it shows.

    `table`: the numbers that it shows, to be taken along as a file.
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
    """A figure of these traces with the axes' titles; `height` in pixels.

    Its whole layout is given here, for plotly takes ten times as long to update a figure.
    """
    above = {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0, "traceorder": "normal"}
    usual = {
        "height": height,
        "margin": {"l": 10, "r": 10, "t": 30, "b": 10},
        "showlegend": len(traces) > 1,
        "legend": {**above, **(legend or {})},
        "xaxis": {**_titled(x), "automargin": True, **(xaxis or {})},
        "yaxis": {**_titled(y), "automargin": True, **(yaxis or {})},
    }
    return go.Figure(list(traces), {**usual, **layout})


def _titled(title: str) -> dict[str, Any]:
    """An axis' title; none where it is empty, for plotly would keep room for it."""
    return {"title": {"text": text(title)}} if title else {}


def texts(names: Sequence[Any] | pd.Index) -> list[str]:
    """Names as plotly shows them unchanged."""
    return [text(str(name)) for name in names]


def text(name: str) -> str:
    """A name as plotly shows it unchanged: it takes `<` for the start of markup."""
    return name.replace("&", "&amp;").replace("<", "&lt;")


def short(name: str, most: int = _SHORT) -> str:
    """A name of which a picture can hold many: `most` characters of it."""
    return name if len(name) <= most else f"{name[: most - 1]}…"


def percent(share: float) -> str:
    """A share (0…1) with one decimal; only what is whole is written as 100 %."""
    rounded = round(100 * share, 1)
    return f"{99.9 if rounded == 100 and share < 1 else rounded:.1f} %"


def listed(values: Mapping[Any, Any]) -> str:
    """`setosa 400, versicolor 398 and 3 more`."""
    named = [f"{name} {number(value)}" for name, value in list(values.items())[:_NAMED_IN_WORDS]]
    more = f" and {len(values) - len(named)} more" if len(values) > len(named) else ""
    return ", ".join(named) + more


def number(value: Any) -> str:
    """A value in words: thousands apart, at most four digits of a broken number."""
    if isinstance(value, str):
        return value
    return f"{value:,}" if float(value).is_integer() else f"{value:,.4g}"
