"""The Test page: test a model, follow its records, and account for every one of them."""

from __future__ import annotations

from itertools import islice

import streamlit as st

from app.services.job_starters import REPLAY, TEST, start_replay, start_test
from app.services.recovery import lost_runs
from app.services.workspace import Workspace
from app.ui import navigation, state
from app.ui.pages.test import calibration, run_comparison, run_files, run_records, run_summary
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display
from app.ui.widgets.choosers import NEWEST, choose_data_set, choose_model, choose_run, select_next
from app.ui.widgets.job_panel import job_panel
from app.ui.widgets.open_cloud import open_cloud
from app.ui.widgets.texts import sentence, threshold_text
from aws import function, run_table
from aws.clients import Cloud
from iris_core.records.run import Run, RunState

LINES = {
    "predicted": "Predicted",
    "stored": "Stored in the score table",
    "filtered": "Copied to the retrain table",
    "runs": "Runs completed",
}
SHOWN_RUNS = 200
RECORDS, CLASSES, RELIABILITY, LAB, COMPARE, FILES = VIEWS = (
    "Mistakes and records",
    "Classes",
    "Reliability",
    "Threshold lab",
    "Compare",
    "Files",
)
"""What can be seen of a run."""


def start(workspace: Workspace, cloud: Cloud, *, busy: bool) -> None:
    """Ask what to test on what, and start it."""
    left, middle, right, last = st.columns([4, 4, 2, 2], vertical_alignment="bottom")
    with left:
        model = choose_model(workspace)
    if model is None:
        st.info("There is no model yet to test. Train one first; it takes some seconds.")
        navigation.link("train", label="Train a model", icon=":material/play_arrow:")
        return
    with middle:
        data = choose_data_set(workspace, state.TEST_ON, "Data set")
    now = function.threshold(cloud)
    share = right.number_input(
        "Threshold",
        0.0,
        1.0,
        None,
        0.05,
        "%.6g",
        key=state.TEST_THRESHOLD,
        persist_state="session",
        placeholder=now,
        help="Records with a lower probability are candidates, as are all that are wrong. Empty: "
        "the function keeps the one it has.",
    )
    if last.button(
        "Test", type="primary", disabled=busy, icon=":material/play_arrow:", width="stretch"
    ):
        threshold = None if share is None else threshold_text(share)
        start_test(workspace, model.id, data.id, threshold=threshold)
        select_next(state.RUN, NEWEST)
        st.rerun()


def restore(workspace: Workspace, *, busy: bool) -> None:
    """Announce runs that the cloud has lost, and offer to restore them; name broken notes."""
    for fault in workspace.journal.broken():
        st.warning(sentence(fault))
    lost = lost_runs(workspace)
    if not lost:
        return
    many = f"{len(lost)} runs" if len(lost) > 1 else "a run"
    st.warning(
        f"This workspace remembers {many} that the cloud does not have: it was stopped before it "
        "could save, or its tables were deleted. Restored, the records are tested again under "
        "the same keys, and the reviewers' verdicts are given again."
    )
    if st.button("Restore them", disabled=busy, icon=":material/restore:"):
        start_replay(workspace, lost)
        st.rerun()


def views(workspace: Workspace, run: Run, known: list[Run], *, busy: bool) -> None:
    """Show what a run that was tested to its end says, one view of it at a time."""
    if not run.metrics.classes:
        return
    with st.container():
        run_summary.remarks(run)
    view = st.radio(
        "View",
        VIEWS,
        key=state.RUN_VIEW,
        horizontal=True,
        persist_state="session",
        label_visibility="collapsed",
    )
    if view == RECORDS:
        run_records.records(workspace, run)
    elif view == CLASSES:
        run_summary.class_table(run)
    elif view == RELIABILITY:
        calibration.calibration(run)
    elif view == LAB:
        calibration.threshold_lab(workspace, run, busy=busy)
    elif view == COMPARE:
        run_comparison.comparison(run, known)
    else:
        run_files.files(workspace, run)


def results(workspace: Workspace, cloud: Cloud, known: list[Run], *, busy: bool) -> None:
    """Show one run: what the model got right, and whether every record is accounted for."""
    st.subheader("Result")
    above, below = st.container(), st.container()
    with above:
        run = choose_run(known)
        if busy and (run is None or run.state != RunState.RECONCILED):
            st.info("The result comes here when the test ends. The page may be left meanwhile.")
            return
        if run is None:
            st.info("No run yet. The choices above are good ones: press Test.")
            return
        run_summary.reconciliation_result(cloud, run)
        if run.state != RunState.RECONCILED and st.button(
            "Complete this run",
            disabled=busy,
            icon=":material/replay:",
            help="Tests and writes again what is not stored, and hands the function again what it "
            "did not copy. What is there stays.",
        ):
            start_replay(workspace, [run])
            st.rerun()
        if run.found:
            navigation.link(
                "retrain",
                label=f"Review its {run.found:,} candidates",
                icon=":material/rate_review:",
            )
    with below:
        views(workspace, run, known, busy=busy)


def page() -> None:
    """Draw the page."""
    workspace = visit_workspace()
    st.title("Test")
    job = workspace.jobs.latest(TEST, REPLAY)
    busy = job is not None and not job.is_over
    with st.container(), error_display.show_errors():
        cloud = open_cloud(workspace)
        start(workspace, cloud, busy=busy)
    with st.container():
        job_panel(job, lines=LINES)
    with error_display.show_errors():
        cloud = open_cloud(workspace)
        with st.container():
            restore(workspace, busy=busy)
        known = list(islice(run_table.runs(cloud), SHOWN_RUNS))
        results(workspace, cloud, known, busy=busy)
        if known:
            st.subheader("All runs")
            run_summary.history(known)


page()
