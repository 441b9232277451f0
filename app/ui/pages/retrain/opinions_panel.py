"""What other reviewers said of the record under review, and the end of their disagreement."""

from __future__ import annotations

import streamlit as st

from app.ui import state
from app.ui.pages.retrain.reviewer import names, reviewer_name
from app.ui.widgets.texts import plain
from iris_core.records.candidate import Candidate
from iris_core.records.opinions import Opinion
from iris_core.records.verdict import is_named


def is_second_look(candidate: Candidate) -> bool:
    """Return whether a reviewer is to look at a record as if nobody had: others' views are hidden.

    So it is where they chose the records that others have reviewed, until their own verdict.
    """
    chosen = st.session_state.get(state.VERDICT_FILTER) == "second look"
    return chosen and candidate.opinions.await_second_look(reviewer_name())


def settles(candidate: Candidate) -> bool:
    """Return whether the next verdict on a candidate is to end a disagreement."""
    return bool(st.session_state.get(state.part(state.SETTLE, candidate.key)))


def opinions_on(candidate: Candidate) -> None:
    """Show what each reviewer said where they differ, and offer to settle it."""
    opinions = candidate.opinions
    if is_second_look(candidate):
        others = names(opinion.who for opinion in opinions.given)
        st.info(f"Reviewed by {others}. What they said is shown after your verdict.")
        return
    if not opinions.differ:
        return
    said = "\n".join(f"- **{plain(each.who)}**: {opinion_text(each)}" for each in opinions.given)
    if opinions.settled_by:
        st.info(f"Settled by {plain(opinions.settled_by)}; before that reviewers differed:\n{said}")
        return
    st.warning(f"Reviewers differ:\n{said}")
    if not is_named(reviewer_name()):
        st.caption("Enter your name to settle it.")
        return
    st.toggle(
        "Settle",
        value=st.session_state.get(state.VERDICT_FILTER) == "disagreement",
        key=state.part(state.SETTLE, candidate.key),
        help="Your verdict settles the disagreement until somebody disagrees again. It does not "
        "count as an opinion, since you have seen the others'.",
    )


def opinion_text(opinion: Opinion) -> str:
    """Return an opinion as people read it."""
    if opinion.decision == "drop":
        return "drop"
    arrow = "→ " if opinion.decision == "relabel" else "keep label: "
    return arrow + plain(opinion.label)
