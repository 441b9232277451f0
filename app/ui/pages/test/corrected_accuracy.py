"""The accuracy of a run, and of two, against the labels as reviewers corrected them since."""

from __future__ import annotations

import streamlit as st

from app.services.baselines import MAX_LABEL
from app.services.review.ledger import row_verdicts
from app.services.review.rescoring import Rescored, rescore
from app.services.workspace import Workspace
from app.ui.widgets.texts import percent, plain
from iris_core.records.run import Run

MAX_RECORDS = 5_000
"""Records of a run that is scored again unasked; it takes less than a second."""


def corrected_accuracy(workspace: Workspace, run: Run) -> None:
    """Say what the accuracy is against the corrected labels, if any of the run's are."""
    rescored = _corrected(workspace, run)
    if rescored is not None:
        st.info(
            f"Against the corrected labels: accuracy {_accuracy(rescored)} of {rescored.rows:,} "
            f"records. Since the run {_since(rescored)}."
        )


def compare_corrected(workspace: Workspace, run: Run, other: Run) -> None:
    """Say what the accuracies of two runs on the same data are against the corrected labels.

    Where labels were corrected, a better model can do worse against those that were.
    """
    rescored, before = _corrected(workspace, run), _corrected(workspace, other)
    if rescored is None or before is None:
        return
    st.warning(
        f"Go by the corrected labels: against them the accuracy of this run is "
        f"{_accuracy(rescored)} of {rescored.rows:,} records, that of the other "
        f"{_accuracy(before)} of {before.rows:,}. What follows counts the labels as they were; "
        f"since then {_since(rescored)}."
    )


def _accuracy(rescored: Rescored) -> str:
    """Write the accuracy against the corrected labels, with its baseline and interval."""
    interval, baseline = rescored.interval, rescored.baseline_accuracy
    beside = (
        ""
        if baseline is None
        else f"always saying '{plain(rescored.always[:MAX_LABEL])}': {percent(baseline)}; "
    )
    ends = f"{percent(interval.low)} to {percent(interval.high)}"
    return f"{percent(rescored.accuracy)} ({beside}{ends})"


def _since(rescored: Rescored) -> str:
    """Write what reviewers changed since the run."""
    return (
        f"{rescored.relabelled:,} of its labels were corrected, and {rescored.dropped:,} records "
        "dropped"
    )


def _corrected(workspace: Workspace, run: Run) -> Rescored | None:
    """Return a run scored against the corrected labels; None if they are those that it has."""
    if not run.project or run.rows > MAX_RECORDS:
        return None
    verdicts = row_verdicts(workspace, run.project)
    if not verdicts:
        return None
    newest = max(verdict.at for verdict in verdicts.values())
    rescored = _rescore(workspace, workspace.settings.target, run, f"{len(verdicts)} {newest}")
    return rescored if rescored.differs else None


@st.cache_data(max_entries=20, show_spinner=False, hash_funcs={Run: lambda run: run.id})
def _rescore(_workspace: Workspace, _target: str, run: Run, _verdicts: str) -> Rescored:
    """Score a run again; once for each state of the verdicts."""
    return rescore(_workspace, _workspace.cloud(), run)
