"""The views of a data set by name, and the choice among them."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.data import charts, comparison, origin, tables
from app.ui.widgets.choosers import apply_pending
from iris_core.data.datasets import DataSet

VIEWS: dict[str, Callable[[Workspace, DataSet], None]] = {
    "Rows": tables.show_rows,
    "Columns": tables.show_columns,
    "Histogram": charts.show_histogram,
    "Scatter": charts.show_scatter,
    "Correlation": charts.show_correlation,
    "Classes": charts.show_classes,
    "Compare": comparison.show_comparison,
    "Where it comes from": origin.show_origin,
}


def choose_view() -> str:
    """Choose one of the views, the first by default.

    By radio buttons: a segmented control writes the chosen option in the primary colour, which has
    too little contrast for a text on the dark theme.
    """
    apply_pending(state.VIEW)
    return st.radio(
        "View",
        list(VIEWS),
        key=state.VIEW,
        horizontal=True,
        label_visibility="collapsed",
        persist_state="session",
        bind="query-params",
    )
