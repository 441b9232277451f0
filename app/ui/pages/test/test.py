"""The Test page: test a model, follow its records, and account for every one of them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from app.services.job_starters import REPLAY, TEST, start_replay
from app.services.review_jobs import search_once
from app.services.workspace import Workspace
from app.ui import navigation
from app.ui.pages.test import run_summary
from app.ui.pages.test.restore_runs import restore_runs
from app.ui.pages.test.run_form import run_form
from app.ui.pages.test.run_views import run_views
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display
from app.ui.widgets.choosers import choose_run, listed_runs
from app.ui.widgets.job_panel import job_panel
from app.ui.widgets.open_cloud import open_cloud
from app.ui.widgets.project_runs import project_runs
from app.ui.widgets.texts import number_of
from aws.clients import Cloud
from aws.errors import NotPermittedError
from iris_core.records.run import Run, RunState

LINES = {
    "predicted": "Predicted",
    "stored": "Stored in the score table",
    "delayed": "Waited for the score table",
    "filtered": "Copied to the retrain table",
    "runs": "Runs completed",
}


def result(
    workspace: Workspace, cloud: Cloud, runs: Sequence[Run], *, ready: bool, busy: bool
) -> None:
    """Show one run: whether every record is accounted for, and how well the model predicted.

    Args:
        workspace: with the model and the data.
        cloud: with the records.
        runs: to choose from.
        ready: whether a test can be started.
        busy: whether one is under way.
    """
    above, below = st.container(), st.container()
    with above:
        run = choose_run(runs)
        if busy and (run is None or run.state != RunState.RECONCILED):
            st.info("The result comes here when the test ends. The page may be left meanwhile.")
            return
        if run is None:
            press_test = " The choices above are good ones: press Test." if ready else ""
            st.info(f"No run yet.{press_test}")
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
        if run.found and st.button(
            f"Review its {number_of(run.found, 'candidate', 'candidates')}",
            icon=":material/rate_review:",
            type="primary",
        ):
            with suppress(NotPermittedError):  # a visitor looks at what there is
                search_once(workspace, run)
            navigation.open_page("retrain")
    with below:
        run_views(workspace, run, runs, busy=busy)


def page() -> None:
    """Draw the page."""
    workspace = visit_workspace()
    job = workspace.jobs.latest(TEST, REPLAY)
    busy = job is not None and not job.is_over
    ready = False
    with st.container(), error_display.show_errors():
        cloud = open_cloud(workspace)
        ready = run_form(workspace, cloud, busy=busy)
    with st.container():
        job_panel(job, lines=LINES)
    with error_display.show_errors():
        cloud = open_cloud(workspace)
        with st.container():
            restore_runs(workspace, busy=busy)
        st.subheader("Result")
        with st.container():
            runs = listed_runs(project_runs(workspace, cloud))
        result(workspace, cloud, runs, ready=ready, busy=busy)
        if runs:
            st.subheader("All runs")
            run_summary.history(runs)


page()
