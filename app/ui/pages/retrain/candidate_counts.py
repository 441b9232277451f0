"""How far the review is, and what the candidates are: by reason, class and run."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.services.runs.history import candidates_by_run
from app.ui import state
from app.ui.figures.candidates import by_reason_and_class, over_runs
from app.ui.pages.retrain.budget import Budget
from app.ui.widgets import pictures
from app.ui.widgets.lazy_expander import lazy_expander
from app.ui.widgets.texts import run_name
from aws.candidate_counts import CandidateCounts
from iris_core.records.run import Run


def progress(counts: CandidateCounts, budget: Budget) -> None:
    """Show how far the review is: of a budget, if there is one, and of all candidates."""
    if budget.of is not None:
        st.progress(
            min(1.0, budget.used / budget.of),
            text=f"{budget.used:,} of your {budget.of:,} are reviewed; {counts.reviewed:,} of "
            f"{counts.total:,}{'' if counts.complete else ' and more'} candidates in all",
        )
    elif counts.total:
        first = "" if counts.complete else "the first "
        earlier = f", {counts.carried:,} of them in earlier runs" if counts.carried else ""
        st.progress(
            counts.reviewed / counts.total,
            text=f"{counts.reviewed:,} of {first}{counts.total:,} candidates are reviewed{earlier}",
        )


def count_pictures(counts: CandidateCounts, runs: Sequence[Run]) -> None:
    """Show the counts by reason, class and run, drawn when somebody wants to see them."""
    with lazy_expander(
        "Counts by reason, class and run", key=state.COUNTS_OPEN, icon=":material/bar_chart:"
    ) as is_open:
        if not is_open:
            return
        left, right = st.columns(2, gap="large")
        if counts.total:
            with left:
                st.markdown("**By reason and class**")
                pictures.show(by_reason_and_class(counts.counts), name="candidates-by-class")
        if by_run := candidates_by_run(runs):
            with right:
                st.markdown("**From run to run**")
                pictures.show(
                    over_runs(
                        [run_name(entry.run) for entry in by_run],
                        misclassified=[entry.misclassified for entry in by_run],
                        others=[entry.others for entry in by_run],
                    ),
                    name="candidates-by-run",
                )
