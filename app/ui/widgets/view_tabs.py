"""The views of a page as tabs: one is open, and only that one is drawn."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.ui import state
from app.ui.widgets.choosers import apply_pending


def view_tabs(
    views: Sequence[str], *, key: str, in_address: bool = False
) -> tuple[str, DeltaGenerator]:
    """Choose one of the views, the first by default; a page that is opened again has the last one.

    Args:
        views: their names.
        key: the session key of the choice.
        in_address: whether it is a parameter of the page's address, too.

    Returns:
        The view that is open, and the part of the page in which to draw it.
    """
    apply_pending(key)
    last = st.session_state.get(state.last_view(key))
    if last in views and key not in st.session_state and key not in st.query_params:
        st.session_state[key] = last
    tabs = st.tabs(
        list(views), key=key, on_change="rerun", bind="query-params" if in_address else None
    )
    view, tab = next(
        ((name, tab) for name, tab in zip(views, tabs, strict=True) if tab.open),
        (views[0], tabs[0]),
    )
    st.session_state[state.last_view(key)] = view
    return view, tab
