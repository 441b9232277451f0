"""What can be taken along of a run: the report, and its records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import streamlit as st

from app.services.csv_export import records_csv
from app.services.report import report_html
from app.services.workspace import Workspace
from app.ui import state
from app.ui.widgets.texts import when
from aws import score_records
from iris_core.errors import IrisError
from iris_core.records.record import Record
from iris_core.records.run import Run

PART = 50_000
"""Records of one file: some seconds and some tens of megabytes."""
ALL, MISTAKES = CHOICES = ("All records", "Mistakes only")


def files(workspace: Workspace, run: Run) -> None:
    """Offer the report on a run and its records as files."""
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Report**")
        st.caption(
            "All figures of this run on one page that needs nothing else: to print, to send or to "
            "hand in."
        )
        st.download_button(
            "Download the report",
            lambda: _report(workspace, run),
            f"run-{run.id}.html",
            "text/html",
            icon=":material/description:",
            on_click="ignore",
        )
    with right:
        st.markdown("**Records**")
        st.caption(
            "As they are in the score table, a column for each field. Text that a spreadsheet "
            "would run as a formula has an apostrophe in front."
        )
        chosen = st.radio(
            "Records",
            CHOICES,
            key=state.FILE_CHOICE,
            horizontal=True,
            persist_state="session",
            label_visibility="collapsed",
        )
        start = 0
        if run.rows > PART:
            parts = -(-run.rows // PART)
            part = st.number_input(
                "Part",
                1,
                parts,
                key=state.part(state.FILE_PART, run.id),
                help=f"A file has {PART:,} records of the run at most; this one has {parts}.",
            )
            start = (part - 1) * PART
        stop = min(start + PART, run.rows)
        st.download_button(
            f"Download rows {start:,} to {stop - 1:,} as CSV",
            lambda: records_csv(_records(workspace, run, start, stop, wrong=chosen == MISTAKES)),
            f"run-{run.id}-{start}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )


def _report(workspace: Workspace, run: Run) -> bytes:
    card = None
    with suppress(IrisError):
        card = workspace.models.card(run.model)
    return report_html(run, made_at=when(datetime.now(UTC)), card=card).encode()


def _records(
    workspace: Workspace, run: Run, start: int, stop: int, *, wrong: bool
) -> Iterator[Record]:
    for record in score_records.stored(workspace.cloud(), run, start=start):
        if record.row >= stop:
            return
        if not (wrong and record.class_string == record.actual_string):
            yield record
