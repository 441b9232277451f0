"""The candidate under review: its record, and the verdict on it."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from app.services.model.form_values import whole_number
from app.services.review import verdicts
from app.services.review.candidates import CandidateFilter
from app.services.review.queue import CandidateListing, candidate_of_row
from app.services.workspace import Workspace
from app.ui import state
from app.ui.widgets import error_display
from app.ui.widgets.class_statistics import comparison_table, statistics_of_record
from app.ui.widgets.texts import plain
from aws.clients import Cloud
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key
from iris_core.records.reason import title_of
from iris_core.records.run import Run
from iris_core.records.verdict import UNDECIDED, Decision, Verdict


def verdict_text(verdict: Verdict | None) -> str:
    """Return a verdict as people read it; empty when there is none."""
    if verdict is None:
        return ""
    if verdict.decision == "relabel":
        return f"→ {verdict.label}"
    return "keep label" if verdict.decision == "right" else verdict.decision


def select(key: Key) -> None:
    """Name a record in the URL: it is the one under review."""
    st.query_params[state.RECORD] = str(key.row)


def deselect() -> None:
    """Go on with the first listed candidate that has no verdict."""
    st.query_params.pop(state.RECORD, None)


def review_panel(
    workspace: Workspace, cloud: Cloud, run: Run, listing: CandidateListing
) -> Candidate | None:
    """Ask for a verdict on the candidate under review, and say why it is one.

    The buttons come first, each row of fixed height, and what is said below them: so they stay in
    their place from record to record, whatever there is to say.

    Returns:
        The candidate; None if none is left.
    """
    form, notices = st.container(), st.container()
    with notices:
        error_display.show_deferred_error()
        candidate = _selected(cloud, run, listing)
    if candidate is not None:
        with form:
            _verdict_form(workspace, run, candidate)
        with notices:
            _reason_for_review(candidate)
    return candidate


def nothing_to_review(
    listing: CandidateListing, candidate_filter: CandidateFilter, *, live: bool
) -> None:
    """Say why there is no record to review."""
    if listing.candidates:
        st.success("All candidates of this page are reviewed.")
    elif live:
        st.info("No candidates yet. They can be shown as soon as the function copies them.")
    elif candidate_filter != CandidateFilter():
        st.info("No candidate matches the filter. Widen it to see more.")
    else:
        st.info("No candidates here.")


def _selected(cloud: Cloud, run: Run, listing: CandidateListing) -> Candidate | None:
    """Return the candidate that the URL names, else the first listed one without a verdict."""
    linked = st.query_params.get(state.RECORD)
    if linked is not None:
        row = whole_number(linked)
        if row is not None and (candidate := candidate_of_row(cloud, run, row, listing.candidates)):
            return candidate
        st.warning(f"This run has no candidate in row {plain(linked[:20])}.")
    return listing.first_open


def _verdict_form(workspace: Workspace, run: Run, candidate: Candidate) -> None:
    """Ask for a verdict."""
    record = candidate.record
    actual, predicted = plain(record.actual_string), plain(record.class_string)
    st.markdown(f"**Row {candidate.key.row}**")
    if record.actual_string:
        st.button(
            f"Keep label: {actual}",
            on_click=_save_verdict,
            args=(workspace, candidate, "right"),
            help=f"The true label is right: {actual}",
            width="stretch",
            wrap=False,
        )
    else:
        st.button(
            f"Right: {predicted}",
            on_click=_save_verdict,
            args=(workspace, candidate, "relabel", record.class_string),
            help=f"The record has no label yet, and the prediction is right: {predicted}",
            width="stretch",
            wrap=False,
        )
    others = [name for name in verdicts.classes(workspace, run) if name != record.actual_string]
    first = others.index(record.class_string) if record.class_string in others else 0
    st.selectbox("Another class", others, first, key=state.new_label(str(candidate.key)))
    with st.container(horizontal=True, wrap=False):
        st.button(
            "Relabel",
            on_click=_save_verdict,
            args=(workspace, candidate, "relabel"),
            help="The class above is right, the true label is not",
            width="stretch",
            wrap=False,
        )
        st.button(
            "Drop",
            on_click=_save_verdict,
            args=(workspace, candidate, "drop"),
            help="Leave the record out of the retraining",
            wrap=False,
        )
        st.button(
            "Take back",
            on_click=_save_verdict,
            args=(workspace, candidate, UNDECIDED),
            disabled=candidate.verdict is None,
            help="Take the verdict back: the record is asked again, in later runs too",
            wrap=False,
        )
    if state.RECORD in st.query_params:
        st.button(
            "Next open record", on_click=deselect, icon=":material/skip_next:", type="tertiary"
        )


def _reason_for_review(candidate: Candidate) -> None:
    """Say why a record is a candidate, and which verdict it has."""
    record = candidate.record
    if candidate.verdict is not None:
        earlier = " It comes from an earlier run." if candidate.verdict.carried_from else ""
        st.info(
            f"Verdict: {plain(verdict_text(candidate.verdict))}.{earlier} Another one replaces it."
        )
    st.markdown(
        f"Predicted **{plain(record.class_string)}** with probability "
        f"{plain(record.prob_string)}, true label "
        f"**{plain(record.actual_string) or 'not known'}**. Reason for "
        f"review: {plain(title_of(candidate.reason))} (threshold {plain(candidate.threshold)})."
    )


def _save_verdict(
    workspace: Workspace,
    candidate: Candidate,
    decision: Decision | Literal["undecided"],
    label: str | None = None,
) -> None:
    """Save the verdict on a candidate as it was shown: somebody else's stays."""
    if decision == "relabel" and label is None:
        # As it is chosen now: the page may not have been drawn since.
        label = st.session_state[state.new_label(str(candidate.key))]
    with error_display.defer_errors():
        verdicts.give_verdict(workspace, candidate, decision, label=label)


def record_table(workspace: Workspace, run: Run, candidate: Candidate) -> None:
    """Show one record in full, compared with the statistics of its true and predicted class."""
    st.subheader(f"Row {candidate.key.row}", anchor=False)
    fields = verdicts.features(candidate)
    comparison_table(fields, statistics_of_record(workspace, run, candidate.record))
