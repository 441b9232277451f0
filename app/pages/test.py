"""The Test page: test a model, follow its records, and account for every one of them."""

from __future__ import annotations

from itertools import islice

import streamlit as st

from app import state
from app.recovery import lost_runs
from app.services import Services, shared
from app.widgets import problems, run_comparison, run_files, run_lab, run_records, runs
from app.widgets.choosers import NEWEST, choose_data_set, choose_model, choose_run, point_to
from app.widgets.clouds import open_cloud
from app.widgets.job_panel import job_panel
from app.widgets.texts import sentence, threshold_text
from app.work import REPLAY, TEST, start_replay, start_test
from aws import function, run_table
from aws.clients import Cloud
from aws.run_table import Run

LINES = {
    "predicted": "Predicted",
    "stored": "Stored in the score table",
    "filtered": "Copied to the retrain table",
    "runs": "Runs completed",
}
SHOWN_RUNS = 200
RECORDS, CLASSES, RELIABILITY, LAB, COMPARE, FILES = VIEWS = (
    "Mistakes and records", "Classes", "Reliability", "Threshold lab", "Compare", "Files"
)  # fmt: skip
"""What can be seen of a run."""


def start(services: Services, cloud: Cloud, *, busy: bool) -> None:
    """Ask what to test on what, and start it."""
    left, middle, right, last = st.columns([4, 4, 2, 2], vertical_alignment="bottom")
    with left:
        model = choose_model(services)
    if model is None:
        st.info("There is no model yet to test. Train one first; it takes some seconds.")
        st.page_link("app/pages/train.py", label="Train a model", icon=":material/play_arrow:")
        return
    with middle:
        data = choose_data_set(services, state.TEST_ON, "Data set")
    now = function.threshold(cloud)
    share = right.number_input(
        "Threshold", 0.0, 1.0, None, 0.05, "%.6g", key=state.TEST_THRESHOLD,
        persist_state="session", placeholder=now,
        help="Records with a lower probability are candidates, as are all that are wrong. Empty: "
        "the function keeps the one it has.",
    )  # fmt: skip
    if last.button(
        "Test", type="primary", disabled=busy, icon=":material/play_arrow:", width="stretch"
    ):
        threshold = None if share is None else threshold_text(share)
        start_test(services, model.id, data.id, threshold=threshold)
        point_to(state.RUN, NEWEST)
        st.rerun()


def restore(services: Services, *, busy: bool) -> None:
    """Announce runs that the cloud has lost, and offer to restore them; name broken notes."""
    for fault in services.journal.broken():
        st.warning(sentence(fault))
    lost = lost_runs(services)
    if not lost:
        return
    many = f"{len(lost)} runs" if len(lost) > 1 else "a run"
    st.warning(
        f"This workspace remembers {many} that the cloud does not have: it was stopped before it "
        "could save, or its tables were deleted. Restored, the records are tested again under "
        "the same keys, and the reviewers' verdicts are given again."
    )
    if st.button("Restore them", disabled=busy, icon=":material/restore:"):
        start_replay(services, lost)
        st.rerun()


def views(services: Services, run: Run, known: list[Run], *, busy: bool) -> None:
    """Show what a run that was tested to its end says, one view of it at a time."""
    if not run.metrics.get("classes"):
        return
    with st.container():
        runs.remarks(run)
    view = st.radio(
        "View", VIEWS, key=state.RUN_VIEW, horizontal=True,
        persist_state="session", label_visibility="collapsed",
    )  # fmt: skip
    if view == RECORDS:
        run_records.records(services, run)
    elif view == CLASSES:
        runs.class_table(run)
    elif view == RELIABILITY:
        run_lab.reliability(run)
    elif view == LAB:
        run_lab.threshold_lab(services, run, busy=busy)
    elif view == COMPARE:
        run_comparison.comparison(run, known)
    else:
        run_files.files(services, run)


def results(services: Services, cloud: Cloud, known: list[Run], *, busy: bool) -> None:
    """Show one run: what the model got right, and whether every record is accounted for."""
    st.subheader("Result")
    above, below = st.container(), st.container()
    with above:
        run = choose_run(known)
        if busy and (run is None or run.state != run_table.RECONCILED):
            st.info("The result comes here when the test ends. The page may be left meanwhile.")
            return
        if run is None:
            st.info("No run yet. The choices above are good ones: press Test.")
            return
        runs.verdict(cloud, run)
        if run.state != run_table.RECONCILED and st.button(
            "Complete this run", disabled=busy, icon=":material/replay:",
            help="Tests and writes again what is not stored, and hands the function again what it "
            "did not copy. What is there stays.",
        ):  # fmt: skip
            start_replay(services, [run])
            st.rerun()
        if run.found:
            st.page_link(
                "app/pages/retrain.py", label=f"Review its {run.found:,} candidates",
                icon=":material/rate_review:",
            )  # fmt: skip
    with below:
        views(services, run, known, busy=busy)


def page() -> None:
    """Draw the page."""
    services = shared()
    st.title("Test")
    job = services.jobs.latest(TEST, REPLAY)
    busy = job is not None and not job.is_over
    with st.container(), problems.shown():
        cloud = open_cloud(services)
        start(services, cloud, busy=busy)
    with st.container():
        job_panel(job, lines=LINES)
    with problems.shown():
        cloud = open_cloud(services)
        with st.container():
            restore(services, busy=busy)
        known = list(islice(run_table.runs(cloud), SHOWN_RUNS))
        results(services, cloud, known, busy=busy)
        if known:
            st.subheader("All runs")
            runs.history(known)


page()
