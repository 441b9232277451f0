"""How far each two reviewers of a run agree, and how many of their disagreements are open."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.services.review.reviewers import PairAgreement, reviewer_agreement
from app.ui import state
from app.ui.widgets.texts import percent
from aws.clients import Cloud
from iris_core.evaluation.agreement import Agreement
from iris_core.records.run import Run


def agreement_panel(cloud: Cloud, run: Run) -> None:
    """Show the agreement of reviewers, read and drawn when somebody wants to see it."""
    with st.expander(
        "Agreement of reviewers",
        key=state.AGREEMENT_OPEN,
        on_change="rerun",
        icon=":material/handshake:",
    ) as expander:
        if expander.open:
            _draw(cloud, run)


def _draw(cloud: Cloud, run: Run) -> None:
    """Draw the pairs, and say what to do about disagreements."""
    found = reviewer_agreement(cloud, run)
    if not found.pairs:
        st.info(
            "Enter your name and choose *reviewed by others, not by me* in the filter: no record "
            "of this run has been seen by two reviewers with names yet."
        )
        return
    st.dataframe(
        pd.DataFrame([_row(pair) for pair in found.pairs]),
        hide_index=True,
        placeholder="",
        alt="Agreement of each two reviewers on the records that both have seen",
    )
    st.caption(
        "Cohen's kappa is 1 where two agree on all records, and 0 where they agree as often as "
        "chance would have it. In brackets the 95 % interval."
    )
    differing = len(found.differing)
    if found.open:
        st.warning(
            f"Choose *reviewers differ* in the filter to settle what is open: {found.open:,} of "
            f"{differing:,} disagreements on {found.seen_by_several:,} records."
        )
    elif differing:
        st.success(f"No disagreement is open: {differing:,} of {differing:,} are settled.")


def _row(pair: PairAgreement) -> dict[str, object]:
    """Return a pair as a row of the table."""
    agreed = pair.agreement
    within = agreed.share_interval
    return {
        "Reviewers": " and ".join(pair.reviewers),
        "Records both saw": agreed.records,
        "Agree": f"{percent(agreed.share)} ({percent(within.low)} to {percent(within.high)})",
        "Kappa": _kappa_text(agreed),
    }


def _kappa_text(agreed: Agreement) -> str:
    """Return a kappa with its interval, or why there is none."""
    if agreed.kappa is None:
        needed = f"too few records: {agreed.needed} are needed"
        return needed if agreed.too_few else "both said the same of all"
    if agreed.interval is None:
        return f"{agreed.kappa:.2f} (they agree on all)"
    return f"{agreed.kappa:.2f} ({agreed.interval.low:.2f} to {agreed.interval.high:.2f})"
