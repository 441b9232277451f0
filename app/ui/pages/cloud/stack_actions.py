"""Deploy and destroy the stack, and what CloudFormation reports meanwhile."""

from __future__ import annotations

import streamlit as st

from app.services.destroying import Destroyed
from app.services.job_starters import start_deploy, start_destroy
from app.services.jobs import Job
from app.services.workspace import Workspace
from app.ui import state
from app.ui.widgets.choosers import apply_pending, select_next
from app.ui.widgets.texts import plain
from aws.packaging import function_zip, render_template
from aws.stack_events import StackEvent


def show(workspace: Workspace, *, busy: bool) -> None:
    """Offer to deploy, and to destroy once that is confirmed.

    Args:
        workspace: whose cloud it is.
        busy: whether a job is working on the cloud.
    """
    settings = workspace.settings
    left, right = st.columns(2, gap="large")
    with left.container(border=True):
        st.markdown(f"Make the stack **{plain(settings.stack)}**, or bring it up to date.")
        if st.button("Deploy", type="primary", icon=":material/rocket_launch:", disabled=busy):
            start_deploy(workspace)
            st.rerun()
    with right.container(border=True):
        apply_pending(state.DESTROY)
        tables = f"{settings.score_table}, {settings.retrain_table} and {settings.runs_table}"
        confirmed = st.checkbox(
            f"Delete the tables {plain(tables)} with all their records and verdicts, and the "
            f"function {plain(settings.function)}",
            key=state.DESTROY,
        )
        if settings.target == "aws":
            st.caption("Runs and verdicts are exported to the workspace first.")
        if st.button("Destroy", icon=":material/delete_forever:", disabled=busy or not confirmed):
            start_destroy(workspace)
            select_next(state.DESTROY, value=False)
            st.rerun()


def show_events(job: Job) -> None:
    """Show the events that CloudFormation reported."""
    events: list[StackEvent] = list(job.events)
    if events:
        st.code("\n".join(map(str, events)), language=None, height=240)


def show_result(job: Job) -> None:
    """Say what a deploy or destroy did."""
    result: Destroyed | bool = job.result
    changed = result.existed if isinstance(result, Destroyed) else result
    st.success(f"{plain(job.title)}: " + ("done." if changed else "nothing had to be done."))
    if isinstance(result, Destroyed) and result.export:
        export = result.export
        st.info(
            f"{export.runs:,} runs and {export.verdicts:,} verdicts were exported to "
            f"{plain(str(export.folder))} first."
        )
    show_events(job)


def show_downloads() -> None:
    """Offer what is deployed as files, for those who use the AWS console."""
    st.subheader("Downloads")
    with st.container(horizontal=True):
        st.download_button(
            "Template",
            render_template,
            "template.yaml",
            icon=":material/download:",
            on_click="ignore",
            help="The stack, with the function inline.",
        )
        st.download_button(
            "Function as zip",
            function_zip,
            "function.zip",
            "application/zip",
            icon=":material/download:",
            on_click="ignore",
            help="For the Lambda console.",
        )
