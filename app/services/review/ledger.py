"""The verdicts of a project by row: each holds in every later run, not only in its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from app.services.journal import Journal, NotedVerdict
from app.services.review.verdicts import is_private
from app.services.runs.run_projects import RunProjects
from app.services.workspace import Workspace
from aws import retrain_table, run_table
from aws.clients import Cloud
from aws.errors import NotPermittedError
from aws.score_records import Outcome
from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import as_letters
from iris_core.errors import NotFoundError, StoreError
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key
from iris_core.records.run import Run
from iris_core.records.verdict import UNDECIDED, RowVerdict, undone_by

_Order = tuple[str, bool, str, int]
_FIRST: _Order = ("", False, "", 0)

READ_RUNS = 50
"""The newest runs of a shared cloud whose verdicts by other people are read."""


def row_verdicts(workspace: Workspace, project: str) -> dict[str, RowVerdict]:
    """Return the newest verdict on each row of a project, by its fingerprint.

    Read from the notes of the workspace; no cloud is asked. A verdict that was taken back is none.
    One that was carried over has the time of the verdict that it comes from, which goes before it:
    on a row that was relabelled it says no more than that the new label is right. Of the verdicts
    on one candidate the newest counts, and none if an undo left it as nobody had reviewed it. Those
    on rows of data sets that are no candidates count likewise.
    """
    journal, projects = workspace.journal, RunProjects(workspace)
    newest: dict[str, tuple[_Order, RowVerdict | None]] = {}
    for run_id in journal.reviewed_runs():
        run = _noted_run(journal, run_id)
        if run is not None and projects.project_of(run) == project:
            newest_notes = _newest_by_candidate(journal.verdict_notes(run_id))
            for verdict in _with_rows(workspace, run, newest_notes):
                at = verdict.at or run.started.isoformat()
                order = (at, not verdict.carried_from, run_id, verdict.version)
                if order >= newest.get(verdict.fingerprint, (_FIRST, None))[0]:
                    newest[verdict.fingerprint] = (order, _row_verdict(run_id, verdict, at))
    for review in workspace.row_log.reviews(project):
        for given in review.verdicts:
            of_row = (given.at, True, "", 0)
            if of_row >= newest.get(given.fingerprint, (_FIRST, None))[0]:
                newest[given.fingerprint] = (of_row, given)
    return {row: verdict for row, (_, verdict) in newest.items() if verdict is not None}


def note_verdicts_of_others(workspace: Workspace, cloud: Cloud, project: str) -> int:
    """Note verdicts that were given elsewhere, such as on a colleague's dashboard; return how many.

    The local cloud has none: whoever reviews there notes them in the same workspace.
    """
    if is_private(cloud):
        return 0
    projects = RunProjects(workspace)
    return sum(
        note_verdicts_of_run(workspace, cloud, run)
        for run in islice(run_table.runs(cloud), READ_RUNS)
        if run.found and projects.project_of(run) == project
    )


def note_verdicts_of_run(workspace: Workspace, cloud: Cloud, run: Run) -> int:
    """Note the verdicts on a run that the cloud has and the workspace does not; return how many.

    They were given elsewhere, or by a process that was killed before it noted them.
    """
    journal = workspace.journal_of(cloud)
    noted = list(journal.verdict_notes(run.id))
    known: dict[tuple[Key, str, str, int], NotedVerdict] = {e.identity: e for e in noted}
    own = {entry.id for entry in noted if entry.id}
    given = (
        note_of(cloud, candidate, own)
        for candidate in retrain_table.candidates(cloud, run)
        if candidate.version
    )
    new = [
        entry
        for entry in given
        if not ((before := known.get(entry.identity)) and before.is_that_of(entry))
    ]
    if new and _noted_run(journal, run.id) is None:
        journal.save(run)
    journal.add_verdicts(run.id, new)
    return len(new)


def note_of(cloud: Cloud, candidate: Candidate, own: Collection[str]) -> NotedVerdict:
    """Return the note of a verdict that the cloud has, perhaps by a process that was killed.

    Args:
        cloud: that has it.
        candidate: that was reviewed.
        own: ids of the verdicts that were given in this workspace.
    """
    verdict_id = candidate.verdict_id
    is_own = is_private(cloud) or not {verdict_id, undone_by(verdict_id)}.isdisjoint(own)
    return NotedVerdict.of(candidate, is_own=is_own)


def note_counted_verdicts(
    workspace: Workspace, cloud: Cloud, run: Run, counted: Mapping[Key, tuple[str, int]]
) -> None:
    """Note the verdicts on a run if the workspace lacks one of those that were counted.

    What a reviewer sees is then kept, as if it had been noted when it was given. A visitor who may
    change nothing notes nothing.

    Args:
        workspace: that notes them.
        cloud: that has them.
        run: whose verdicts.
        counted: decision and version of each of them, as `count_candidates` returns them.

    Raises:
        StoreError: they cannot be noted.
    """
    noted = workspace.journal_of(cloud).verdict_notes(run.id) if counted else ()
    known = {(entry.key, (entry.decision, entry.version)) for entry in noted}
    if not counted.items() <= known:
        with suppress(NotPermittedError):
            note_verdicts_of_run(workspace, cloud, run)


@dataclass(frozen=True, slots=True)
class RowOfRun:
    """What a row of a run is known by.

    Attributes:
        fingerprint: of its feature values.
        given: its label, as tested.
    """

    fingerprint: str
    given: str


def row_of(workspace: Workspace, run: Run, candidate: Candidate) -> RowOfRun | None:
    """Return what the row of a candidate is known by; None if that cannot be found any more.

    Records of earlier versions do not say: it is found in the run's data set.
    """
    record = candidate.record
    if record.fingerprint:
        return RowOfRun(record.fingerprint, record.actual_string)
    return _row_in_data(workspace, run, candidate.key.row)


def row_of_outcome(workspace: Workspace, run: Run, outcome: Outcome) -> RowOfRun | None:
    """Return what the row of a stored record is known by; None likewise."""
    if outcome.fingerprint:
        return RowOfRun(outcome.fingerprint, outcome.actual)
    return _row_in_data(workspace, run, outcome.row)


def _noted_run(journal: Journal, run_id: str) -> Run | None:
    """Return a noted run, None if there is no note of it, or a broken one."""
    try:
        return journal.run(run_id)
    except StoreError:
        return None


def _newest_by_candidate(verdicts: Iterable[NotedVerdict]) -> Iterator[NotedVerdict]:
    """Return the newest verdict on each candidate, but those that left it as before any review.

    It need not have been noted last, nor have the latest time: what an undo restores keeps its own.
    """
    newest: dict[Key, NotedVerdict] = {}
    for verdict in verdicts:
        before = newest.get(verdict.key)
        if before is None or verdict.version > before.version or verdict.at >= before.at:
            newest[verdict.key] = verdict
    return (
        verdict
        for verdict in newest.values()
        if verdict.decision != UNDECIDED or verdict.at or not verdict.undoes
    )


def _with_rows(
    workspace: Workspace, run: Run, verdicts: Iterable[NotedVerdict]
) -> Iterator[NotedVerdict]:
    """Yield the verdicts of which it is known on which row they are."""
    for verdict in verdicts:
        if verdict.fingerprint:
            yield verdict
            continue
        row = _row_in_data(workspace, run, verdict.key.row)
        if row is not None:
            yield replace(verdict, fingerprint=row.fingerprint, given=row.given)


def _row_verdict(run_id: str, verdict: NotedVerdict, at: str) -> RowVerdict | None:
    """Return a noted verdict as one on its row, given at a time; None if it was taken back."""
    if verdict.decision == UNDECIDED:
        return None
    label = {"right": verdict.given, "drop": ""}.get(verdict.decision, verdict.label)
    return RowVerdict(
        verdict.fingerprint,
        verdict.given,
        verdict.decision,
        label,
        at,
        run=verdict.carried_from or run_id,
        note=verdict.note,
        who=verdict.who,
    )


def _row_in_data(workspace: Workspace, run: Run, row: int) -> RowOfRun | None:
    """Return a row of a run's data set, None if that is gone."""
    try:
        return _rows(workspace.datasets.load(run.dataset)).get(row)
    except (NotFoundError, StoreError):
        return None


@lru_cache(maxsize=2)
def _rows(dataset: DataSet) -> dict[int, RowOfRun]:
    """Return the rows of a data set by position."""
    names = as_letters(dataset.fingerprints)
    labels = dataset.frame[dataset.label].tolist()
    pairs = zip(names, labels, strict=True)
    return {row: RowOfRun(name, label) for row, (name, label) in enumerate(pairs)}
