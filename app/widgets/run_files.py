"""What can be taken along of a run: the report, and its records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import streamlit as st

from app import state
from app.export import records_csv
from app.report import report_html
from app.services import Services
from app.sureness import lab_of, reliability_of
from app.widgets.texts import when
from aws import score_records
from aws.run_table import Run
from iris_core.errors import IrisError
from iris_core.records.record import Record

PART = 50_000
"""Records of one file: some seconds and some tens of megabytes."""
ALL, MISTAKES = CHOICES = ("All records", "Mistakes only")


def files(services: Services, run: Run) -> None:
    """Offer the report on a run and its records as files."""
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Report**")
        st.caption(
            "All figures of this run on one page that needs nothing else: to print, to send or to "
            "hand in."
        )
        st.download_button(
            "Download the report", lambda: _report(services, run), f"run-{run.id}.html",
            "text/html", icon=":material/description:", on_click="ignore",
        )  # fmt: skip
    with right:
        st.markdown("**Records**")
        st.caption(
            "As they are in the score table, a column for each field. Text that a spreadsheet "
            "would run as a formula has an apostrophe in front."
        )
        chosen = st.radio(
            "Records", CHOICES, key=state.TAKEN, horizontal=True,
            persist_state="session", label_visibility="collapsed",
        )  # fmt: skip
        start = 0
        if run.rows > PART:
            parts = -(-run.rows // PART)
            part = st.number_input(
                "Part", 1, parts, key=state.part(state.PART, run.id),
                help=f"A file has {PART:,} records of the run at most; this one has {parts}.",
            )  # fmt: skip
            start = (part - 1) * PART
        stop = min(start + PART, run.rows)
        st.download_button(
            f"Download rows {start:,} to {stop - 1:,} as CSV",
            lambda: records_csv(_records(services, run, start, stop, wrong=chosen == MISTAKES)),
            f"run-{run.id}-{start}.csv", "text/csv", icon=":material/download:",
            on_click="ignore",
        )  # fmt: skip


def _report(services: Services, run: Run) -> bytes:
    card = None
    with suppress(IrisError):
        card = services.models.card(run.model)
    page = report_html(
        run, made=when(datetime.now(UTC)), card=card, reliability=reliability_of(run.metrics),
        curve=lab_of(run.metrics),
    )  # fmt: skip
    return page.encode()


def _records(
    services: Services, run: Run, start: int, stop: int, *, wrong: bool
) -> Iterator[Record]:
    for record in score_records.stored(services.cloud(), run, start=start):
        if record.row >= stop:
            return
        if not (wrong and record.class_string == record.actual_string):
            yield record
