"""What the workspace itself remembers of runs and verdicts, should the local cloud lose them.

The local cloud saves its tables when it is stopped; a crash takes what came after the last time.
Runs can be tested again under the same keys, but only if it is known which model and data they
were of; verdicts cannot be computed at all. So both are noted here first, on disk.

    HOME/journal/<target>/<run>.json            the run as it was last saved
    HOME/journal/<target>/<run>.verdicts.jsonl  a line a verdict, only ever appended to

A note that cannot be read stands in nobody's way: the others count, and it is named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from iris_core.errors import StoreError
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key, check_run_id
from iris_core.records.run import Run
from iris_core.records.verdict import Decision
from iris_core.storage.atomic_files import append_line, write_file


@dataclass(frozen=True, slots=True)
class NotedVerdict:
    """A reviewer's decision on one record; `label` is the other class, if it is relabelled."""

    partition_key: str
    sort_key: str
    decision: Decision
    label: str
    version: int

    @classmethod
    def of(cls, decided: Candidate) -> NotedVerdict:
        """What is noted of a candidate's verdict; raises `ValueError` when it has none."""
        if decided.verdict is None:
            raise ValueError(f"{decided.key} was not decided on.")
        decision = decided.verdict.decision
        label = decided.verdict.label if decision == "relabel" else ""
        return cls(*decided.key, decision, label, decided.version)

    @property
    def key(self) -> Key:
        """The record that it is about."""
        return Key(self.partition_key, self.sort_key)


class Journal:
    """Notes about one target's runs, in a directory of the workspace."""

    def __init__(self, home: Path, target: str) -> None:
        self._home = home / "journal" / target

    def save(self, run: Run) -> None:
        """Note a run, over an earlier state of the same run; raises `StoreError`."""
        write_file(self._path(run.id, ".json"), json.dumps(run.to_dict()).encode())

    def runs(self, *, limit: int | None = None) -> list[Run]:
        """The noted runs, newest first: all, or so many. A note that is broken is passed over."""
        return [note for note in self._notes(limit) if isinstance(note, Run)]

    def broken(self) -> list[str]:
        """A sentence for each run whose note is broken, with the remedy."""
        return [str(note) for note in self._notes() if isinstance(note, StoreError)]

    def run(self, run_id: str) -> Run | None:
        """One noted run; raises `StoreError` when its note is broken."""
        path = self._path(run_id, ".json")
        return _read_run(path) if path.exists() else None

    def add_verdict(self, verdict: NotedVerdict) -> None:
        """Append a verdict to its run's notes; on disk when this returns; raises `StoreError`."""
        path = self._path(verdict.key.run, ".verdicts.jsonl")
        append_line(path, json.dumps(asdict(verdict)))

    def verdicts(self, run_id: str) -> list[NotedVerdict]:
        """The newest verdict on each record of a run, in the order of their keys."""
        return [noted[-1] for noted in self.all_verdicts(run_id)]

    def all_verdicts(self, run_id: str) -> list[list[NotedVerdict]]:
        """The verdicts on each record of a run, the newest last, in the order of their keys."""
        path = self._path(run_id, ".verdicts.jsonl")
        if not path.exists():
            return []
        found: dict[Key, list[NotedVerdict]] = {}
        for line in path.read_text("utf-8", errors="replace").splitlines():
            try:
                verdict = NotedVerdict(**json.loads(line))
            except (ValueError, TypeError):
                continue  # blank, or torn by a crash: that verdict was never acknowledged
            found.setdefault(verdict.key, []).append(verdict)
        return [found[key] for key in sorted(found)]

    def _notes(self, limit: int | None = None) -> Iterator[Run | StoreError]:
        """Each noted run, newest first, or why its note cannot be read."""
        for path in sorted(self._home.glob("*.json"), reverse=True)[:limit]:
            try:
                yield _read_run(path)
            except StoreError as error:
                yield error

    def _path(self, run_id: str, ending: str) -> Path:
        return self._home / f"{check_run_id(run_id)}{ending}"


def _read_run(path: Path) -> Run:
    """Read a note; raises `StoreError` when it is not that of the run whose name it bears."""
    try:
        run = Run.from_dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        reason = str(error)
    else:
        if run.id == path.stem:
            return run
        reason = f"it is that of '{run.id}'"
    raise StoreError(
        f"{path}: expected the note of a run, received a broken one ({reason}). Remove the file; "
        "what the cloud knows of the run stays."
    )
