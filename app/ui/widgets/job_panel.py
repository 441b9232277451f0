"""A job on the screen: its progress while it runs, and in the end its result.

A job belongs to the process, so any page and any browser session draws the same one. While it
runs only this panel is drawn again; when it ends the page is, once, with its results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from app.services.jobs import Job, JobState
from app.ui import state
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display
from app.ui.widgets.texts import plain

POLL_SECONDS = 0.5

Draw = Callable[[Job], Any]


def job_panel(
    job: Job | None,
    *,
    live: Draw | None = None,
    done: Draw | None = None,
    can_cancel: bool = True,
    lines: Mapping[str, str] | None = None,
) -> None:
    """Draw a job.

    Args:
        job: to draw; nothing is drawn for None.
        live: draws the events of a job that is running.
        done: draws the result of a job that has finished.
        can_cancel: whether there is a button to cancel it.
        lines: what the lines of progress are called on the screen, by their names.
    """
    if job is None:
        return
    if not job.is_over:
        st.fragment(_running, run_every=POLL_SECONDS)(job, live, can_cancel, lines or {})
        return
    with error_display.show_errors():
        if job.state is JobState.FAILED and job.error is not None:
            # The worker has logged an unexpected error.
            st.error(f"{plain(job.title)}: {error_display.message_for(job.error)}")
        elif job.state is JobState.CANCELLED:
            st.info(f"{plain(job.title)}: cancelled after {job.seconds:.0f} s.")
        elif done is not None:
            done(job)


def _cancel(job: Job) -> None:
    """Ask a job to stop: a callback, so that the button says so in the same drawing."""
    with error_display.defer_errors():
        visit_workspace().jobs.cancel(job)


def _running(job: Job, live: Draw | None, can_cancel: bool, lines: Mapping[str, str]) -> None:
    """Draw a job that is running, again and again."""
    if job.is_over:
        # The whole page, for there are results now; drawn then, this panel polls no more.
        st.rerun()
    with error_display.show_errors(), st.container(border=True):
        heading, button = st.columns([5, 1], vertical_alignment="center")
        waiting = " · queued" if job.state is JobState.QUEUED else ""
        heading.markdown(f"**{plain(job.title)}** · {job.seconds:.0f} s{waiting}")
        if can_cancel:
            button.button(
                "Stopping…" if job.cancelled() else "Cancel",
                key=state.cancel(job.id),
                disabled=job.cancelled(),
                on_click=_cancel,
                args=(job,),
                width="stretch",
            )
        for line, progress in job.progress.items():
            st.progress(
                progress.share,
                text=f"{lines.get(line, line)}: {progress.done:,} of {progress.total:,}",
            )
        if live is not None:
            live(job)
