"""The listed candidates, and the one that is judged: its record, and the verdict on it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from app.services import review
from app.services.workspace import Workspace
from app.ui import state
from app.ui.widgets import error_display
from app.ui.widgets.class_statistics import comparison_table, statistics_of_class
from app.ui.widgets.texts import plain, whole
from aws import retrain_table
from aws.clients import Cloud
from iris_core.errors import NotFoundError
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key, key_of
from iris_core.records.run import Run
from iris_core.records.verdict import Decision

LINKED = state.RECORD
"""The name of a record's row in the page's URL."""


def _told_verdict(candidate: Candidate) -> str:
    """The verdict on a candidate in a word or two, empty when there is none."""
    given = candidate.verdict
    if given is None:
        return ""
    return f"→ {given.label}" if given.decision == "relabel" else given.decision


def table(shown: Sequence[Candidate]) -> None:
    """List candidates; a row that is selected becomes the one that the URL names."""
    frame = pd.DataFrame(
        [
            {
                "Row": candidate.key.row,
                "Predicted": candidate.record.class_string,
                "Actual": candidate.record.actual_string,
                "Probability": candidate.record.prob_string,
                "Reason": candidate.reason,
                "Verdict": _told_verdict(candidate),
            }
            for candidate in shown
        ]
    )
    st.dataframe(
        frame,
        hide_index=True,
        on_select=partial(_pick, [candidate.key for candidate in shown]),
        selection_mode="single-row",
        key=state.CANDIDATES,
        height=420,
        alt="Candidates; select a row to see its record",
    )


def _pick(keys: Sequence[Key]) -> None:
    """Name the selected record in the URL."""
    rows = [row for row in st.session_state[state.CANDIDATES].selection.rows if row < len(keys)]
    if rows:
        st.query_params[LINKED] = str(keys[rows[0]].row)
    else:
        unpick()


def unpick() -> None:
    """Go on with the first record that nobody judged."""
    st.query_params.pop(LINKED, None)


def chosen(cloud: Cloud, run: Run, shown: Sequence[Candidate]) -> Candidate | None:
    """The record that the URL names, else the first listed one that nobody judged."""
    named = st.query_params.get(LINKED)
    if named is not None:
        row = whole(named)
        if row is not None and row < run.rows:
            listed = next((candidate for candidate in shown if candidate.key.row == row), None)
            found = listed or retrain_table.load(cloud, key_of(run.id, row))
            if found is not None:
                return found
        st.warning(f"This run has no candidate in row {plain(named[:20])}.")
    return next((candidate for candidate in shown if candidate.verdict is None), None)


def _decide(workspace: Workspace, candidate: Candidate, decision: Decision) -> None:
    """Store the verdict on a candidate as it was shown: somebody else's stays."""
    label = None
    if decision == "relabel":
        # As it is chosen now: the page may not have been drawn since.
        label = st.session_state[state.new_label(str(candidate.key))]
    with error_display.defer_errors():
        review.give_verdict(workspace, candidate, decision, label=label)


def verdict_form(workspace: Workspace, run: Run, candidate: Candidate) -> None:
    """Say what a record is, and ask for a verdict."""
    told = candidate.record
    st.markdown(
        f"**Row {candidate.key.row}**: predicted **{plain(told.class_string)}** with probability "
        f"{plain(told.prob_string)}, actual **{plain(told.actual_string)}**. It is "
        f"{plain(candidate.reason)} at the threshold {plain(candidate.threshold)}."
    )
    error_display.show_deferred_error()
    if given := candidate.verdict:
        judged = f"{given.decision} {given.label}".strip()
        st.info(f"Judged: {plain(judged)}. Another verdict replaces it.")
    others = [name for name in review.classes(workspace, run) if name != told.actual_string]
    guess = others.index(told.class_string) if told.class_string in others else 0
    with st.container(horizontal=True):
        for name, decision in (
            (f"{plain(told.actual_string)} is right", "right"),
            ("Drop", "drop"),
        ):
            st.button(name, on_click=_decide, args=(workspace, candidate, decision))
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    left.selectbox("Another class", others, guess, key=state.new_label(str(candidate.key)))
    right.button(
        "Relabel", on_click=_decide, args=(workspace, candidate, "relabel"), width="stretch"
    )
    if LINKED in st.query_params:
        st.button("Next open record", on_click=unpick, icon=":material/skip_next:", type="tertiary")


def record(workspace: Workspace, run: Run, candidate: Candidate) -> None:
    """Show one record in full, beside what its two classes usually show."""
    st.subheader(f"Row {candidate.key.row}", anchor=False)
    fields = review.features(candidate)
    told = candidate.record
    by_class = {}
    try:
        card = workspace.models.card(run.model)
    except NotFoundError:
        st.caption("Its model is not in this workspace, so what is usual is not known.")
    else:
        for name in dict.fromkeys((told.actual_string, told.class_string)):
            typical = statistics_of_class(workspace, card, name)
            if typical is not None:
                by_class[name] = typical
    comparison_table(fields, by_class)
