"""The files that a run can be downloaded as: its report, and its records in parts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from app.services.export.csv_export import records_csv
from app.services.export.model_card import model_card
from app.services.export.report import report_html
from app.services.export.report_sources import report_sources
from app.services.workspace import Workspace
from aws import score_records
from iris_core.records.record import Record
from iris_core.records.run import Run

PART_ROWS = 50_000
"""Rows of one file: some seconds and some tens of megabytes."""


def part_count(run: Run) -> int:
    """Return how many files the records of a run take."""
    return max(1, -(-run.rows // PART_ROWS))


def part_rows(run: Run, part: int) -> range:
    """Return the rows of a run, from 0, that a part (from 1) holds."""
    start = (part - 1) * PART_ROWS
    return range(start, min(start + PART_ROWS, run.rows))


def run_csv(workspace: Workspace, run: Run, rows: range, *, mistakes_only: bool) -> bytes:
    """Return the stored records of some rows as CSV, in test order.

    Args:
        workspace: with the cloud that stores them.
        run: whose records.
        rows: consecutive, the first one that of a part.
        mistakes_only: whether to leave out what is predicted correctly.
    """
    return records_csv(_records(workspace, run, rows, mistakes_only=mistakes_only))


def _records(
    workspace: Workspace, run: Run, rows: range, *, mistakes_only: bool
) -> Iterator[Record]:
    """Yield the records of some rows."""
    for record in score_records.stored(workspace.cloud(), run, start=rows.start):
        if record.row >= rows.stop:
            return
        if record.is_wrong or not mistakes_only:
            yield record


def run_report(workspace: Workspace, run: Run, *, made_at: datetime) -> bytes:
    """Return the report on a run as HTML; of what is gone it says so."""
    return report_html(run, made_at=made_at, sources=report_sources(workspace, run)).encode()


def run_model_card(workspace: Workspace, run: Run, *, made_at: datetime) -> bytes:
    """Return the card of a run's model as Markdown, with the figures of this run.

    Raises:
        NotFoundError: the model was deleted.
    """
    return model_card(workspace, run.model, run=run, made_at=made_at).encode()
