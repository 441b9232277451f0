"""The runs that this workspace remembers and the cloud has lost."""

from __future__ import annotations

import streamlit as st

from app.services.job_starters import TESTING, start_replay
from app.services.runs.recovery import lost_runs
from app.services.workspace import Workspace
from app.ui.widgets.texts import sentence
from iris_core.records.run import RunState


def restore_runs(workspace: Workspace, *, busy: bool) -> None:
    """Announce runs that the cloud has lost, and offer to restore them; name broken notes."""
    for fault in workspace.journal.broken():
        st.warning(sentence(fault))
    is_testing = any(job.kind in TESTING for job in workspace.jobs.running())
    # A run that has just begun is noted before the cloud has it.
    lost = [
        run for run in lost_runs(workspace) if not (is_testing and run.state == RunState.RUNNING)
    ]
    if not lost:
        return
    many = f"{len(lost)} runs" if len(lost) > 1 else "a run"
    st.warning(
        f"This workspace remembers {many} of which the cloud lost records or verdicts: it was "
        "stopped before it could save, or its tables were deleted. Restored, missing records are "
        "tested again under the same keys, and the reviewers' verdicts are given again."
    )
    if st.button("Restore", disabled=busy, icon=":material/restore:"):
        start_replay(workspace, lost)
        st.rerun()
