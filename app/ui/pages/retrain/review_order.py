"""The order in which candidates are reviewed, and the search for label errors behind it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from app.services.job_starters import PERCENT, SEARCH
from app.services.jobs import Job
from app.services.review.label_search import Search
from app.services.review_jobs import start_search
from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.retrain.budget import Budget, ask_budget, current_budget
from app.ui.pages.retrain.sampling import (
    Sample,
    current_sample,
    end_sample,
    offer_sample,
    show_sample,
)
from app.ui.widgets import error_display
from app.ui.widgets.job_panel import job_panel
from app.ui.widgets.texts import percent
from aws.candidate_counts import CandidateCounts
from aws.errors import NotPermittedError
from iris_core.label_errors.suggestions import Suggestion
from iris_core.records.candidate import Candidate
from iris_core.records.run import Run
from iris_core.records.verdict import UNDECIDED

NEW_VERDICTS = 10
"""After so many the scores are made anew, with what they say."""
ORDERS = {
    "mislabelled": "Most likely mislabelled",
    "self-confidence": "Lowest probability of the label",
    "uncertain": "Least certain",
    "diverse": "Most diverse",
    "test": "Test order",
}
"""What the orders are called on the screen."""


@dataclass(frozen=True, slots=True)
class ReviewOrder:
    """The order that was chosen.

    Attributes:
        subject: what it depends on; another subject is another list.
        rows: of the candidates, from 0, in their order; empty for test order.
        search: for label errors; None before there was one.
        budget: how many records are to be reviewed.
        sample: of the suggestions, which alone is reviewed now; None without one.
    """

    subject: tuple[str, str]
    rows: Sequence[int]
    search: Search | None
    budget: Budget
    sample: Sample | None = None

    @property
    def is_over(self) -> bool:
        """Whether no further record is to be reviewed."""
        return self.sample is None and self.budget.is_used_up

    def suggestion(self, candidate: Candidate) -> Suggestion | None:
        """Return what the search suggests for a candidate; None without a search."""
        if self.search is None:
            return None
        return self.search.suggestion(candidate.key.row)


def choose_order(workspace: Workspace, run: Run, counts: CandidateCounts) -> ReviewOrder:
    """Offer to search for label errors, and to review in the order of what was found."""
    adopted = _adopted(run, workspace.jobs.finished(SEARCH, run.id))
    latest = workspace.jobs.latest(SEARCH)
    newest = latest if latest is not None and latest.subject == run.id else None
    is_busy = newest is not None and not newest.is_over
    sample, name = current_sample(run), "test"
    budget = current_budget(run)
    reviewed = [key.row for key, (given, _) in counts.verdicts.items() if given != UNDECIDED]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if adopted is not None:
            name = st.selectbox(
                "Order",
                list(ORDERS),
                format_func=ORDERS.__getitem__,
                key=state.REVIEW_ORDER,
                persist_state="session",
            )
        ask_budget()
        st.button(
            "Find label errors",
            on_click=_start,
            args=(workspace, run),
            icon=":material/troubleshoot:",
            disabled=bool(is_busy or run.is_unlabelled or not counts.total or sample),
            help="Trains small models that never see the row in question, and compares it with "
            "its nearest rows: 5 s for 1,200 rows. Then the most likely errors come first.",
        )
        if adopted is not None and sample is None:
            offer_sample(run, adopted.id, adopted.result, reviewed)
    if adopted is None:
        job_panel(newest, lines={PERCENT: "Percent"})
        return ReviewOrder((name, ""), (), None, budget)
    search: Search = adopted.result
    if sample is not None and sample.search == adopted.id:
        show_sample(workspace, run, sample, search)
        subject = ("sample", " ".join(map(str, sample.rows)))
        return ReviewOrder(subject, sample.rows, search, budget, sample)
    if sample is not None:
        end_sample()
        st.info("Draw another sample: the search that the last one was drawn from is not kept.")
    if not is_busy and _verdicts_since(search, reviewed) >= NEW_VERDICTS:
        with suppress(NotPermittedError):  # a visitor sees what others have found
            start_search(workspace, run)
    _say_what_was_found(search)
    if name == "test":
        return ReviewOrder((name, adopted.id), (), search, budget)
    ordered = search.ordered(name, budget=budget.of)
    with_verdict = {*(key.row for key in counts.verdicts), *search.reviewed.tolist()}
    others = sorted(with_verdict - set(ordered))
    subject = (name, f"{adopted.id} {budget.of or ''}")
    return ReviewOrder(subject, [*ordered, *others], search, budget)


def _start(workspace: Workspace, run: Run) -> None:
    """Search for label errors."""
    with error_display.defer_errors():
        start_search(workspace, run)


def _adopted(run: Run, found: Sequence[Job]) -> Job | None:
    """Return the search to go by: the newest, but never another one under a record on the screen.

    Args:
        run: whose candidates are reviewed; a sample of them keeps its search.
        found: the searches of the run, newest first.
    """
    before = st.session_state.get(state.LABEL_SEARCH)
    verdict_given = st.session_state.pop(state.VERDICT_GIVEN, False)
    kept = next((job for job in found if job.id == before), None)
    if kept is None or (verdict_given and current_sample(run) is None):
        kept = next(iter(found), None)
        st.session_state[state.LABEL_SEARCH] = kept.id if kept is not None else None
    return kept


def _verdicts_since(search: Search, reviewed: Sequence[int]) -> int:
    """Return how many of the rows that a search asked about are reviewed by now."""
    return len(set(search.asked.tolist()) & set(reviewed))


def _say_what_was_found(search: Search) -> None:
    """Say how many labels are suspected, how far suggestions can be trusted, and when to stop."""
    wrong, found, trusted = search.wrong, search.found, search.trusted
    parts = [f"{wrong:,} of {len(search.asked):,} open candidates are likely mislabelled."]
    if trusted.reviewed:
        low, high = percent(trusted.interval.low), percent(trusted.interval.high)
        parts.append(
            f"Of {trusted.reviewed:,} suggestions reviewed {trusted.right:,} were right "
            f"(95 % interval {low} to {high})."
        )
        if trusted.acceptable and wrong:
            parts.append("That is four in five: *Several at once* accepts the others.")
    if found.reviewed:
        parts.append(f"Of the last {found.reviewed} labels reviewed {found.wrong} were wrong.")
    st.caption(" ".join(parts))
    if found.enough:
        st.success("You may stop here: almost all labels reviewed last were right.")
