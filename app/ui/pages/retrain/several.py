"""One verdict for many records: how many they are is said first, and one undo takes all back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import streamlit as st

from app.services.job_starters import BULK, start_bulk, start_undo
from app.services.jobs import Job
from app.services.review.bulk import BulkResult, complete_bulk, unfinished_bulks
from app.services.review.candidates import CandidateFilter
from app.services.review.choices import Choice
from app.services.review.several import Action, choices_for
from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.retrain.review_order import ReviewOrder
from app.ui.pages.retrain.reviewer import reviewer_name
from app.ui.widgets import error_display
from app.ui.widgets.job_panel import job_panel
from app.ui.widgets.lazy_expander import lazy_expander
from aws.clients import Cloud
from iris_core.records.keys import Key
from iris_core.records.run import Run

ACTIONS: dict[Action, str] = {
    "accept": "Accept what is suggested",
    "right": "Keep the labels",
    "drop": "Drop the records",
}
_LEAST = 0.9


def is_busy(workspace: Workspace) -> bool:
    """Return whether verdicts are being given, or taken back, on many records."""
    job = workspace.jobs.latest(BULK)
    return job is not None and not job.is_over


def several(
    workspace: Workspace,
    cloud: Cloud,
    run: Run,
    candidate_filter: CandidateFilter,
    order: ReviewOrder,
    *,
    was_busy: bool,
) -> None:
    """Offer one verdict for all open candidates that match the filter.

    Args:
        workspace: that notes the verdicts.
        cloud: that holds the candidates.
        run: whose candidates.
        candidate_filter: which of them.
        order: with the search for label errors, if there was one.
        was_busy: whether verdicts were being given when the page began to be drawn. If they all are
            by now, what stands above is drawn anew.
    """
    if was_busy and not is_busy(workspace):
        st.rerun()
    _interrupted(workspace, run)
    with lazy_expander(
        "Several at once", key=state.SEVERAL_OPEN, icon=":material/done_all:"
    ) as is_open:
        if is_open:
            _form(workspace, cloud, run, candidate_filter, order)
    job = workspace.jobs.latest(BULK)
    if job is not None and job.subject == run.id:
        job_panel(job, done=lambda ended: _result(workspace, run, ended, was_busy=was_busy))


def _form(
    workspace: Workspace,
    cloud: Cloud,
    run: Run,
    candidate_filter: CandidateFilter,
    order: ReviewOrder,
) -> None:
    """Ask what the candidates are to get, and say how many they are."""
    able = [name for name in get_args(Action) if name != "accept" or order.search is not None]
    action: Action = st.radio(
        "Give all open candidates that match the filter",
        able,
        format_func=ACTIONS.__getitem__,
        key=state.SEVERAL,
        horizontal=True,
    )
    least = 0.0
    if action == "accept":
        least = st.number_input(
            "Probability of the class suggested, at least",
            0.0,
            1.0,
            _LEAST,
            0.05,
            key=state.SEVERAL_LEAST,
            help="By models that never saw the row. Review some of them first: where four in five "
            "were right the others may be accepted.",
        )
    choices = choices_for(cloud, run, candidate_filter, action, search=order.search, least=least)
    st.button(
        f"Give {len(choices):,} verdicts",
        on_click=_start,
        args=(workspace, run, choices),
        disabled=not choices,
        type="primary",
    )


def _start(workspace: Workspace, run: Run, choices: Mapping[Key, Choice]) -> None:
    """Give the verdicts."""
    with error_display.defer_errors():
        start_bulk(workspace, run, choices, who=reviewer_name())
        st.session_state[state.VERDICT_GIVEN] = True


def _undo(workspace: Workspace, run: Run) -> None:
    """Undo the newest verdict or bulk of this person."""
    with error_display.defer_errors():
        start_undo(workspace, run, who=reviewer_name())


def _complete(workspace: Workspace, run: Run, bulk: str) -> None:
    """Give the verdicts that an interrupted bulk did not give."""
    with error_display.defer_errors():
        complete_bulk(workspace, run, bulk)


def _result(workspace: Workspace, run: Run, job: Job, *, was_busy: bool) -> None:
    """Say what came of it, and offer to take it back."""
    if was_busy:  # it has ended since the list above was drawn
        st.rerun()
    done = job.result
    if not isinstance(done, BulkResult):
        st.info(f"{len(done.undone):,} verdicts were undone, {len(done.refused):,} stay.")
        return
    conflicts = len(done.conflicts)
    st.success(
        f"{done.given:,} verdicts were given."
        + (f" {conflicts:,} records were reviewed by somebody else first." if conflicts else "")
    )
    st.button("Undo all of them", on_click=_undo, args=(workspace, run), icon=":material/undo:")


def _interrupted(workspace: Workspace, run: Run) -> None:
    """Say which verdicts were to be given when a process was killed, and offer what to do."""
    if is_busy(workspace):
        return
    for bulk in unfinished_bulks(workspace, run):
        st.warning(
            f"{bulk.given:,} of {bulk.of:,} verdicts were given when the work was interrupted. "
            "Give the others, or undo those that were given."
        )
        with st.container(horizontal=True):
            st.button(
                "Give the others",
                key=state.part("complete", bulk.id),
                on_click=_complete,
                args=(workspace, run, bulk.id),
            )
            st.button(
                "Undo those given",
                key=state.part("undo", bulk.id),
                on_click=_undo,
                args=(workspace, run),
            )
