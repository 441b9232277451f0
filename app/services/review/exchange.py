"""Verdicts as a file: candidates out, verdicts in, line by line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from app.services.export.csv_export import csv_bytes, unescape_formula
from app.services.review.bulk import give_verdicts
from app.services.review.choices import Choice
from app.services.review.ledger import note_verdicts_of_run, row_of
from app.services.review.verdicts import classes, features
from app.services.runs.pipeline import OnProgress, no_progress
from app.services.workspace import Workspace
from aws import retrain_table
from iris_core.errors import DataError
from iris_core.records import attributes
from iris_core.records.keys import Key
from iris_core.records.run import Run
from iris_core.records.verdict import MAX_NOTE, UNDECIDED, Decision

FINGERPRINT: Final = "fingerprint"
_COLUMNS = (
    FINGERPRINT,
    *attributes.KEYS,
    attributes.CLASS,
    attributes.ACTUAL,
    attributes.PROBABILITY,
    attributes.REASON,
    "verdict",
    "label",
    "note",
)
_NEEDED = (FINGERPRINT, "verdict")
WORDS: Final[dict[str, Decision | Literal["undecided"]]] = {
    "keep": "right",
    "relabel": "relabel",
    "drop": "drop",
    "undecided": "undecided",
}
"""The words of a file, and what is stored of them."""
STORED_WORDS: Final = {stored: word for word, stored in WORDS.items()}
"""What is stored, in the words of a file."""
MAX_CONFLICTS = 1_000
"""Lines that could not be taken over, of which is said why."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import.

    Attributes:
        imported: number of candidates that got a verdict.
        unchanged: number of candidates that had it already.
        conflicts: for each line that was not taken over, why.
    """

    imported: int
    unchanged: int
    conflicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a file.

    Attributes:
        number: of the line, the header is 1.
        decision: what is to be stored.
        label: the class, for `relabel`.
        note: for people.
    """

    number: int
    decision: Decision | Literal["undecided"]
    label: str
    note: str


def export_review(workspace: Workspace, run: Run) -> tuple[bytes, int]:
    """Return the candidates of a run as CSV, to review them elsewhere, and how many there are."""
    rows: list[tuple[dict[str, object], Mapping[str, object]]] = []
    names: dict[str, None] = {}
    for candidate in retrain_table.candidates(workspace.cloud(), run):
        row = row_of(workspace, run, candidate)
        item = candidate.to_item()
        verdict = candidate.verdict
        cells: dict[str, object] = {name: item.get(name, "") for name in _COLUMNS}
        cells |= {
            FINGERPRINT: row.fingerprint if row is not None else "",
            "verdict": STORED_WORDS[verdict.decision if verdict else UNDECIDED],
            "label": verdict.label if verdict and verdict.decision == "relabel" else "",
            "note": verdict.note if verdict else "",
        }
        fields = features(candidate)
        names |= dict.fromkeys(fields)
        rows.append((cells, fields))
    content = csv_bytes(
        [*_COLUMNS, *(name if name not in _COLUMNS else f"{name} (feature)" for name in names)],
        ([*cells.values(), *(fields.get(name) for name in names)] for cells, fields in rows),
    )
    return content, len(rows)


def import_review(
    workspace: Workspace,
    run: Run,
    file: Path,
    *,
    who: str = "",
    on_progress: OnProgress = no_progress,
) -> Imported:
    """Give the candidates of a run the verdicts of a file, which one undo takes back.

    The whole file is read and checked first: one that cannot be understood changes nothing. A line
    that contradicts another one, or is on a row that has no candidate, is passed over and named.

    Args:
        workspace: whose cloud holds the candidates.
        run: whose candidates.
        file: a CSV with the columns `fingerprint` and `verdict`, and `label` and `note` if there
            are; as `export_review` writes it.
        who: the reviewer.
        on_progress: called as the work goes on.

    Raises:
        DataError: it is no such file; nothing was changed.
        CloudError: the cloud failed meanwhile; the message says how many verdicts were given.
    """
    known = set(classes(workspace, run))
    lines, conflicts = _read(file, known)
    note_verdicts_of_run(workspace, workspace.cloud(), run)
    choices: dict[Key, Choice] = {}
    numbers: dict[Key, int] = {}
    for candidate in retrain_table.candidates(workspace.cloud(), run):
        row = row_of(workspace, run, candidate)
        line = lines.pop(row.fingerprint, None) if row is not None else None
        if line is not None:
            label = line.label if line.decision == "relabel" else None
            choices[candidate.key] = Choice(line.decision, label, line.note, candidate.version)
            numbers[candidate.key] = line.number
    done = give_verdicts(workspace, run, choices, who=who, on_progress=on_progress)
    conflicts += [
        f"line {numbers[key]}: somebody else reviewed the record meanwhile"
        for key in done.conflicts
    ]
    conflicts += [
        f"line {line.number}: the run has no candidate of this row" for line in lines.values()
    ]
    return Imported(done.given, done.unchanged, tuple(conflicts[:MAX_CONFLICTS]))


def _read(file: Path, known: set[str]) -> tuple[dict[str, _Line], list[str]]:
    """Return the lines of a file by row, and why others are passed over.

    Raises:
        DataError: the file cannot be read, lacks a column, or a cell of it cannot be understood.
    """
    lines: dict[str, _Line] = {}
    conflicts: list[str] = []
    torn: set[str] = set()
    for number, cells in _cells(file):
        fingerprint = cells[FINGERPRINT].strip()
        line = _line(file, number, cells, known)
        before = lines.get(fingerprint)
        if fingerprint in torn or (
            before is not None and (before.decision, before.label) != (line.decision, line.label)
        ):
            torn.add(fingerprint)
            lines.pop(fingerprint, None)
            if before is not None:
                conflicts.append(f"line {before.number}: line {number} contradicts it")
            conflicts.append(f"line {number}: another line contradicts it")
        elif before is None:
            lines[fingerprint] = line
    return lines, conflicts


def _line(file: Path, number: int, cells: Mapping[str, str], known: set[str]) -> _Line:
    """Return a line as a verdict; raise `DataError` if it is none."""
    word, label = cells["verdict"].strip(), cells.get("label", "")
    label = label if label in known else label.strip()
    if word not in WORDS:
        raise DataError(
            f"{file.name}, row {number}, column 'verdict': expected one of {', '.join(WORDS)}, "
            f"received {word[:40]!r}."
        )
    if word == "relabel" and label not in known:
        raise DataError(
            f"{file.name}, row {number}, column 'label': expected one of the classes "
            f"{', '.join(sorted(known)[:30])}, received {label[:40]!r}."
        )
    return _Line(number, WORDS[word], label, cells.get("note", "").strip()[:MAX_NOTE])


def _cells(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the lines of a file with their numbers, the header is 1; raise `DataError`."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file.name}: expected a CSV file in UTF-8, received {error}.") from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        raise DataError(
            f"{file.name}: expected the columns {', '.join(_NEEDED)}, received none called "
            f"{', '.join(missing)}. `cli.py review export` writes such a file."
        )
    for number, row in enumerate(reader, start=2):
        cells = {name: value or "" for name, value in row.items() if name is not None}
        yield number, {name: unescape_formula(text) for name, text in cells.items()}
