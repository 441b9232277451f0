"""The Cloud page: which cloud, what exists there, deploy and destroy, the function and its log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from app.services.job_starters import ON_THE_CLOUD, STACK
from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.cloud import (
    cost,
    failure_queue,
    function_log,
    policies,
    resources,
    stack_actions,
    target,
    threshold,
)
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display
from app.ui.widgets.job_panel import job_panel
from app.ui.widgets.lazy_expander import lazy_expander
from app.ui.widgets.open_cloud import open_cloud
from aws.clients import Cloud


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page that is folded, and asks the cloud only when it is opened.

    Attributes:
        title: on the screen.
        key: the session key of whether it is open.
        icon: of Streamlit's material icons.
        show: what draws it.
    """

    title: str
    key: str
    icon: str
    show: Callable[[Cloud], None]


LOG = Section("The function's log", state.LOG_OPEN, ":material/subject:", function_log.show)
SECTIONS = (
    Section("Failure queue", state.QUEUE_OPEN, ":material/report:", failure_queue.show),
    Section("What it costs on AWS", state.COST_OPEN, ":material/payments:", cost.show),
)


def show_section(workspace: Workspace, section: Section) -> None:
    """Draw a folded part."""
    with (
        lazy_expander(section.title, key=section.key, icon=section.icon) as is_open,
        error_display.show_errors(link=False),
    ):
        if is_open:
            section.show(open_cloud(workspace))


def page() -> None:
    """Draw the page."""
    workspace = visit_workspace()
    job = workspace.jobs.latest(*ON_THE_CLOUD)
    busy = job is not None and not job.is_over
    stack_changes = busy and job is not None and job.kind == STACK
    has_function = is_reached = False
    with st.container(), error_display.show_errors(link=False):
        target.show(workspace, busy=busy)
    with st.container(), error_display.show_errors(link=False):
        if not stack_changes:
            st.subheader("Resources")
            changed = workspace.jobs.latest(STACK)
            has_function = resources.show(workspace, after=changed.id if changed else "")
            is_reached = True
            target.show_identity(workspace, workspace.settings.target)
    with st.container(), error_display.show_errors(link=False):
        stack_actions.show(workspace, busy=busy)
    if busy and not stack_changes:
        job_panel(job)
    else:
        job_panel(
            workspace.jobs.latest(STACK),
            live=stack_actions.show_events,
            done=stack_actions.show_result,
            can_cancel=False,
        )
    if has_function:
        st.subheader("Function")
        with error_display.show_errors(link=False):
            threshold.show(open_cloud(workspace))
        show_section(workspace, LOG)
    if is_reached:
        for section in SECTIONS:
            show_section(workspace, section)
    stack_actions.show_downloads()
    policies.show(workspace)


page()
