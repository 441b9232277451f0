"""The counts of a run's candidates, which are not read anew before each of many records."""

from __future__ import annotations

import time

import streamlit as st

from app.services.job_starters import ON_THE_CLOUD
from app.services.workspace import Workspace
from app.ui import state
from aws.candidate_counts import CandidateCounts, count_candidates
from aws.clients import Cloud
from iris_core.records.candidate import Candidate
from iris_core.records.run import Run

FEW = 500
"""Fewer candidates are counted before each record: it takes no time that is felt."""
RECOUNTED_AFTER = 10.0
"""Seconds after which many are counted again: for the verdicts of others."""

_Kept = tuple[tuple[str, str], float, CandidateCounts]
"""What they hold for, when they were counted, and the counts."""


def current(workspace: Workspace, cloud: Cloud, run: Run) -> CandidateCounts:
    """Return the counts; of many candidates those of before, with this session's verdicts since.

    While a job is under way, or when one has ended, they are counted anew.
    """
    kept = _kept(workspace, run)
    if kept is None or kept[2].total < FEW:
        return _count(workspace, cloud, run)
    return kept[2]


def note(workspace: Workspace, run: Run, before: Candidate, after: Candidate) -> None:
    """Count a verdict that this session gave, with the candidate as it was and as it is."""
    if kept := _kept(workspace, run):
        st.session_state[state.COUNTED] = (*kept[:2], kept[2].updated(before, after))


def forget() -> None:
    """Count anew before the next record."""
    st.session_state.pop(state.COUNTED, None)


def refresh(workspace: Workspace, cloud: Cloud, run: Run) -> None:
    """Count again if that was long ago; call it when the record is drawn, so that nobody waits."""
    kept = _kept(workspace, run)
    if kept is not None and time.monotonic() - kept[1] > RECOUNTED_AFTER:
        _count(workspace, cloud, run)


def _count(workspace: Workspace, cloud: Cloud, run: Run) -> CandidateCounts:
    counts = count_candidates(cloud, run)
    kept: _Kept = (_subject(workspace, run), time.monotonic(), counts)
    st.session_state[state.COUNTED] = kept
    return counts


def _kept(workspace: Workspace, run: Run) -> _Kept | None:
    kept: _Kept | None = st.session_state.get(state.COUNTED)
    job = workspace.jobs.latest(*ON_THE_CLOUD)
    if kept is None or kept[0] != _subject(workspace, run) or (job and not job.is_over):
        return None
    return kept


def _subject(workspace: Workspace, run: Run) -> tuple[str, str]:
    """Return what counts hold for: the run, and the newest job that may change its candidates."""
    job = workspace.jobs.latest(*ON_THE_CLOUD)
    return run.id, job.id if job and job.is_over else ""
