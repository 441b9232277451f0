"""The Lab page: the course's two labs, step by step, here and on AWS, and what is handed in."""

from __future__ import annotations

import streamlit as st

from app.services.lab import DashboardStep, dashboard_steps
from app.services.workspace import Workspace
from app.ui import navigation
from app.ui.pages.lab import hand_in, what_goes_where
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display
from app.ui.widgets.choosers import chosen_project
from app.ui.widgets.texts import CLOUD_NAMES, plain
from aws.errors import CredentialsError, SettingsError
from aws.lab_steps import LabStep, console_address, lab_steps
from aws.settings import Settings, Target


def show_dashboard_step(step: DashboardStep) -> None:
    """Draw a step of lab 3, with the link to its page."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{_mark(step.is_done)} **{step.what}** {step.state}", width="stretch")
        navigation.link(step.page, step.link, icon=":material/arrow_forward:")


def show_cloud_steps(workspace: Workspace, target: Target) -> None:
    """Draw the steps of lab 4 as one cloud has them.

    Args:
        workspace: that can work on the cloud.
        target: the cloud, whether it is chosen or not.
    """
    try:
        cloud = workspace.cloud_of(target)
        steps = lab_steps(cloud)
    except (CredentialsError, SettingsError) as error:
        st.info(error_display.message_for(error))
        what_goes_where.show_credentials()
        return
    done = sum(step.done for step in steps)
    say = st.success if done == len(steps) else st.info
    say(f"{CLOUD_NAMES[target]}: {done} of {len(steps)} steps are done.")
    for step in steps:
        _show_step(step, cloud.settings)


def _show_step(step: LabStep, settings: Settings) -> None:
    """Draw a step of lab 4; on AWS with the link to the console's page."""
    remedy = f" **{plain(step.remedy)}**" if step.remedy else ""
    console = ""
    if settings.target == "aws" and not step.done:
        console = f" [Open the console]({console_address(settings, step)})"
    st.markdown(f"{_mark(step.done)} {plain(step.what)}: {plain(step.state)}.{remedy}{console}")


def _mark(is_done: bool | None) -> str:
    """Return the sign of a step that is done, is not, or of which nothing is kept."""
    if is_done is None:
        return ":material/arrow_right:"
    return ":material/check_circle:" if is_done else ":material/radio_button_unchecked:"


def page() -> None:
    """Draw the page."""
    workspace = visit_workspace()
    st.markdown(
        "The course's labs in their order: the dashboard (lab 3), then logging to DynamoDB and the "
        "function that picks the records to review (lab 4)."
    )
    st.subheader("Lab 3: the dashboard")
    for step in dashboard_steps(workspace, chosen_project()):
        show_dashboard_step(step)
    st.subheader("Lab 4: DynamoDB and Lambda")
    here, on_aws = st.tabs(
        ["On this machine", "On AWS"],
        default="On AWS" if workspace.settings.target == "aws" else None,
        on_change="rerun",
    )
    with here, error_display.show_errors():
        if here.open:
            st.caption("The local cloud makes all of it by itself: the same tables and function.")
            show_cloud_steps(workspace, "local")
    with on_aws, error_display.show_errors():
        if on_aws.open:
            st.caption(
                "This looks, and changes nothing. Make the steps by hand in the console, or all at "
                "once on the Cloud page: choose AWS there, then Deploy."
            )
            show_cloud_steps(workspace, "aws")
    with st.expander("What goes where: code, credentials, the function", icon=":material/code:"):
        what_goes_where.show(workspace.settings)
    st.subheader("Hand in")
    with error_display.show_errors():
        hand_in.show(workspace)


page()
