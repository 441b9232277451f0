"""The jobs under way in the sidebar, with how far each is, on every page."""

from __future__ import annotations

import streamlit as st

from app.services import job_starters
from app.services.jobs import Job, JobState
from app.services.workspace import Workspace
from app.ui import navigation
from app.ui.widgets.texts import plain

POLL_SECONDS = 1.0
PAGES = {
    job_starters.TRAIN: "train",
    job_starters.EXPLAIN: "train",
    job_starters.TEST: "test",
    job_starters.REPLAY: "test",
    job_starters.STACK: "cloud",
    job_starters.DEMONSTRATION: "loop",
}
"""The page of each kind of job; all others are those of a review."""
ENDS = {
    JobState.FINISHED: ":material/check_circle: finished",
    JobState.FAILED: ":material/error: failed",
    JobState.CANCELLED: ":material/cancel: cancelled",
}


def show(workspace: Workspace) -> None:
    """Draw the jobs that are under way now, until the page is drawn again."""
    jobs = workspace.jobs.running()
    if jobs:
        with st.sidebar:
            st.fragment(_draw, run_every=POLL_SECONDS)(jobs)


def _draw(jobs: list[Job]) -> None:
    """Draw each job, and how far it is, or how it ended."""
    for job in jobs:
        page = PAGES.get(job.kind, "retrain")
        if job.is_over:
            st.caption(f"{ENDS[job.state]}: {plain(job.title)}")
        else:
            st.progress(_share(job), text=f"{plain(job.title)} · {job.seconds:.0f} s")
        navigation.link(
            page, f"Open {navigation.PAGES[page].title}", icon=":material/arrow_forward:"
        )


def _share(job: Job) -> float:
    """Return how far a job is, 0 to 1: as far as the step that is least far."""
    return min((step.share for step in job.progress.values()), default=0.0)
