"""A picture on the screen, with its text alternative and its numbers as a file."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio
import streamlit as st

from app.services.csv_export import csv_bytes
from app.ui import state
from app.ui.figures.picture import Picture

_GREY = "#767676"
"""4.5 on white, and on the dark background: a browser that goes dark keeps it until the next click.
"""
_CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["lasso2d", "select2d"]}


def show(picture: Picture, *, name: str | None = None) -> None:
    """Draw a picture in the theme's colours.

    `name`: of the file in which its numbers can be taken along; distinct on the page.
    """
    st.plotly_chart(_themed(picture.figure), alt=picture.alt, config=_CONFIG)
    _take_along(picture, name)


def choose(picture: Picture, *, key: str, name: str | None = None) -> list[dict[str, Any]]:
    """Draw a picture whose points can be clicked; those that are chosen now, by their `x` and `y`.

    `name`: as in `show`.
    """
    event = st.plotly_chart(
        _themed(picture.figure),
        alt=picture.alt,
        key=key,
        on_select="rerun",
        selection_mode="points",
        config=_CONFIG,
    )
    _take_along(picture, name)
    return list(event.selection.points)


def _take_along(picture: Picture, name: str | None) -> None:
    """Offer a picture's numbers as a file."""
    if name is not None and (table := picture.table) is not None:
        st.download_button(
            "Numbers as CSV",
            lambda: numbers_csv(table),
            f"{name}.csv",
            "text/csv",
            key=state.numbers(name),
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )


def numbers_csv(table: pd.DataFrame) -> bytes:
    """A table as CSV for a spreadsheet."""
    cells = table.astype(object).where(table.notna(), None)
    return csv_bytes(
        [str(name) for name in table.columns], cells.itertuples(index=False, name=None)
    )


def _themed(figure: go.Figure) -> go.Figure:
    """The figure in the theme's colours: Streamlit's template makes itself that of every figure.

    On white it writes axes and numbers in a grey that is too pale to read.
    """
    if st.context.theme.type != "dark":
        layout = figure.layout
        layout.font.color = _GREY
        for axis in (layout[name] for name in layout if name.startswith(("xaxis", "yaxis"))):
            axis.tickfont.color = axis.title.font.color = _GREY
    return _coloured(figure)


def _coloured(figure: go.Figure) -> go.Figure:
    """The figure with a colour for each legend group: plotly has another for each trace."""
    groups = list(dict.fromkeys(trace.legendgroup for trace in figure.data))
    if None in groups or len(groups) == len(figure.data):
        return figure
    colours = pio.templates["streamlit"].layout.colorway
    for trace in figure.data:
        trace.marker.color = colours[groups.index(trace.legendgroup) % len(colours)]
    return figure
