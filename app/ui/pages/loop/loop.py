"""The Loop page: where the pipeline stands, how the models did, and the one thing to do next."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.services import overview
from app.services.cloud_state import CloudState, cloud_state
from app.services.job_starters import DEMONSTRATION, EPOCHS, STACK
from app.services.jobs import Job
from app.services.overview import Overview
from app.ui import state
from app.ui.pages.loop import beginning, demonstration_panel, ring, run_timeline, sections
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display
from app.ui.widgets.choosers import chosen_project
from app.ui.widgets.job_panel import job_panel
from app.ui.widgets.open_cloud import open_cloud
from app.ui.widgets.texts import plain

LIVE_SECONDS = 1.0
WHAT_THIS_IS = (
    "Find the records that your classifier gets wrong or is unsure of, correct their labels, "
    "retrain, and see whether the model got better."
)
PROGRESS_LINES = {
    "steps": "Steps",
    EPOCHS: "Epochs",
    "predicted": "Predicted",
    "stored": "Stored",
    "delayed": "Waited for the score table",
    "filtered": "Filtered",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts of the page: drawn from the workspace first, then with what the cloud says."""

    step: DeltaGenerator
    ring: DeltaGenerator
    accuracy: DeltaGenerator
    signals: DeltaGenerator
    newest_run: DeltaGenerator
    cloud: DeltaGenerator


def lay_out(*, has_runs: bool) -> Layout:
    """Return the parts from top to bottom; on a phone the columns are below one another."""
    step, picture = st.empty(), st.empty()
    left, right = st.columns([3, 2], gap="large") if has_runs else (st.container(), st.container())
    return Layout(step, picture, left.empty(), left.container(), right.empty(), right.container())


def draw(layout: Layout, loop: Overview, job: Job | None, *, source: str) -> None:
    """Fill all parts but ring, signals and cloud with what `source` (workspace or cloud) knows."""
    if job is None:
        is_beginning = not loop.models and not loop.runs
        with layout.step.container():
            if loop.datasets or not is_beginning:
                sections.show_next_step(loop, key=f"next_{source}")
            if is_beginning:
                beginning.show()
    if not loop.runs:
        return
    with layout.accuracy.container():
        run_timeline.show_accuracy(loop.runs, file_name=f"accuracy-{source}")
    with layout.newest_run.container():
        sections.show_newest_run(loop.runs[0], job)


def page() -> None:
    """Draw the page: what the workspace knows at once, then what the cloud says."""
    workspace = visit_workspace()
    st.markdown(WHAT_THIS_IS)
    if notice := st.session_state.pop(state.NOTICE, None):
        st.success(plain(notice))
    error_display.show_deferred_error()
    job = next(iter(workspace.jobs.running()), None)
    with st.container():
        is_demonstration = job is not None and job.kind == DEMONSTRATION
        live = demonstration_panel.show_steps if is_demonstration else None
        job_panel(job, lines=PROGRESS_LINES, live=live)
        with error_display.show_errors():
            demonstration_panel.show(workspace)
    loop = overview.from_workspace(workspace, chosen_project())
    layout = lay_out(has_runs=bool(loop.runs))
    with layout.ring.container():
        st.fragment(ring.show)(loop, None, job)
    draw(layout, loop, job, source="workspace")
    answer = CloudState()
    with layout.cloud, error_display.show_errors():
        st.subheader("Cloud")
        if job is not None and job.kind == STACK:
            st.info("The stack is being changed.")
        else:
            answer = cloud_state(workspace, open_cloud(workspace), chosen_project())
            sections.show_cloud(workspace.settings.target, answer)
            joined = overview.with_cloud_runs(workspace, loop, answer.runs)
            if joined != loop:
                loop = joined
                draw(layout, loop, job, source="cloud")
    if not answer.resources and not loop.runs:
        layout.cloud.caption("Test runs are in the cloud: they are shown here once it answers.")
    with layout.ring.container():
        run_every = LIVE_SECONDS if job is not None else None
        st.fragment(ring.show, run_every=run_every)(loop, answer, job)
    # Last, for data sets are read for it.
    with layout.signals, error_display.show_errors():
        run_timeline.show_signals(workspace, loop)


page()
