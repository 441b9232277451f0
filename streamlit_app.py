"""The entry point of the dashboard: page config, access, navigation and title, no more."""

from __future__ import annotations

import streamlit as st

from app.services import event_log
from app.ui import access_gate, navigation, streamlit_patches


def draw() -> None:
    """Draw the page that is open, its title first."""
    page = st.navigation(navigation.pages())
    st.title(page.title)
    # Only now: pandas comes with it, half a second that the title does not wait for.
    from app.ui import frame

    frame.show(page)


event_log.start()
streamlit_patches.keep_keras_session()
st.set_page_config(page_title="Iris Loop", page_icon="🌸", layout="wide")

if access_gate.admit():
    draw()
