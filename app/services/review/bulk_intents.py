"""What a bulk of verdicts is to give, noted before the first is given.

    HOME/journal/<cloud>/<run>.<id>.bulk       there until the bulk is complete, or undone
    HOME/journal/<cloud>/<run>.bulk-lock       held by the process that works on one

A process that is killed in between leaves the file, which then says what was to be given.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from iris_core.errors import StoreError
from iris_core.records.keys import Key, check_run_id
from iris_core.records.verdict import Decision
from iris_core.storage.atomic_files import remove_file, write_file, writing


@dataclass(frozen=True, slots=True)
class IntendedVerdict:
    """One verdict of a bulk.

    Attributes:
        partition_key: of the candidate.
        sort_key: of the candidate.
        version: of the verdict that the reviewer saw; 0 if there was none.
        decision: the reviewer's.
        label: the class, if the record is relabelled.
        note: the reviewer's, for people.
    """

    partition_key: str
    sort_key: str
    version: int
    decision: Decision | Literal["undecided"]
    label: str
    note: str

    @property
    def key(self) -> Key:
        """The candidate's key."""
        return Key(self.partition_key, self.sort_key)


@dataclass(frozen=True, slots=True)
class Bulk:
    """Verdicts that are given together.

    Attributes:
        id: of all of them.
        run: id of the run whose candidates they are on.
        who: the reviewer.
        at: when it was begun, ISO 8601, UTC.
        verdicts: one a candidate.
    """

    id: str
    run: str
    who: str
    at: str
    verdicts: tuple[IntendedVerdict, ...]


class BulkIntents:
    """The bulks of a run that are under way, or were interrupted."""

    def __init__(self, home: Path, cloud_name: str, run_id: str) -> None:
        self._folder, self._run = home / "journal" / cloud_name, check_run_id(run_id)

    def save(self, bulk: Bulk) -> None:
        """Note a bulk before its first verdict is given.

        Raises:
            StoreError: it cannot be written.
        """
        write_file(self._path(bulk.id), json.dumps(asdict(bulk)).encode())

    def remove(self, bulk_id: str) -> None:
        """Forget a bulk that is complete, or undone; one that is not there is no error.

        Raises:
            StoreError: its note cannot be removed.
        """
        remove_file(self._path(bulk_id))

    def all(self) -> list[Bulk]:
        """Return the bulks, the oldest first.

        Raises:
            StoreError: the note of one is broken.
        """
        found = [_read(path) for path in self._folder.glob(f"{self._run}.*.bulk")]
        return sorted(found, key=lambda bulk: (bulk.at, bulk.id))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Work on a bulk of the run, or on its undo, as the only one.

        Raises:
            StoreError: another process or job does.
        """
        path = self._folder / f"{self._run}.bulk-lock"
        with writing(path):
            self._folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path, blocking=False)
        try:
            with lock:
                yield
        except Timeout as error:
            raise StoreError(
                f"Wait until the verdicts of run {self._run} that are being given or undone "
                "are complete, or cancel that: two at once would be in each other's way."
            ) from error

    def _path(self, bulk_id: str) -> Path:
        return self._folder / f"{self._run}.{bulk_id}.bulk"


def _read(path: Path) -> Bulk:
    """Read the note of a bulk; raise `StoreError` if it is broken."""
    try:
        content = json.loads(path.read_text("utf-8"))
        verdicts = tuple(IntendedVerdict(**verdict) for verdict in content["verdicts"])
        return Bulk(**{**content, "verdicts": verdicts})
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise StoreError(
            f"Remove {path}: expected the note of verdicts that are given together, received a "
            f"broken one ({error}). What was given of them stays, and can be undone."
        ) from error
