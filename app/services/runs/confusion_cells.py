"""The cells of a run's confusion matrix, and the records behind each.

A cell's id is `row/column`: the numbers of the true and of the predicted class, the last row being
that of labels that the model never saw.
"""

from __future__ import annotations

from collections.abc import Sequence

from aws import score_records
from aws.clients import Cloud
from aws.score_records import Cell, RecordPage
from iris_core.evaluation.metrics import UNSEEN_LABEL
from iris_core.records.keys import Key
from iris_core.records.record import Record
from iris_core.records.run import Run

PAGE_SIZE = 50
MAX_SCANNED = 20_000
"""Stored records that are looked through for one page: about two seconds."""


def cell_counts(confusion: Sequence[Sequence[int]]) -> dict[str, int]:
    """Return the counts of the cells with records by id: mistakes first, the most frequent ahead.

    Args:
        confusion: a row for each true class and a last one for labels never seen, a column for
            each predicted class.
    """
    counts = {
        f"{row}/{column}": count
        for row, line in enumerate(confusion)
        for column, count in enumerate(line)
        if count
    }
    return dict(sorted(counts.items(), key=lambda entry: (is_correct(entry[0]), -entry[1])))


def row_and_column(cell_id: str) -> tuple[int, int]:
    """Return the numbers of a cell's true and predicted class."""
    row, column = map(int, cell_id.split("/"))
    return row, column


def is_correct(cell_id: str) -> bool:
    """Return whether a cell is on the diagonal: its records are predicted correctly."""
    row, column = row_and_column(cell_id)
    return row == column


def cell_of(names: Sequence[str], cell_id: str) -> Cell:
    """Return what records a cell has; `names` are the classes in the model's order."""
    row, column = row_and_column(cell_id)
    return Cell(names[column], names[row] if row < len(names) else None, names)


def cell_id_of(names: Sequence[str], record: Record) -> str | None:
    """Return the cell of a record; None when its predicted class is none of `names`."""
    numbers = {name: number for number, name in enumerate(names)}
    column = numbers.get(record.class_string)
    if column is None:
        return None
    return f"{numbers.get(record.actual_string, len(names))}/{column}"


def unseen_label_title(names: Sequence[str]) -> str:
    """Return the title of the row of labels that the model never saw: no class has it."""
    title = UNSEEN_LABEL
    while title in names:
        title = f"({title})"
    return title


def read_page(cloud: Cloud, run: Run, cell: Cell, after: Key | None) -> RecordPage:
    """Return the page of a cell's records behind `after`; None for the first page."""
    return score_records.page(cloud, run, cell, after=after, limit=PAGE_SIZE, most=MAX_SCANNED)
