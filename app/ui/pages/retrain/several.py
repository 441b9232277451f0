"""One verdict for many records: how many they are is said first, and one undo takes all back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

import streamlit as st

from app.services.job_starters import BULK, start_bulk
from app.services.jobs import Job
from app.services.review.bulk import BulkResult, complete_bulk, unfinished_bulks
from app.services.review.candidates import CandidateFilter
from app.services.review.choices import Choice
from app.services.review.exchange import Imported
from app.services.review.several import Action, choices_for
from app.services.review_jobs import start_undo_of
from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.retrain.exchange_panel import import_report
from app.ui.pages.retrain.review_order import ReviewOrder
from app.ui.pages.retrain.reviewer import reviewer_name
from app.ui.widgets import error_display
from app.ui.widgets.job_panel import job_panel
from app.ui.widgets.lazy_expander import lazy_expander
from app.ui.widgets.texts import number_of
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
        f"Give {number_of(len(choices), 'verdict', 'verdicts')}",
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


def _undo(workspace: Workspace, run: Run, bulks: Sequence[str]) -> None:
    """Undo what was given together."""
    with error_display.defer_errors():
        start_undo_of(workspace, run, bulks)


def _complete(workspace: Workspace, run: Run, bulk: str) -> None:
    """Give the verdicts that an interrupted bulk did not give."""
    with error_display.defer_errors():
        complete_bulk(workspace, run, bulk)


def _result(workspace: Workspace, run: Run, job: Job, *, was_busy: bool) -> None:
    """Say what came of it, and offer to take it back."""
    if was_busy:  # it has ended since the list above was drawn
        st.rerun()
    done = job.result
    bulks: Sequence[str] = ()
    if isinstance(done, Imported):
        import_report(done)
        bulks = done.bulks
    elif isinstance(done, BulkResult):
        conflicts = number_of(len(done.conflicts), "record was", "records were")
        st.success(
            f"{number_of(done.given, 'verdict was', 'verdicts were')} given."
            + (f" {conflicts} reviewed by somebody else first." if done.conflicts else "")
        )
        bulks = [done.id] if done.id else ()
    else:
        undone = number_of(len(done.undone), "verdict was", "verdicts were")
        st.info(f"{undone} undone, {len(done.refused):,} stay.")
    if bulks:
        st.button(
            "Undo all of them",
            on_click=_undo,
            args=(workspace, run, bulks),
            icon=":material/undo:",
        )


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
                args=(workspace, run, [bulk.id]),
            )
