"""The entry point of the dashboard: page config, access, navigation and project, no more."""

from __future__ import annotations

import streamlit as st

from app.services import event_log
from app.ui import access_gate, navigation, streamlit_patches
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display, jobs_under_way, project_chooser

event_log.start()
streamlit_patches.keep_keras_session()
st.set_page_config(page_title="Iris Loop", page_icon="🌸", layout="wide")

if access_gate.admit():
    page = st.navigation(navigation.pages())
    with error_display.show_errors():
        project_chooser.show(visit_workspace())
        jobs_under_way.show(visit_workspace())
        page.run()
        # Only now, and after the browser has drawn: TensorFlow takes the processor for seconds.
        visit_workspace().warm_up(after=4)
