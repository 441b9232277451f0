"""The form that asks which candidates to list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar, get_args

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.services.review import verdicts
from app.services.review.candidates import CandidateFilter, ReviewState
from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.retrain.review_order import ReviewOrder
from app.ui.pages.retrain.reviewer import reviewer_name
from iris_core.records.reason import TITLES, title_of
from iris_core.records.run import Run

ALL = "all"
"""What a list says in which nothing is chosen; a class may be called so too."""
REVIEW_STATES: tuple[ReviewState, ...] = tuple(name for name in get_args(ReviewState) if name)
_TITLES: dict[str, str] = {
    "second look": "reviewed by others, not by me",
    "disagreement": "reviewers differ",
}
"""What review states are called on the screen, where that is not their name."""

_Option = TypeVar("_Option", bound=str)


def choose_filter(workspace: Workspace, run: Run, order: ReviewOrder) -> CandidateFilter:
    """Ask which candidates of a run to list; a sample is listed whole."""
    if order.sample is not None:
        return CandidateFilter()
    names = verdicts.classes(workspace, run)
    with st.expander("Filter", key=state.FILTER_OPEN, icon=":material/filter_list:"):
        left, middle, right = st.columns(3)
        reason = left.selectbox(
            "Reason",
            [str(reason) for reason in TITLES],
            index=None,
            format_func=title_of,
            key=state.REASON,
            persist_state="session",
            placeholder=ALL,
        )
        actual = _choose(middle, "True label", names, state.ACTUAL)
        predicted = _choose(right, "Predicted class", names, state.PREDICTED)
        left, right = st.columns([2, 1])
        low, high = left.slider(
            "Probability of the predicted class",
            0.0,
            1.0,
            (0.0, 1.0),
            0.01,
            key=state.PROBABILITY_RANGE,
            persist_state="session",
        )
        review_state = right.selectbox(
            "Verdict",
            REVIEW_STATES,
            index=None,
            format_func=lambda name: _TITLES.get(name, name),
            key=state.VERDICT_FILTER,
            persist_state="session",
            placeholder=ALL,
        )
    return CandidateFilter(
        reason=reason or "",
        actual=actual or "",
        predicted=predicted or "",
        review=review_state or "",
        low=low,
        high=high,
        who=reviewer_name() if review_state == "second look" else "",
    )


def _choose(
    column: DeltaGenerator, label: str, options: Sequence[_Option], key: str
) -> _Option | None:
    """Ask for one of the options; None for all."""
    return column.selectbox(
        label, options, index=None, key=key, persist_state="session", placeholder=ALL
    )
