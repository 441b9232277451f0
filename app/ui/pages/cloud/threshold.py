"""The threshold that the function applies."""

from __future__ import annotations

import streamlit as st

from app.services.runs.threshold_choice import threshold_text
from app.ui import state
from app.ui.widgets import error_display
from app.ui.widgets.texts import plain
from aws import function
from aws.clients import Cloud


def show(cloud: Cloud) -> None:
    """Show and set the function's threshold."""
    current = function.threshold(cloud)
    with st.form(state.THRESHOLD_FORM), error_display.show_errors():
        left, right = st.columns([3, 1], vertical_alignment="bottom")
        threshold = left.number_input(
            f"The function applies {plain(current)}. New threshold:",
            0.0,
            1.0,
            None,
            0.05,
            "%.6g",
            key=state.THRESHOLD,
            placeholder=current,
            help="Records with a lower probability become candidates, as do all misclassified "
            "ones.",
        )
        if right.form_submit_button("Set", width="stretch") and threshold is not None:
            text = threshold_text(threshold)
            function.set_threshold(cloud, text)
            st.session_state[state.NOTICE] = f"The threshold is {text} now."
            st.rerun()
    if notice := st.session_state.pop(state.NOTICE, None):
        st.success(notice)
