"""The candidate under review: its record, and the verdict on it."""

from __future__ import annotations

import streamlit as st

from app.services.review import verdicts
from app.services.review.candidates import CandidateFilter
from app.services.review.queue import CandidateListing
from app.services.workspace import Workspace
from app.ui.pages.retrain import opinions_panel, review_path
from app.ui.pages.retrain.budget import offer_more
from app.ui.pages.retrain.record_evidence import record_evidence
from app.ui.pages.retrain.review_order import ReviewOrder
from app.ui.pages.retrain.reviewer import ask_name
from app.ui.pages.retrain.verdict_buttons import VerdictForm, hides
from app.ui.widgets import error_display
from app.ui.widgets.class_statistics import comparison_table, statistics_of_record
from app.ui.widgets.texts import plain
from aws.clients import Cloud
from iris_core.label_errors.suggestions import Kind
from iris_core.records.candidate import Candidate
from iris_core.records.reason import title_of
from iris_core.records.run import Run
from iris_core.records.verdict import Verdict

KINDS: dict[Kind, str] = {
    "label": "The label is likely wrong; suggested: **{suggested}**.",
    "model": "The label is likely right, and the model wrong.",
    "ambiguous": "It is not clear what the label should be.",
    "fine": "The label is likely right.",
}
"""What a suggestion of each kind says."""


def verdict_text(verdict: Verdict | None) -> str:
    """Return a verdict as people read it; empty when there is none."""
    if verdict is None:
        return ""
    if verdict.decision == "relabel":
        return f"→ {verdict.label}"
    return "keep label" if verdict.decision == "right" else verdict.decision


def review_panel(
    workspace: Workspace, cloud: Cloud, run: Run, listing: CandidateListing, order: ReviewOrder
) -> Candidate | None:
    """Ask for a verdict on the candidate under review.

    The buttons come first, each row of fixed height, and what is said below them: so they stay in
    their place from record to record, whatever there is to say.

    Returns:
        The candidate; None if none is left.
    """
    form, notices = st.container(), st.container()
    with notices:
        error_display.show_deferred_error()
        candidate = review_path.next_record(cloud, run, listing, is_over=order.is_over)
    if candidate is not None:
        with form:
            VerdictForm(workspace, run, candidate, order.suggestion(candidate)).draw()
        with notices:
            _verdict_so_far(candidate)
            opinions_panel.opinions_on(candidate)
            review_path.say_who_has_others(listing)
    with form:
        ask_name()
    return candidate


def nothing_to_review(
    listing: CandidateListing,
    candidate_filter: CandidateFilter,
    order: ReviewOrder,
    *,
    live: bool,
) -> None:
    """Say why there is no record to review."""
    if order.is_over:
        offer_more(order.budget)
    elif listing.to_review():
        review_path.wait_for_others(listing)
    elif order.sample is not None:
        st.success("The whole sample is reviewed; the result is above.")
    elif listing.candidates:
        st.success("All candidates of this page are reviewed.")
    elif live:
        st.info("No candidates yet. They can be shown as soon as the function copies them.")
    elif candidate_filter != CandidateFilter():
        st.info("No candidate matches the filter. Widen it to see more.")
    else:
        st.info("No candidates here.")


def _verdict_so_far(candidate: Candidate) -> None:
    """Say which verdict a record has."""
    if candidate.verdict is not None and not opinions_panel.is_second_look(candidate):
        earlier = " It comes from an earlier review." if candidate.verdict.carried_from else ""
        st.info(
            f"Verdict: {plain(verdict_text(candidate.verdict))}.{earlier} Another one replaces it."
        )


def evidence(workspace: Workspace, run: Run, candidate: Candidate, order: ReviewOrder) -> None:
    """Show what speaks for a verdict: the prediction, the suggestion, and the record in full.

    Each field is compared with the statistics of the record's true and predicted class.
    """
    record = candidate.record
    fields = verdicts.features(candidate)
    if hides(candidate):
        st.markdown("Which class is it? The label is shown after your verdict.")
        label = workspace.models.card(run.model).schema.label
        comparison_table({name: fields[name] for name in fields if name != label}, {})
        return
    st.markdown(
        f"Predicted **{plain(record.class_string)}** with probability "
        f"{plain(record.prob_string)}, true label "
        f"**{plain(record.actual_string) or 'not known'}**. Reason for "
        f"review: {plain(title_of(candidate.reason))} (threshold {plain(candidate.threshold)})."
    )
    if (suggestion := order.suggestion(candidate)) is not None:
        said = KINDS[suggestion.kind].format(suggested=plain(suggestion.suggested))
        show = st.warning if suggestion.kind == "label" else st.info
        show(f"{said} {plain(suggestion.reason)}")
    comparison_table(fields, statistics_of_record(workspace, run, record))
    record_evidence(workspace, run, candidate, order)
