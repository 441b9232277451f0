"""The choice of the cloud: the local one, or AWS."""

from __future__ import annotations

import streamlit as st

from app.services.workspace import Workspace
from app.ui import navigation, state
from app.ui.widgets import error_display
from app.ui.widgets.choosers import apply_pending, select_next
from app.ui.widgets.texts import CLOUD_NAMES, plain
from aws.settings import Target


def show_identity(workspace: Workspace, target: Target) -> None:
    """Say whose account a cloud is in, where, and how it is reached, before anything is made there.

    Args:
        workspace: that works on the cloud, or may.
        target: the cloud; of the local one there is nothing to say.
    """
    identity = workspace.aws_identity() if target == "aws" else None
    if identity and identity.region:
        st.markdown(f":material/badge: AWS {plain(str(identity))}")


def show(workspace: Workspace, *, busy: bool) -> None:
    """Choose the cloud; AWS only after a warning about what that means.

    Args:
        workspace: that works on the cloud.
        busy: whether a job is working on it, and the cloud must stay.
    """
    settings = workspace.settings
    apply_pending(state.TARGET)
    if state.TARGET not in st.session_state:
        st.session_state[state.TARGET] = settings.target
    selected: Target = st.radio(
        "Work on",
        list(CLOUD_NAMES),
        format_func=CLOUD_NAMES.__getitem__,
        horizontal=True,
        key=state.TARGET,
        persist_state="session",
        captions=[
            "An emulator on this machine, with the real function",
            settings.region or "Your account, in its region",
        ],
    )
    if selected == settings.target:
        return
    is_usable = True
    if selected == "aws":
        st.warning(
            "From then on this dashboard works on your AWS account: test runs write their records "
            f"to DynamoDB there, and Deploy makes the stack {settings.stack}. AWS bills what you "
            "use. Nothing is made until you press Deploy."
        )
        is_usable = False
        with error_display.show_errors(link=False):
            show_identity(workspace, selected)
            is_usable = True
        if not is_usable:
            navigation.link("lab", "How to get credentials", icon=":material/school:")
    confirm, stay = st.columns(2)
    if confirm.button(
        f"Yes, work on {CLOUD_NAMES[selected]}", type="primary", disabled=busy or not is_usable
    ):
        workspace.choose_target(selected)
        st.rerun()
    if stay.button(f"Stay on {CLOUD_NAMES[settings.target]}"):
        select_next(state.TARGET, settings.target)
        st.rerun()
