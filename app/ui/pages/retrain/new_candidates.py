"""The notice that new candidates have come, which are listed only when somebody asks for them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.services.job_starters import REPLAY, TEST
from app.services.jobs import Job
from app.services.page_cursor import PageCursor
from app.services.review.candidates import CandidateFilter
from app.services.review.queue import count_new
from app.services.runs.history import newest_run
from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.retrain import candidate_list
from app.ui.widgets import error_display
from app.ui.widgets.choosers import NEWEST, chosen_project
from iris_core.records.run import Run

_UPDATE = ":material/update:"
HEIGHT = 60
"""Pixels that the notice takes, whatever it says: a button, or a caption of two lines."""


def note_ended_test(workspace: Workspace) -> None:
    """Note which test was over when the page was drawn; call it first."""
    job = workspace.jobs.latest(TEST, REPLAY)
    st.session_state[state.ENDED_TEST] = job.id if job is not None and job.is_over else ""


def active_test_job(workspace: Workspace) -> Job | None:
    """Return the newest test or replay, unless it was over when the page was drawn."""
    job = workspace.jobs.latest(TEST, REPLAY)
    return job if job is not None and job.id != st.session_state[state.ENDED_TEST] else None


def new_candidates_notice(
    workspace: Workspace,
    run: Run,
    candidate_filter: CandidateFilter,
    cursor: PageCursor,
    order: Sequence[int],
    new: int,
) -> None:
    """Announce candidates that came since the list was opened, and a newer run.

    Nothing jumps under the reader: what is new is listed when it is asked for.

    Args:
        workspace: with the jobs and the cloud.
        run: whose candidates are listed.
        candidate_filter: which of them.
        cursor: the listed page.
        order: the rows of the candidates in their order; test order if empty.
        new: how many there were when the list was drawn. They are counted anew as long as a test
            goes on, and once when it has ended.
    """
    job = active_test_job(workspace)
    with error_display.show_errors():
        if job is not None:
            cloud = workspace.cloud()
            newest = newest_run(workspace, cloud, chosen_project()) or run
            if newest.id != run.id and st.session_state.get(state.RUN) == NEWEST:
                if _offer_refresh("There is a newer run: show it"):
                    st.rerun()
                return
            if job.is_over:
                st.rerun()
            new = count_new(
                cloud,
                run,
                candidate_filter,
                after=cursor.after,
                listed_keys=candidate_list.listed_keys(),
                order=order,
            )
            if not new:
                st.caption("A test is under way: new candidates are announced here.")
        if new and _offer_refresh(f"{new:,} new: show"):
            candidate_list.open_page(cursor)
            st.rerun()


def _offer_refresh(label: str) -> bool:
    """Offer to list anew; no need to ask where nothing is listed, for nothing can jump there."""
    return not candidate_list.listed_keys() or st.button(label, icon=_UPDATE)


def wait_for_first_run(workspace: Workspace) -> None:
    """Draw the page anew when there is a first run."""
    with error_display.show_errors():
        is_active = active_test_job(workspace) is not None
        if is_active and newest_run(workspace, workspace.cloud(), chosen_project()):
            st.rerun()
