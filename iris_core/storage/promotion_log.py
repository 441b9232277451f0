"""The promotions of a project's models, one file each, only ever added to until the project goes.

    HOME/promotions/<project>/000001.json

Each file is created under a number of its own, so of two promotions at once one gets the number,
and the other is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from iris_core.checks import check_fields
from iris_core.errors import IrisError, StoreError
from iris_core.storage.atomic_files import create_file, remove_folder
from iris_core.storage.bundles import broken_file

_FIELDS = {
    **dict.fromkeys(("model", "at", "who", "why"), str),
    "is_rollback": bool,
}
_NAME = re.compile(r"(\d{6})\.json")
_PROJECT = re.compile(r"[0-9a-f]{12}")
_REMEDY = "Delete it, and promote the model that is to be the champion."


@dataclass(frozen=True, slots=True)
class Promotion:
    """A model that became the champion of its project.

    Attributes:
        model: its id.
        at: ISO 8601, UTC.
        who: the person, or the account.
        why: for people.
        is_rollback: whether it brought back the champion before the last one.
    """

    model: str
    at: str
    who: str
    why: str
    is_rollback: bool

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Promotion:
        """Return the promotion that `dataclasses.asdict` made plain values of.

        Raises:
            SchemaError: the data is not one.
        """
        check_fields(data, _FIELDS)
        return cls(**data)


class PromotionLog:
    """The promotions in a workspace, by project."""

    def __init__(self, home: Path) -> None:
        self._root = home / "promotions"

    def entries(self, project: str) -> list[Promotion]:
        """Return the promotions of a project, oldest first.

        Raises:
            StoreError: one of them is broken.
        """
        return [_read(path) for path in self._paths(project)]

    def readable(self, project: str) -> list[Promotion]:
        """Return the promotions of a project but those that are broken, oldest first."""
        found = (_try_read(path) for path in self._paths(project))
        return [entry for entry in found if isinstance(entry, Promotion)]

    def broken(self) -> list[str]:
        """Return a sentence for each broken promotion of any project, with the remedy."""
        folders = sorted(self._root.iterdir()) if self._root.is_dir() else []
        found = (_try_read(path) for folder in folders for path in self._paths(folder.name))
        return [str(entry) for entry in found if isinstance(entry, StoreError)]

    def add(self, project: str, promotion: Promotion, *, after: int) -> None:
        """Add a promotion to those that are there.

        Args:
            project: whose champion it is.
            promotion: to be added.
            after: how many there were when it was decided.

        Raises:
            StoreError: another one was added meanwhile, or it could not be written.
        """
        if not _PROJECT.fullmatch(project):
            raise StoreError(f"Expected the id of a project, received {project[:40]!r}.")
        taken = self._paths(project)
        # A broken one may have been deleted: the numbers that are taken have gaps then.
        number = int(taken[-1].stem) + 1 if taken else 1
        path = self._root / project / f"{number:06d}.json"
        content = json.dumps(asdict(promotion), ensure_ascii=False, indent=1)
        if len(taken) != after or not create_file(path, f"{content}\n".encode()):
            raise StoreError(
                "Look again, then decide anew: somebody promoted another model of the project, or "
                "rolled back, meanwhile."
            )

    def delete(self, project: str) -> None:
        """Delete all promotions of a project at once; it may have none.

        Raises:
            StoreError: they could not be removed; they are as they were.
        """
        folder = self._root / project
        if _PROJECT.fullmatch(project) and folder.is_dir():
            remove_folder(folder)

    def _paths(self, project: str) -> list[Path]:
        """Return the files of a project's promotions, oldest first."""
        folder = self._root / project
        if not _PROJECT.fullmatch(project) or not folder.is_dir():
            return []
        return sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name))


def _read(path: Path) -> Promotion:
    """Return the promotion of a file; raise `StoreError` if it is broken."""
    try:
        return Promotion.from_dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError, AttributeError, RecursionError, IrisError) as error:
        raise broken_file(path, error, _REMEDY) from error


def _try_read(path: Path) -> Promotion | StoreError:
    """Return the promotion of a file, or why it cannot be read."""
    try:
        return _read(path)
    except StoreError as error:
        return error
