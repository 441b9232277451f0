"""A picture on the screen, with its text alternative and its numbers as a file."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio
import streamlit as st

from app.services.export.csv_export import csv_bytes
from app.ui import state
from app.ui.figures.picture import Picture

AXIS_COLOUR = "#767676"
"""Of axes and numbers on the light theme. None of its colours: a browser that goes dark keeps it
until the next click, so it needs a contrast of 4.5 with both backgrounds."""
_CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["lasso2d", "select2d"]}


def show(picture: Picture, *, name: str | None = None) -> None:
    """Draw a picture in the theme's colours.

    Args:
        picture: the figure with its text alternative.
        name: of the file in which its numbers can be downloaded; distinct on the page. Without
            one there is no download.
    """
    st.plotly_chart(_themed(picture.figure), alt=picture.alt, config=_CONFIG)
    _offer_numbers(picture, name)


def choose(picture: Picture, *, key: str, name: str | None = None) -> list[dict[str, Any]]:
    """Draw a picture whose points can be selected with a click.

    Args:
        picture: the figure with its text alternative.
        key: the session key of the selection.
        name: as in `show`.

    Returns:
        The points that are selected now, each with its `x` and `y`.
    """
    event = st.plotly_chart(
        _themed(picture.figure),
        alt=picture.alt,
        key=key,
        on_select="rerun",
        selection_mode="points",
        config=_CONFIG,
    )
    _offer_numbers(picture, name)
    return list(event.selection.points)


def _offer_numbers(picture: Picture, name: str | None) -> None:
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
    """Return a table as CSV for a spreadsheet, missing values as empty cells."""
    cells = table.astype(object).where(table.notna(), None)
    return csv_bytes(
        [str(name) for name in table.columns], cells.itertuples(index=False, name=None)
    )


def _themed(figure: go.Figure) -> go.Figure:
    """Give a figure the theme's colours, and axes that can be read.

    Streamlit's own template writes them on white in a grey that is too pale.
    """
    if st.context.theme.type != "dark":
        layout = figure.layout
        layout.font.color = AXIS_COLOUR
        for axis in (layout[name] for name in layout if name.startswith(("xaxis", "yaxis"))):
            axis.tickfont.color = axis.title.font.color = AXIS_COLOUR
    return _with_group_colours(figure)


def _with_group_colours(figure: go.Figure) -> go.Figure:
    """Give each legend group one colour: plotly has another for each trace."""
    groups = list(dict.fromkeys(trace.legendgroup for trace in figure.data))
    if None in groups or len(groups) == len(figure.data):
        return figure
    colours = pio.templates["streamlit"].layout.colorway
    for trace in figure.data:
        trace.marker.color = colours[groups.index(trace.legendgroup) % len(colours)]
    return figure
