"""Bundles: folders of a card and a content file that are either complete or absent.

A bundle is written to a hidden folder and then renamed. A rename onto a folder with content fails,
so two processes never take the same id.
"""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iris_core.errors import NotFoundError, StoreError
from iris_core.storage.atomic_files import flush, remove_folder, scratch, writing

CARD = "card.json"
REMEDY = "Delete it, and add or train anew."
"""What to do about a broken file of a data set or a model."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_DELETED = ".deleted"


@dataclass(frozen=True)
class Bundles:
    """The bundles in one folder, each a folder of its own with a card.

    Attributes:
        root: the folder; created at the first write.
        kind: of the bundles, as messages name it.
        content: name of the file that every bundle has in addition to its card.
        remedy: what to do about a broken file of a bundle, a sentence.
    """

    root: Path
    kind: str
    content: str
    remedy: str = REMEDY

    def ids(self) -> list[str]:
        """Return the ids of the bundles, sorted; deleted ones are not among them."""
        return _visible(self.root)

    def used_ids(self) -> list[str]:
        """Return the ids that are in use: those of deleted bundles are not assigned again."""
        return self.ids() + _visible(self.root / _DELETED)

    def path(self, bundle_id: str) -> Path:
        """Return a bundle's folder; raises `NotFoundError` if there is none of that id."""
        return self._existing(self.root, bundle_id)

    def content_path(self, bundle_id: str) -> Path:
        """Return the path of a bundle's content.

        Raises:
            NotFoundError: there is no bundle of that id.
            StoreError: it has no content.
        """
        path = self.path(bundle_id) / self.content
        if not path.is_file():
            raise broken_file(path, "there is none", self.remedy)
        return path

    def card_text(self, bundle_id: str) -> str:
        """Return a bundle's card as it was written.

        Raises:
            NotFoundError: there is no bundle of that id.
            StoreError: it is unreadable.
        """
        path = self.path(bundle_id) / CARD
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise broken_file(path, error, self.remedy) from error

    def add(
        self,
        ids: Iterable[str],
        *,
        fill: Callable[[Path], object],
        card: Callable[[str], Mapping[str, Any]],
    ) -> str:
        """Add a bundle under the first id that is free.

        Args:
            ids: to try, in order.
            fill: writes the bundle's files into the folder that is passed to it.
            card: returns the card for an id.

        Returns:
            The id, or "" if none was free.

        Raises:
            StoreError: it could not be written; nothing of it is on disk.
        """
        with scratch(self.root) as folder:
            fill(folder)
            for path in folder.iterdir():
                flush(path)
            for bundle_id in ids:
                _write_card(folder, card(bundle_id))
                if _moved(folder, self.root / bundle_id):
                    return bundle_id
        return ""

    def change_card(self, bundle_id: str, card: Mapping[str, Any]) -> None:
        """Replace a bundle's card.

        Raises:
            NotFoundError: there is no bundle of that id.
            StoreError: it could not be written; it is as it was.
        """
        folder = self.path(bundle_id)
        with scratch(self.root) as new:
            _write_card(new, card)
            (new / CARD).replace(folder / CARD)
            flush(folder)

    def remove(self, bundle_id: str) -> None:
        """Delete a bundle permanently.

        Raises:
            NotFoundError: there is no bundle of that id.
            StoreError: it could not be removed.
        """
        remove_folder(self.path(bundle_id))

    def soft_delete(self, bundle_id: str) -> None:
        """Delete a bundle so that `restore` can bring it back.

        Raises:
            NotFoundError: there is no bundle of that id.
            StoreError: it could not be moved.
        """
        folder = self.path(bundle_id)
        with writing(self.root):
            (self.root / _DELETED).mkdir(exist_ok=True)
            folder.rename(self.root / _DELETED / bundle_id)

    def restore(self, bundle_id: str) -> None:
        """Bring back a soft-deleted bundle.

        Raises:
            NotFoundError: there is no such bundle of that id.
            StoreError: it could not be moved.
        """
        folder = self._existing(self.root / _DELETED, bundle_id)
        with writing(self.root):
            folder.rename(self.root / bundle_id)

    def clear_deleted(self) -> None:
        """Remove all soft-deleted bundles permanently.

        Raises:
            StoreError: one could not be removed.
        """
        for folder in sorted((self.root / _DELETED).glob("*/")):
            remove_folder(folder)

    def _existing(self, root: Path, bundle_id: str) -> Path:
        """Return a bundle's folder, which is under `root` whatever the id."""
        if not _ID.fullmatch(bundle_id) or not (root / bundle_id).is_dir():
            raise NotFoundError(
                f"expected the id of a {self.kind} in the store, received '{bundle_id[:100]}'. "
                "Choose one from the list."
            )
        return root / bundle_id


def broken_file(path: Path, reason: object, remedy: str = REMEDY) -> StoreError:
    """Return the error for a file of a bundle that is missing or damaged."""
    return StoreError(
        f"{path}: expected a file of this store, received a broken one ({reason}). {remedy}"
    )


def _visible(root: Path) -> list[str]:
    """Return the names of the bundles' folders in `root`, without the hidden ones."""
    if not root.is_dir():
        return []
    return sorted(path.name for path in root.iterdir() if _ID.fullmatch(path.name))


def _write_card(folder: Path, card: Mapping[str, Any]) -> None:
    """Write a card as JSON that people can read too."""
    text = json.dumps(card, ensure_ascii=False, indent=1, allow_nan=False)
    (folder / CARD).write_text(text + "\n", encoding="utf-8")
    flush(folder / CARD)
    flush(folder)


def _moved(folder: Path, target: Path) -> bool:
    """Rename a folder, or return False if there is a folder of that name."""
    try:
        folder.rename(target)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            return False
        raise
    flush(target.parent)
    return True
