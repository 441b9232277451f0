"""Verdicts as a file: candidates out, verdicts in, as CSV or annotated in Label Studio."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final, Literal

from app.services.export.csv_export import csv_bytes, unescape_formula
from app.services.review.annotated_tasks import read_tasks
from app.services.review.bulk import BulkResult, give_verdicts
from app.services.review.choices import Choice
from app.services.review.file_verdicts import FileVerdict, FileVerdicts
from app.services.review.json_objects import is_json
from app.services.review.ledger import note_verdicts_of_run, row_of
from app.services.review.verdicts import classes, features
from app.services.runs.pipeline import OnProgress, no_progress
from app.services.runs.recovery import find_run
from app.services.runs.run_projects import RunProjects
from app.services.workspace import Workspace
from aws import retrain_table
from aws.errors import SettingsError
from iris_core.cancellation import IsCancelled, never
from iris_core.errors import DataError, OptionError
from iris_core.records import attributes
from iris_core.records.candidate import Candidate
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


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import.

    Attributes:
        imported: number of candidates that got a verdict.
        unchanged: number of candidates that had it already.
        conflicts: for each line or task that was not taken over, why.
        bulks: ids of what was given, one a reviewer, by which it is undone.
        left: number of candidates that were not reached, for the work was cancelled.
    """

    imported: int
    unchanged: int
    conflicts: tuple[str, ...]
    bulks: tuple[str, ...] = ()
    left: int = 0


def export_review(workspace: Workspace, run: Run) -> tuple[bytes, int]:
    """Return the candidates of a run as CSV, to review them elsewhere, and how many there are."""
    return review_csv(workspace, run, retrain_table.candidates(workspace.cloud(), run))


def review_csv(
    workspace: Workspace, run: Run, candidates: Iterable[Candidate]
) -> tuple[bytes, int]:
    """Return candidates of a run, wherever they were read, as `export_review` does."""
    rows: list[tuple[dict[str, object], Mapping[str, object]]] = []
    names: dict[str, None] = {}
    for candidate in candidates:
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
    cancelled: IsCancelled = never,
) -> Imported:
    """Give the candidates of a run the verdicts of a file; one undo takes back a reviewer's.

    The whole file is read and checked first: one that cannot be understood changes nothing. What
    contradicts itself, or is on a row that has no candidate, is passed over and named.

    Args:
        workspace: whose cloud holds the candidates.
        run: whose candidates.
        file: a CSV with the columns `fingerprint` and `verdict`, and `label` and `note` if there
            are, as `export_review` writes it; or what Label Studio exports, as JSON or JSON-MIN, of
            the tasks that `export_tasks` writes.
        who: the reviewer, unless the file names one.
        on_progress: called as the work goes on.
        cancelled: asked before each batch; what is given by then stays.

    Raises:
        DataError: it is no such file; nothing was changed.
        CloudError: the cloud failed meanwhile; the message says how many verdicts were given.
    """
    known = set(classes(workspace, run))
    if is_json(file):
        verdicts = read_tasks(file, run, _runs_of_project(workspace, run))
    else:
        verdicts = _read(file, known)
    planned = _planned(workspace, run, verdicts)
    _check_classes(file, known, verdicts, planned)
    note_verdicts_of_run(workspace, workspace.cloud(), run)
    places: dict[Key, str] = {}
    by_reviewer: dict[str, dict[Key, Choice]] = defaultdict(dict)
    for candidate, verdict in planned:
        label = verdict.label if verdict.decision == "relabel" else None
        choice = Choice(verdict.decision, label, verdict.note, candidate.version)
        by_reviewer[verdict.who or who][candidate.key] = choice
        places[candidate.key] = verdict.place
    given: list[BulkResult] = []
    for reviewer, choices in by_reviewer.items():
        done = give_verdicts(
            workspace, run, choices, who=reviewer, on_progress=on_progress, cancelled=cancelled
        )
        given.append(done)
        for key in done.conflicts:
            verdicts.name(f"{places[key]}: somebody else reviewed the record meanwhile")
    for verdict in verdicts.left.values():
        verdicts.name(f"{verdict.place}: the run has no candidate of this row")
    return Imported(
        sum(done.given for done in given),
        sum(done.unchanged for done in given),
        tuple(verdicts.conflicts),
        tuple(done.id for done in given if done.given),
        sum(done.left for done in given),
    )


def _runs_of_project(workspace: Workspace, run: Run) -> Callable[[str], bool]:
    """Return what says whether a run is of the same project as another one, by its id."""
    projects = RunProjects(workspace)

    @cache
    def is_of_project(run_id: str) -> bool:
        try:
            other = find_run(workspace, run_id)
        except (SettingsError, OptionError):
            return False
        return projects.project_of(other) == projects.project_of(run)

    return is_of_project


def _planned(
    workspace: Workspace, run: Run, verdicts: FileVerdicts
) -> list[tuple[Candidate, FileVerdict]]:
    """Return the candidates of a run on which a file has a verdict, and take it out of the others.

    To relabel a record as what it is keeps its label.
    """
    planned: list[tuple[Candidate, FileVerdict]] = []
    for candidate in retrain_table.candidates(workspace.cloud(), run):
        row = row_of(workspace, run, candidate)
        verdict = verdicts.take(row.fingerprint, candidate.key.row) if row is not None else None
        if verdict is not None:
            same = verdict.label == candidate.record.actual_string
            if verdict.decision == "relabel" and same:
                verdict = replace(verdict, decision="right", label="")
            planned.append((candidate, verdict))
    return planned


def _check_classes(
    file: Path,
    known: set[str],
    verdicts: FileVerdicts,
    planned: Sequence[tuple[Candidate, FileVerdict]],
) -> None:
    """Raise `DataError` if a record is to get a class that the model does not have."""
    for verdict in (*(verdict for _, verdict in planned), *verdicts.left.values()):
        if verdict.decision == "relabel" and verdict.label not in known:
            raise DataError(
                f"{file.name}, {verdict.place}: expected one of the classes "
                f"{', '.join(sorted(known)[:30])}, received {verdict.label[:40]!r}."
            )


def _read(file: Path, known: set[str]) -> FileVerdicts:
    """Return the verdicts of a CSV.

    Raises:
        DataError: the file cannot be read, lacks a column, or a cell of it cannot be understood.
    """
    verdicts = FileVerdicts("line")
    for number, cells in _cells(file):
        row = (cells[FINGERPRINT].strip(), None)
        verdicts.add(row, _line(file, number, cells, known))
    return verdicts


def _line(file: Path, number: int, cells: Mapping[str, str], known: set[str]) -> FileVerdict:
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
    note = cells.get("note", "").strip()[:MAX_NOTE]
    return FileVerdict(f"line {number}", WORDS[word], label, note)


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
