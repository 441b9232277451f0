"""A picture on the screen, with its text alternative."""

from __future__ import annotations

import streamlit as st

from app.figures.picture import Picture


def show(picture: Picture) -> None:
    """Draw a picture in the theme's colours."""
    draw = st.plotly_chart  # its first use registers the template
    draw(
        picture.figure.update_layout(template="streamlit"),
        alt=picture.alt,
        config={"displaylogo": False, "modeBarButtonsToRemove": ["lasso2d", "select2d"]},
    )
