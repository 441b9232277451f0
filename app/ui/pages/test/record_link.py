"""The record that the Test page's URL names, by its row in the run."""

from __future__ import annotations

import streamlit as st

from app.services.model.form_values import whole_number
from app.services.workspace import Workspace
from app.ui import state
from aws import score_records
from iris_core.records.record import Record
from iris_core.records.run import Run

RECORDS_VIEW = "Mistakes and records"
"""The view of a run in which a linked record is shown."""


def open_record(row: int) -> None:
    """Show the record of a row (from 0), whichever view was open."""
    st.session_state[state.RUN_VIEW] = RECORDS_VIEW
    # The cell of the record is chosen, not the one that was looked at.
    st.session_state.pop(state.CELL, None)
    st.query_params[state.RECORD] = str(row)


def linked_record(workspace: Workspace, run: Run) -> Record | None:
    """Return the record that the URL names; None when the run has none in that row."""
    row = whole_number(st.query_params.get(state.RECORD, ""))
    if row is None or row >= run.rows:
        return None
    return score_records.load(workspace.cloud(), run, row)


def unlink_record() -> None:
    """Name no record in the URL."""
    st.query_params.pop(state.RECORD, None)
