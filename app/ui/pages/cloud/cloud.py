"""The Cloud page: which cloud, what exists there, deploy and destroy, the function and its log."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from app.services.job_starters import ON_THE_CLOUD, STACK, start_deploy, start_destroy
from app.services.jobs import Job
from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.cloud import cost, failure_queue, function_log, lab
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display
from app.ui.widgets.choosers import apply_pending, select_next
from app.ui.widgets.job_panel import job_panel
from app.ui.widgets.open_cloud import open_cloud
from app.ui.widgets.texts import plain, threshold_text
from aws import function
from aws.clients import Cloud
from aws.packaging import function_zip, render_template
from aws.settings import Target
from aws.stack import StackEvent
from aws.status import status

TARGETS: dict[Target, str] = {"local": "Local cloud", "aws": "AWS"}

Part = tuple[str, str, str, Callable[[Cloud], None]]
LOG: Part = ("The function's log", state.LOG_OPEN, ":material/subject:", function_log.show)
FOLDED: tuple[Part, ...] = (
    ("Failure queue", state.QUEUE_OPEN, ":material/report:", failure_queue.show),
    ("What it costs on AWS", state.COST_OPEN, ":material/payments:", cost.show),
    ("Lab steps", state.LAB_OPEN, ":material/checklist:", lab.show),
)
"""What is asked for now and then: title, key, icon, and what draws it."""


def target(workspace: Workspace, *, busy: bool) -> None:
    """Choose the cloud; AWS only after it was said what that means."""
    settings = workspace.settings
    apply_pending(state.TARGET)
    if state.TARGET not in st.session_state:
        st.session_state[state.TARGET] = settings.target
    wanted: Target = st.radio(
        "Work on",
        list(TARGETS),
        format_func=TARGETS.__getitem__,
        horizontal=True,
        key=state.TARGET,
        persist_state="session",
        captions=["An emulator on this machine, with the real function", f"{settings.region}"],
    )
    if wanted == settings.target:
        return
    if wanted == "aws":
        st.warning(
            f"From then on this dashboard works on your AWS account in {settings.region}: test "
            f"runs write their records to DynamoDB there, and Deploy makes the stack "
            f"{settings.stack}. AWS bills what you use. Nothing is made until you press Deploy."
        )
    act, stay = st.columns(2)
    if act.button(f"Yes, work on {TARGETS[wanted]}", type="primary", disabled=busy):
        workspace.choose_target(wanted)
        st.rerun()
    if stay.button(f"Stay on {TARGETS[settings.target]}"):
        select_next(state.TARGET, settings.target)
        st.rerun()


def parts(cloud: Cloud) -> bool:
    """List what the pipeline needs; returns whether the function is well."""
    found = status(cloud)
    frame = pd.DataFrame(
        [
            {
                "": "✓" if part.well else "✗",
                "Part": part.kind,
                "Name": part.name,
                "State": part.state,
                "What to do": part.remedy,
            }
            for part in found
        ]
    )
    missing = [part for part in found if not part.well]
    if missing:
        st.warning(f"{len(missing)} of {len(found)} parts need something.")
    else:
        st.success("Every part is there and well.")
    st.dataframe(
        frame,
        hide_index=True,
        column_config={"": st.column_config.TextColumn(width=40)},
        alt="Parts of the pipeline and their states",
    )
    return any(part.kind == "function" and part.well for part in found)


def stack(workspace: Workspace, *, busy: bool) -> None:
    """Deploy, and destroy once it is sure that this is meant."""
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
        sure = st.checkbox(
            f"Delete the tables {plain(tables)} with all their records and verdicts, and the "
            f"function {plain(settings.function)}",
            key=state.DESTROY,
        )
        if st.button("Destroy", icon=":material/delete_forever:", disabled=busy or not sure):
            start_destroy(workspace)
            select_next(state.DESTROY, value=False)
            st.rerun()


def threshold(cloud: Cloud) -> None:
    """Show and set the function's threshold."""
    now = function.threshold(cloud)
    with st.form(state.THRESHOLD_FORM), error_display.show_errors():
        left, right = st.columns([3, 1], vertical_alignment="bottom")
        share = left.number_input(
            f"The function applies {plain(now)}. New threshold:",
            0.0,
            1.0,
            None,
            0.05,
            "%.6g",
            key=state.THRESHOLD,
            placeholder=now,
            help="Records with a lower probability become candidates, as do all that are wrong.",
        )
        if right.form_submit_button("Set", width="stretch") and share is not None:
            function.set_threshold(cloud, threshold_text(share))
            st.session_state[state.NOTICE] = f"The threshold is {threshold_text(share)} now."
            st.rerun()
    if notice := st.session_state.pop(state.NOTICE, None):
        st.success(notice)


def events(job: Job) -> None:
    """Show what CloudFormation told."""
    told: list[StackEvent] = list(job.events)
    if told:
        st.code("\n".join(map(str, told)), language=None, height=240)


def done(job: Job) -> None:
    """Say what a deploy or destroy did."""
    st.success(f"{plain(job.title)}: " + ("done." if job.result else "nothing had to be done."))
    events(job)


def downloads() -> None:
    """Hand out what is deployed, for those who use the console."""
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


def folded(workspace: Workspace, part: Part) -> None:
    """Draw a part that asks the cloud only when it is opened."""
    title, key, icon, show = part
    with (
        st.expander(title, key=key, on_change="rerun", icon=icon) as opened,
        error_display.show_errors(link=False),
    ):
        if opened.open:
            show(open_cloud(workspace))


def page() -> None:
    """Draw the page."""
    workspace = visit_workspace()
    st.title("Cloud")
    job = workspace.jobs.latest(*ON_THE_CLOUD)
    busy = job is not None and not job.is_over
    changing = busy and job is not None and job.kind == STACK
    there = reached = False
    with st.container(), error_display.show_errors(link=False):
        target(workspace, busy=busy)
    with st.container(), error_display.show_errors(link=False):
        if not changing:
            st.subheader("Parts")
            there = parts(open_cloud(workspace))
            reached = True
    with st.container(), error_display.show_errors(link=False):
        stack(workspace, busy=busy)
    if busy and not changing:
        job_panel(job)
    else:
        job_panel(workspace.jobs.latest(STACK), live=events, done=done, can_cancel=False)
    if there:
        st.subheader("Function")
        with error_display.show_errors(link=False):
            threshold(open_cloud(workspace))
        folded(workspace, LOG)
    if reached:
        for part in FOLDED:
            folded(workspace, part)
    st.subheader("Downloads")
    downloads()


page()
