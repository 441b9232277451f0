"""The records behind a confusion matrix: a cell of it, and its records a page at a time."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.services.page_cursor import PageCursor
from app.services.runs.confusion_cells import (
    MAX_SCANNED,
    PAGE_SIZE,
    cell_counts,
    cell_of,
    read_page,
)
from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.test import confusion_matrix
from app.ui.pages.test.record_detail import record_detail
from app.ui.pages.test.record_link import linked_record, unlink_record
from app.ui.widgets import error_display
from app.ui.widgets.page_buttons import page_buttons
from app.ui.widgets.texts import plain
from aws.score_records import Cell, RecordPage
from iris_core.records.keys import Key
from iris_core.records.record import Record
from iris_core.records.run import Run, RunState


@st.fragment
def records(workspace: Workspace, run: Run) -> None:
    """Show the confusion matrix, the records of the chosen cell, and one of them in full."""
    with error_display.show_errors():
        counts = cell_counts(run.metrics.confusion)
        left, right = st.columns(2, gap="large")
        with left:
            st.markdown("**Confusion matrix**")
            clicked = confusion_matrix.matrix(run)
            st.caption("Click a cell to see its records, or choose it from the list.")
        with right:
            cell_id = confusion_matrix.choose_cell(workspace, run, counts, clicked)
            if cell_id is None:
                st.info("No records to show.")
                return
            cursor = _current_cursor(run, cell_id)
            page = _read(workspace, run, cell_of(run.metrics.class_names, cell_id), cursor.after)
            record = _table(cursor, page)
            if cursor.number > 1 or page.after is not None:
                _pagination(cursor, page.after, of=counts[cell_id])
        linked = linked_record(workspace, run)
        if linked is None and (row := st.query_params.get(state.RECORD)):
            st.warning(f"This run has no record in row {plain(row[:20])}.")
        record = linked or record
        if record is not None:
            record_detail(workspace, run, record)


def _current_cursor(run: Run, cell_id: str) -> PageCursor:
    """Return the page that this session is on; another run or cell begins with the first."""
    cursor: PageCursor | None = st.session_state.get(state.CELL_CURSOR)
    subject = (run.id, cell_id)
    if cursor is None or cursor.subject != subject:
        cursor = st.session_state[state.CELL_CURSOR] = PageCursor(subject)
    return cursor


def _read(workspace: Workspace, run: Run, cell: Cell, after: Key | None) -> RecordPage:
    """Return a page of a cell's records."""
    if run.state != RunState.RECONCILED:
        return read_page(workspace.cloud(), run, cell, after)
    # What is reconciled does not change any more.
    return _read_once(workspace, workspace.settings.target, run, cell, after)


@st.cache_data(
    max_entries=50,
    ttl=300,
    show_spinner="Looking for the records…",
    hash_funcs={Run: lambda run: run.id},
)
def _read_once(
    _workspace: Workspace, _target: str, run: Run, cell: Cell, after: Key | None
) -> RecordPage:
    """Return a page of a cell's records, kept for a while."""
    return read_page(_workspace.cloud(), run, cell, after)


def _table(cursor: PageCursor, page: RecordPage) -> Record | None:
    """List the records of a page; returns the one that is selected, else the first."""
    if not page.records:
        st.info(
            "No more records of this cell are stored."
            if page.after is None
            else f"None among the {MAX_SCANNED:,} records looked through. Look further with Next."
        )
        return None
    event = st.dataframe(
        pd.DataFrame(
            {
                "Row": [record.row for record in page.records],
                "Predicted": [record.class_string for record in page.records],
                "True label": [record.actual_string for record in page.records],
                "Probability": [record.prob_string for record in page.records],
            }
        ),
        hide_index=True,
        placeholder="",
        on_select=unlink_record,
        selection_mode="single-row",
        height=250,
        key=state.part(state.RECORD_TABLE, *cursor.subject, cursor.number),
        alt="Records of the cell; select a row to see its record",
    )
    rows = [row for row in event.selection.rows if row < len(page.records)]
    if not rows:
        return page.records[0]
    record = page.records[rows[0]]
    st.query_params[state.RECORD] = str(record.row)
    return record


def _pagination(cursor: PageCursor, after: Key | None, *, of: int) -> None:
    """Offer the pages before and behind."""
    with st.container(horizontal=True, vertical_alignment="center"):
        page_buttons(cursor, after, _open_page)
        st.caption(f"Page {cursor.number} of {of:,} records, {PAGE_SIZE} a page, in test order")


def _open_page(cursor: PageCursor) -> None:
    """List another page of a cell's records."""
    st.session_state[state.CELL_CURSOR] = cursor
    unlink_record()
