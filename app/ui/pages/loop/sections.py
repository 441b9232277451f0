"""The parts of the Loop page below the ring: next step, newest run, cloud."""

from __future__ import annotations

import streamlit as st

from app.services.baselines import finding_of_run
from app.services.cloud_state import CloudState
from app.services.job_starters import REPLAY, TESTING
from app.services.jobs import Job
from app.services.overview import Overview, next_step
from app.services.runs.pipeline_counts import UNFINISHED
from app.ui import navigation
from app.ui.widgets import error_display
from app.ui.widgets.accuracy import show_finding
from app.ui.widgets.run_state import NOT_RECONCILED
from app.ui.widgets.texts import plain, run_name, sentence
from aws.settings import Target
from iris_core.records.run import Run, RunState

CLOUD_NAMES: dict[Target, str] = {"local": "The local cloud", "aws": "AWS"}
MAX_NAMED = 4
"""Unhealthy resources that are named."""


def show_next_step(overview: Overview, *, key: str) -> None:
    """Draw the one next step, its button under a session key."""
    step = next_step(overview)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Next:** {plain(step.why)}", width="stretch")
        if st.button(step.label, type="primary", icon=":material/arrow_forward:", key=key):
            navigation.open_page(step.page)


def show_newest_run(run: Run, job: Job | None) -> None:
    """Say whether all records and candidates of the newest run are accounted for."""
    st.subheader("Newest run")
    st.markdown(plain(run_name(run)))
    if job is not None and job.kind in (*TESTING, REPLAY) and run.state in UNFINISHED:
        st.info("It is under way.")
    elif run.state == RunState.RECONCILED:
        st.success(
            f"Reconciled: all {run.stored:,} records are stored, and all {run.found:,} candidates "
            "are copied."
        )
    else:
        st.warning(
            f"Not reconciled: {NOT_RECONCILED.get(run.state, run.state)}. {sentence(run.note)}"
        )
    finding = None if run.ended_early else finding_of_run(run)
    if finding is not None:
        show_finding(finding, "Accuracy, unseen rows" if run.metrics.seen else "Accuracy")


def show_cloud(target: Target, state: CloudState) -> None:
    """Say in a sentence whether all resources of the cloud are healthy."""
    name, count = CLOUD_NAMES[target], len(state.resources)
    if not state.unhealthy:
        st.success(f"{name} works: all {count} resources are healthy.")
        return
    first = ", ".join(f"{part.kind} {part.name}" for part in state.unhealthy[:MAX_NAMED])
    st.warning(
        f"{name}: {len(state.unhealthy)} of {count} resources need attention: {plain(first)}."
    )
    error_display.link_to_cloud_page()
