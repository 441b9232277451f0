"""The way of a reviewer through the records: which one is next, which was before, which waits."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.ui import state
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key
from iris_core.records.run import Run

Step = Callable[[Run, Candidate], None]
"""Leads from a record of a run to another one."""


def select(key: Key) -> None:
    """Name a record in the URL: it is the one under review."""
    st.query_params[state.RECORD] = str(key.row)


def deselect() -> None:
    """Go on with the first listed candidate that has no verdict."""
    st.query_params.pop(state.RECORD, None)


def skipped(run: Run) -> tuple[int, ...]:
    """Return the rows that were skipped."""
    return _rows(state.SKIPPED, run)


def leave(run: Run, candidate: Candidate) -> None:
    """Remember a record as the way back."""
    st.session_state[state.VISITED] = (run.id, (*_rows(state.VISITED, run), candidate.key.row))


def skip(run: Run, candidate: Candidate) -> None:
    """Go on with the next open record; this one, if it is open, waits until all others are done."""
    leave(run, candidate)
    if candidate.verdict is None:
        st.session_state[state.SKIPPED] = (run.id, (*skipped(run), candidate.key.row))
    deselect()


def go_back(run: Run, candidate: Candidate) -> None:
    """Go to the record before; the first one stays."""
    before = [row for row in _rows(state.VISITED, run) if row != candidate.key.row]
    if before:
        st.session_state[state.VISITED] = (run.id, tuple(before[:-1]))
        st.query_params[state.RECORD] = str(before[-1])


def _rows(key: str, run: Run) -> tuple[int, ...]:
    """Return the rows of a run that are remembered under a key."""
    of, rows = st.session_state.get(key, ("", ()))
    return rows if of == run.id else ()
