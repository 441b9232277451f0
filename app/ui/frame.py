"""What surrounds every page: in the sidebar the project, the cloud and the jobs under way."""

from __future__ import annotations

from streamlit.navigation.page import StreamlitPage

from app.ui.visit import visit_workspace
from app.ui.widgets import error_display, jobs_under_way, project_chooser

_DRAWN = 4
"""Seconds in which a browser has drawn its first page."""


def show(page: StreamlitPage) -> None:
    """Draw a page and what surrounds it."""
    with error_display.show_errors():
        workspace = visit_workspace()
        project_chooser.show(workspace)
        jobs_under_way.show(workspace)
        page.run()
        # Only now, and after the browser has drawn: TensorFlow takes the processor for seconds.
        workspace.warm_up(after=_DRAWN)
