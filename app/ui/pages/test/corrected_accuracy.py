"""A run's accuracy against the labels as reviewers corrected them since."""

from __future__ import annotations

import streamlit as st

from app.services.review.ledger import row_verdicts
from app.services.review.rescoring import Rescored, rescore
from app.services.workspace import Workspace
from app.ui.widgets.texts import percent
from iris_core.records.run import Run

MAX_RECORDS = 5_000
"""Records of a run that is scored again unasked; it takes less than a second."""


def corrected_accuracy(workspace: Workspace, run: Run) -> None:
    """Say what the accuracy is against the corrected labels, if any of the run's are."""
    if not run.project or run.rows > MAX_RECORDS:
        return
    verdicts = row_verdicts(workspace, run.project)
    if not verdicts:
        return
    newest = max(verdict.at for verdict in verdicts.values())
    rescored = _rescore(workspace, workspace.settings.target, run, f"{len(verdicts)} {newest}")
    if rescored.differs:
        interval = rescored.interval
        st.info(
            f"Against the corrected labels: accuracy {percent(rescored.accuracy)} "
            f"({percent(interval.low)} to {percent(interval.high)}) of {rescored.rows:,} records. "
            f"Since the run {rescored.relabelled:,} of its labels were corrected, and "
            f"{rescored.dropped:,} records dropped."
        )


@st.cache_data(max_entries=20, show_spinner=False, hash_funcs={Run: lambda run: run.id})
def _rescore(_workspace: Workspace, _target: str, run: Run, _verdicts: str) -> Rescored:
    """Score a run again; once for each state of the verdicts."""
    return rescore(_workspace, _workspace.cloud(), run)
