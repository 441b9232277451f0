"""Three ways to begin, where there is no model yet."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.services import demonstration
from app.ui import navigation, state
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display
from app.ui.widgets.choosers import select_next


def show() -> None:
    """Draw the three ways, side by side."""
    st.subheader("How do you want to begin?", anchor=False)
    can_show = demonstration.is_offered(visit_workspace())
    shown, own, lab = st.columns(3)
    with _way(shown):
        st.markdown(
            "**See it work**  \nThe whole loop with the iris set, on this machine, in ten seconds. "
            "One click undoes it."
        )
        st.button(
            "Show me",
            type="primary",
            icon=":material/play_arrow:",
            on_click=_show_me,
            disabled=not can_show,
            help=None if can_show else "On the local cloud, in a workspace without models.",
        )
    with _way(own):
        st.markdown(
            "**Use your own table**  \nCSV, Excel or Parquet: a row for each record, a column "
            "with its class."
        )
        if st.button("Upload a table", icon=":material/upload:"):
            select_next(state.UPLOAD_OPEN, value=True)
            navigation.open_page("data")
    with _way(lab):
        st.markdown(
            "**Do the course's lab**  \nThe handout's steps, what each needs, and which are done."
        )
        if st.button("Open the lab", icon=":material/school:"):
            navigation.open_page("lab")


def _way(column: DeltaGenerator) -> DeltaGenerator:
    """Return the frame of one way: as high as the others, with its button at the bottom."""
    return column.container(border=True, height="stretch", vertical_alignment="distribute")


def _show_me() -> None:
    """Start the demonstration."""
    with error_display.defer_errors():
        demonstration.start(visit_workspace())
