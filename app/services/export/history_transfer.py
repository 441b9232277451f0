"""The history of a cloud, taken out as a file and brought into another one.

Runs, candidates, verdicts and opinions are carried; tested records are not. An import can be
repeated: what is there, or newer, stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.services.export.history_file import HistoryCounts, read_history, write_history
from app.services.journal import Journal, NotedVerdict
from app.services.runs.pipeline import OnProgress, no_progress
from app.services.workspace import Workspace
from aws import run_table
from aws.clients import Cloud
from aws.history_items import Carried, candidate_items, put_candidates
from aws.tables import description
from iris_core.records.attributes import Item
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key
from iris_core.records.run import Run

MAX_CONFLICTS = 1_000
"""Conflicts that are named."""
BATCH = 2_000
"""Candidates that are stored at once."""


@dataclass(slots=True)
class HistoryImport:
    """What came of an import.

    Attributes:
        runs: number of runs that were added.
        runs_there: number of runs that were there.
        candidates: number of candidates that were added, or brought up to date.
        candidates_there: number of candidates that were there, as they are or newer.
        conflicts: number of runs and candidates of which another state is there, and stays.
        named: the first `MAX_CONFLICTS` of them.
    """

    runs: int = 0
    runs_there: int = 0
    candidates: int = 0
    candidates_there: int = 0
    conflicts: int = 0
    named: tuple[str, ...] = ()

    def conflict(self, name: str) -> None:
        """Count what stays as it is there, and name it."""
        self.conflicts += 1
        if len(self.named) < MAX_CONFLICTS:
            self.named += (name,)


def export_history(workspace: Workspace, out: Path) -> HistoryCounts:
    """Write the history of the workspace's cloud into a file.

    Args:
        workspace: whose cloud it is.
        out: the file: JSON Lines, or Parquet if it ends in `.parquet`.

    Raises:
        CloudError: the tables cannot be read.
        OptionError: there is something else than a file under that name.
        StoreError: the file cannot be written.
    """
    return write_history(out, history_entries(workspace.cloud()))


def history_entries(cloud: Cloud) -> Iterator[Run | Item]:
    """Yield the runs of a cloud, each followed by its candidates, as far as there are tables."""
    if not description(cloud, cloud.settings.runs_table):
        return
    has_candidates = bool(description(cloud, cloud.settings.retrain_table))
    for run in run_table.runs(cloud):
        yield run
        if has_candidates:
            yield from candidate_items(cloud, run)


def import_history(
    workspace: Workspace, file: Path, *, on_progress: OnProgress = no_progress
) -> HistoryImport:
    """Bring a history into the workspace's cloud, and note it in the workspace.

    The whole file is checked first: one that cannot be understood changes nothing. A run is added
    after its candidates, so that one that is there is whole; an import that was interrupted is
    completed by the next one.

    Args:
        workspace: whose cloud it is.
        file: as `export_history` writes it.
        on_progress: called with the candidates that are done.

    Raises:
        DataError: it is no such file, or was cut; nothing was changed.
        CloudError: the cloud failed; what was imported stays.
        StoreError: what was imported cannot be noted.
    """
    total = HistoryCounts()
    for entry in read_history(file):
        total.add(entry)
    done, cloud = HistoryImport(), workspace.cloud()
    journal = workspace.journal_of(cloud)
    for run, candidates in by_run(read_history(file)):
        notes = _Notes(journal, run)
        for batch in candidates:
            outcomes = put_candidates(cloud, batch)
            _count(done, batch, outcomes)
            notes.add(
                item
                for item, outcome in zip(batch, outcomes, strict=True)
                if outcome is not Carried.CONFLICT
            )
            on_progress("imported", done.candidates + done.candidates_there, total.candidates)
        there = run_table.add(cloud, run)
        if there is None:
            done.runs += 1
        elif there == run:
            done.runs_there += 1
        else:
            done.conflict(f"run {run.id}")
    return done


def by_run(
    entries: Iterator[Run | Item],
) -> Iterator[tuple[Run, Iterator[list[Item]]]]:
    """Yield each run with its candidates in batches, which have to be read before the next run."""
    following: list[Run] = [run for run in [next(entries, None)] if isinstance(run, Run)]

    def batches() -> Iterator[list[Item]]:
        batch: list[Item] = []
        for entry in entries:
            if isinstance(entry, Run):
                following.append(entry)
                break
            batch.append(entry)
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    while following:
        yield following.pop(), batches()


def _count(done: HistoryImport, batch: list[Item], outcomes: list[Carried]) -> None:
    """Count what became of a batch."""
    done.candidates += outcomes.count(Carried.ADDED)
    done.candidates_there += outcomes.count(Carried.THERE)
    for item, outcome in zip(batch, outcomes, strict=True):
        if outcome is Carried.CONFLICT:
            done.conflict(f"candidate {Key.from_item(item)}")


class _Notes:
    """The workspace's notes of an imported run, in case the local cloud loses it."""

    def __init__(self, journal: Journal, run: Run) -> None:
        """Note the run, unless it is noted."""
        self._journal, self._run = journal, run.id
        self._versions: dict[Key, int] = {}
        if journal.run(run.id) is None:
            journal.save(run)
        for noted in journal.verdict_notes(run.id):
            self._versions[noted.key] = max(noted.version, self._versions.get(noted.key, 0))

    def add(self, items: Iterator[Item]) -> None:
        """Note the verdicts that are later than those that are noted; none can be undone here."""
        candidates = map(Candidate.from_item, items)
        new = [
            NotedVerdict.of(candidate)
            for candidate in candidates
            if candidate.version > self._versions.get(candidate.key, 0)
        ]
        self._journal.add_verdicts(self._run, new)
