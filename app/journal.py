"""What the workspace itself remembers of runs and verdicts, should the local cloud lose them.

The local cloud saves its tables when it is stopped; a crash takes what came after the last time.
Runs can be tested again under the same keys, but only if it is known which model and data they
were of; verdicts cannot be computed at all. So both are noted here first, on disk.

    HOME/journal/<target>/<run>.json            the run as it was last saved
    HOME/journal/<target>/<run>.verdicts.jsonl  a line a verdict, only ever appended to
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from aws.keys import Key, check_run_id
from aws.retrain_table import Decision
from aws.run_table import Run


@dataclass(frozen=True, slots=True)
class NotedVerdict:
    """A reviewer's decision on one record; `label` is the class it is to be retrained with."""

    partition_key: str
    sort_key: str
    decision: Decision
    label: str
    version: int

    @property
    def key(self) -> Key:
        """The record that it is about."""
        return Key(self.partition_key, self.sort_key)


class Journal:
    """Notes about one target's runs, in a directory of the workspace."""

    def __init__(self, home: Path, target: str) -> None:
        self._home = home / "journal" / target

    def save(self, run: Run) -> None:
        """Note a run, over an earlier state of the same run; a torn write leaves the old one."""
        path = self._path(run.id, ".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}.fresh")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(run.to_dict(), file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)

    def runs(self, *, limit: int | None = None) -> list[Run]:
        """The noted runs, newest first: all, or so many."""
        paths = sorted(self._home.glob("*.json"), reverse=True)[:limit]
        return [Run.from_dict(json.loads(path.read_text("utf-8"))) for path in paths]

    def run(self, run_id: str) -> Run | None:
        """One noted run."""
        path = self._path(run_id, ".json")
        return Run.from_dict(json.loads(path.read_text("utf-8"))) if path.exists() else None

    def add_verdict(self, verdict: NotedVerdict) -> None:
        """Append a verdict to its run's notes; on disk when this returns."""
        path = self._path(verdict.key.run, ".verdicts.jsonl")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(verdict)) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def verdicts(self, run_id: str) -> list[NotedVerdict]:
        """The newest verdict on each record of a run, in the order of their keys."""
        path = self._path(run_id, ".verdicts.jsonl")
        if not path.exists():
            return []
        newest: dict[Key, NotedVerdict] = {}
        for line in path.read_text("utf-8").splitlines():
            try:
                verdict = NotedVerdict(**json.loads(line))
            except (ValueError, TypeError):
                continue  # a line that a crash tore: that verdict was never acknowledged
            newest[verdict.key] = verdict
        return [newest[key] for key in sorted(newest)]

    def _path(self, run_id: str, ending: str) -> Path:
        return self._home / f"{check_run_id(run_id)}{ending}"
