"""Verdicts on rows of data sets, noted by project: only ever added to.

    HOME/journal/rows/<project>.jsonl      a line a verdict, or an undo of those given together

As with a run's verdicts, they stay when the project is deleted, and count again with its data. A
line that cannot be read, such as one that a crash cut short, stands in nobody's way.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_args

from iris_core.data.fingerprints import from_letters
from iris_core.errors import StoreError
from iris_core.records.verdict import Decision, RowVerdict
from iris_core.storage.atomic_files import append_lines, read_lines

_PROJECT = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class RowReview:
    """Verdicts on rows that were given together, and are undone together.

    Attributes:
        id: of all of them.
        who: the reviewer.
        verdicts: one a row.
    """

    id: str
    who: str
    verdicts: tuple[RowVerdict, ...]


class RowVerdictLog:
    """The verdicts on rows in a workspace."""

    def __init__(self, home: Path) -> None:
        self._root = home / "journal" / "rows"

    def add(self, project: str, review: RowReview) -> None:
        """Note verdicts; they are on disk when this returns.

        Raises:
            StoreError: they cannot be written.
        """
        lines = [json.dumps({**asdict(verdict), "id": review.id}) for verdict in review.verdicts]
        if lines:
            append_lines(self._path(project), lines)

    def undo(self, project: str, review_id: str) -> None:
        """Note that verdicts are undone; they count no more when this returns.

        Raises:
            StoreError: it cannot be written.
        """
        append_lines(self._path(project), [json.dumps({"undoes": review_id})])

    def reviews(self, project: str) -> list[RowReview]:
        """Return the verdicts of a project that are not undone, the newest last.

        Raises:
            StoreError: they cannot be read at all.
        """
        given: dict[str, list[RowVerdict]] = {}
        for line in read_lines(self._path(project), "verdicts"):
            try:
                entry = json.loads(line)
                if "undoes" in entry:
                    given.pop(entry["undoes"], None)
                else:
                    review_id, verdict = entry.pop("id"), _checked(RowVerdict(**entry))
                    given.setdefault(review_id, []).append(verdict)
            except (ValueError, TypeError, KeyError, AttributeError):
                continue  # torn by a crash: it was never acknowledged
        return [RowReview(id_, found[0].who, tuple(found)) for id_, found in given.items()]

    def _path(self, project: str) -> Path:
        if not _PROJECT.fullmatch(project):
            raise StoreError(f"Expected the id of a project, received {project[:40]!r}.")
        return self._root / f"{project}.jsonl"


def _checked(verdict: RowVerdict) -> RowVerdict:
    """Return a verdict; raise `ValueError` if it is on no row, or is none."""
    from_letters([verdict.fingerprint])
    if verdict.decision not in get_args(Decision):
        raise ValueError(f"expected a verdict, received {verdict.decision!r}")
    return verdict
