"""Review a sample of the suggestions, then accept the others at once if enough were right."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import streamlit as st

from app.services.job_starters import start_bulk
from app.services.review.choices import Choice
from app.services.review.label_search import Search
from app.services.review.queue import PAGE_SIZE
from app.services.review.sampling import SampleResult, doubtful_rows, draw_sample, sample_result
from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.retrain import review_path
from app.ui.pages.retrain.reviewer import reviewer_name
from app.ui.widgets import error_display
from app.ui.widgets.texts import percent
from iris_core.label_errors.stopping import SAMPLE
from iris_core.records.keys import Key
from iris_core.records.run import Run

SIZE = 20
"""Suggestions of a sample, by default."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Suggestions that are looked at.

    Attributes:
        search: the id of the job that found them.
        rows: of the records, in the order to review them.
    """

    search: str
    rows: tuple[int, ...]


def current_sample(run: Run) -> Sample | None:
    """Return the sample of a run that is under way in this session, None without one."""
    of, search, rows = st.session_state.get(state.SAMPLE, ("", "", ()))
    return Sample(search, rows) if of == run.id else None


def offer_sample(run: Run, search_id: str, search: Search, reviewed: Collection[int]) -> None:
    """Offer to draw a sample of what a search suggests.

    Args:
        run: whose candidates were searched.
        search_id: of the job.
        search: its result.
        reviewed: rows that have a verdict now.
    """
    count = len(doubtful_rows(search, reviewed))
    with st.popover("Sample, then accept", icon=":material/casino:", disabled=not count):
        st.markdown(
            f"The label of **{count:,}** open candidates may be wrong. Review some of them, chosen "
            "by chance: where four in five of the suggestions were right, you can accept all "
            "others at once."
        )
        size = st.number_input(
            "Suggestions to look at", SAMPLE, PAGE_SIZE, SIZE, key=state.SAMPLE_SIZE
        )
        st.button(
            f"Draw {min(size, count):,} of them",
            on_click=_draw,
            args=(run, search_id, search, size, reviewed),
            type="primary",
        )


def show_sample(workspace: Workspace, run: Run, sample: Sample, search: Search) -> None:
    """Say how far a sample is; at its end how many were right, and what to do."""
    result = sample_result(workspace, run, search, sample.rows)
    if not result.is_complete:
        st.info(
            f"Sample: {result.looked_at:,} of {result.of:,} suggestions are reviewed. Review the "
            "records in the list without going by the suggestions."
        )
        st.button("End the sample", on_click=end_sample)
        return
    found, others = result.found, result.others
    if found.acceptable and others:
        st.success(
            f"{_found(result)} You can accept the other {len(others):,} suggestions at once, and "
            "undo that at once."
        )
    elif found.acceptable:
        st.success(f"{_found(result)} There is no other suggestion to accept.")
    else:
        st.warning(
            f"Review the others one by one, the most likely errors first: {_found(result)} "
            f"Fewer than four in five, too few to accept the other {len(others):,}."
        )
    with st.container(horizontal=True):
        if found.acceptable and others:
            st.button(
                f"Accept the other {len(others):,}",
                on_click=_accept,
                args=(workspace, run, others),
                type="primary",
                icon=":material/done_all:",
            )
        st.button("Go on with all candidates", on_click=end_sample)


def end_sample() -> None:
    """Go on with all candidates."""
    st.session_state.pop(state.SAMPLE, None)
    review_path.deselect()


def _found(result: SampleResult) -> str:
    """Return how many of a sample were right, with the interval."""
    found = result.found
    low, high = percent(found.interval.low), percent(found.interval.high)
    return f"{found.right:,} of {found.reviewed:,} were right (95 % interval {low} to {high})."


def _draw(run: Run, search_id: str, search: Search, size: int, reviewed: Collection[int]) -> None:
    """Draw a sample, and review it from its first record on."""
    rows = draw_sample(search, size=size, reviewed=reviewed)
    st.session_state[state.SAMPLE] = (run.id, search_id, rows)
    review_path.deselect()


def _accept(workspace: Workspace, run: Run, others: Mapping[Key, Choice]) -> None:
    """Accept the suggestions that were not looked at."""
    with error_display.defer_errors():
        start_bulk(workspace, run, others, who=reviewer_name())
        st.session_state[state.VERDICT_GIVEN] = True
        end_sample()
