"""The IAM policies for AWS, as files."""

from __future__ import annotations

import streamlit as st

from app.services.aws_policies import aws_policies
from app.services.workspace import Workspace
from app.ui import state
from app.ui.widgets import error_display
from app.ui.widgets.texts import plain

MEANINGS = {
    "dashboard.json": "For working with the dashboard and the commands.",
    "deployer.json": "For deploying and destroying the stack.",
}


def show(workspace: Workspace) -> None:
    """Offer the policies in a part that is folded, and makes them only when it is opened."""
    with (
        st.expander(
            "IAM policies",
            key=state.POLICIES_OPEN,
            on_change="rerun",
            icon=":material/policy:",
        ) as expander,
        error_display.show_errors(link=False),
    ):
        if not expander.open:
            return
        settings = workspace.settings
        st.markdown(
            "Attach them in IAM, so that nobody may do more than is needed. They are for the stack "
            f"{plain(settings.stack)} and its names."
        )
        with st.container(horizontal=True):
            for name, content in aws_policies(workspace).items():
                st.download_button(
                    f"Policy {name}",
                    content,
                    name,
                    "application/json",
                    icon=":material/download:",
                    on_click="ignore",
                    help=MEANINGS[name],
                )
