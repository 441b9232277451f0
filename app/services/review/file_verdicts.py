"""The verdicts of a file by row: what contradicts itself is passed over, and named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from iris_core.records.verdict import Decision

MAX_CONFLICTS = 1_000
"""Verdicts of a file that could not be taken over, of which is said why."""

RowName = tuple[str, int | None]
"""What a file names a row by: its fingerprint, and its position in the run where that is known.

Copies of a row share a fingerprint.
"""


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """A verdict of a file.

    Attributes:
        place: where it is in the file, such as `line 3`.
        decision: what is to be stored; to relabel a record as what it is keeps its label.
        label: the class, for `relabel`.
        note: for people.
        who: the reviewer; empty if the file does not say.
    """

    place: str
    decision: Decision | Literal["undecided"]
    label: str
    note: str
    who: str = ""


class FileVerdicts:
    """The verdicts of a file.

    Attributes:
        left: by row, those that nobody took yet; all that do not contradict each other.
        conflicts: why others are passed over.
    """

    def __init__(self, part: str) -> None:
        """Begin without any.

        Args:
            part: what a file has of them, such as `line`.
        """
        self.left: dict[RowName, FileVerdict] = {}
        self.conflicts: list[str] = []
        self._part = part
        self._torn: dict[RowName, str] = {}

    def add(self, row: RowName, verdict: FileVerdict) -> None:
        """Add a verdict on a row; the first of those that agree counts."""
        before = self.left.get(row)
        if row in self._torn:
            if self._torn[row] != verdict.place:
                self.name(f"{verdict.place}: another {self._part} contradicts it")
            self._torn[row] = verdict.place
        elif before is None:
            self.left[row] = verdict
        elif (before.decision, before.label) != (verdict.decision, verdict.label):
            self._torn[row] = verdict.place
            del self.left[row]
            if before.place == verdict.place:
                self.name(f"{verdict.place}: its annotations disagree")
            else:
                self.name(f"{before.place}: {verdict.place} contradicts it")
                self.name(f"{verdict.place}: another {self._part} contradicts it")

    def take(self, fingerprint: str, row: int) -> FileVerdict | None:
        """Return the verdict on a row, None if there is none; each is returned once.

        Args:
            fingerprint: of the row.
            row: its position in the run.
        """
        own = self.left.pop((fingerprint, row), None)
        return own or self.left.pop((fingerprint, None), None)

    def name(self, conflict: str) -> None:
        """Note why a verdict is passed over."""
        if len(self.conflicts) < MAX_CONFLICTS:
            self.conflicts.append(conflict)
