"""The Loop page: where the pipeline stands, how the models did, and the one thing to do next."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.services import overview
from app.services.cloud_state import CloudState, cloud_state
from app.services.job_starters import EPOCHS, STACK
from app.services.jobs import Job
from app.services.overview import Overview
from app.ui.pages.loop import run_timeline, sections, tiles
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display
from app.ui.widgets.choosers import chosen_project
from app.ui.widgets.job_panel import job_panel
from app.ui.widgets.open_cloud import open_cloud

LIVE_SECONDS = 1.0
PROGRESS_LINES = {
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
    tiles: DeltaGenerator
    accuracy: DeltaGenerator
    signals: DeltaGenerator
    newest_run: DeltaGenerator
    cloud: DeltaGenerator


def lay_out() -> Layout:
    """Return the parts from top to bottom; on a phone the columns are below one another."""
    step, tile_row = st.empty(), st.empty()
    left, right = st.columns([3, 2], gap="large")
    return Layout(step, tile_row, left.empty(), left.container(), right.empty(), right.container())


def draw(layout: Layout, loop: Overview, job: Job | None, *, source: str) -> None:
    """Fill all parts but tiles, signals and cloud with what `source` (workspace or cloud) knows."""
    if job is None:
        with layout.step.container():
            sections.show_next_step(loop, key=f"next_{source}")
    with layout.accuracy.container():
        run_timeline.show_accuracy(loop.runs, file_name=f"accuracy-{source}")
    with layout.newest_run.container():
        sections.show_newest_run(loop.newest, job)


def page() -> None:
    """Draw the page: what the workspace knows at once, then what the cloud says."""
    workspace = visit_workspace()
    st.title("Loop")
    job = next(iter(workspace.jobs.running()), None)
    with st.container():
        job_panel(job, lines=PROGRESS_LINES)
    layout = lay_out()
    loop = overview.from_workspace(workspace, chosen_project())
    with layout.tiles.container():
        st.fragment(tiles.show)(loop, None, job)
    draw(layout, loop, job, source="workspace")
    state = CloudState()
    with layout.cloud, error_display.show_errors():
        st.subheader("Cloud")
        if job is not None and job.kind == STACK:
            st.info("The stack is being changed.")
        else:
            state = cloud_state(workspace, open_cloud(workspace), chosen_project())
            sections.show_cloud(workspace.settings.target, state)
            joined = overview.with_cloud_runs(workspace, loop, state.runs)
            if joined != loop:
                loop = joined
                draw(layout, loop, job, source="cloud")
    with layout.tiles.container():
        run_every = LIVE_SECONDS if job is not None else None
        st.fragment(tiles.show, run_every=run_every)(loop, state, job)
    # Last, for data sets are read for it.
    with layout.signals, error_display.show_errors():
        run_timeline.show_signals(workspace, loop)


page()
