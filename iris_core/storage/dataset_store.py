"""The data sets of a workspace on disk by id, cached once they are loaded.

    HOME/datasets/<id>/          data.csv, card.json

The content of an id never changes, so the cache stays true.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from iris_core.data.csv_reading import read_csv
from iris_core.data.csv_writing import to_csv
from iris_core.data.datasets import DataSet
from iris_core.errors import DataError, NotFoundError, StoreError
from iris_core.storage.bundles import Bundles, broken_file
from iris_core.storage.cards import (
    UPLOADED,
    DataSetCard,
    Listing,
    Origin,
    list_cards,
    read_card,
)

# A data set of a million rows takes 200 MB of memory.
_CACHED_DATA_SETS = 3


class DataSetStore:
    """The data sets of a workspace. The same content is one data set, however often it is added."""

    def __init__(self, home: Path) -> None:
        self._bundles = Bundles(home / "datasets", "data set", "data.csv")
        self._loaded = lru_cache(maxsize=_CACHED_DATA_SETS)(self._load)

    def add(
        self, ds: DataSet, origin: Origin = UPLOADED, *, notes: Sequence[str] = ()
    ) -> DataSetCard:
        """Add a data set, unless the store has its content: then that keeps its name and origin.

        A broken one of the same content is replaced.

        Args:
            ds: the data set.
            origin: where it comes from.
            notes: what was understood when it was read, in sentences.

        Returns:
            Its card.

        Raises:
            StoreError: it could not be written; the store is as it was.
        """
        if not self._has(ds.id):
            card = DataSetCard(
                id=ds.id,
                name=ds.name,
                created=datetime.now(UTC).isoformat(timespec="milliseconds"),
                label=ds.label,
                numeric=ds.numeric,
                categorical=ds.categorical,
                dates=ds.dates,
                ignored=ds.ignored,
                group=ds.group,
                notes=tuple(notes),
                rows=ds.rows,
                columns=len(ds.frame.columns),
                classes=ds.classes,
                parent=origin.parent,
                change=origin.change,
            )
            self._bundles.add(
                [ds.id],
                fill=lambda folder: (folder / self._bundles.content).write_bytes(to_csv(ds)),
                card=lambda _: asdict(card),
            )
        return self.card(ds.id)

    def list(self) -> Listing[DataSetCard]:
        """Return all cards, newest first, and a message for each broken data set."""
        return list_cards(self._bundles, self._decode)

    def card(self, dataset_id: str) -> DataSetCard:
        """Return a data set's card.

        Raises:
            NotFoundError: there is no such data set.
            StoreError: its card is broken.
        """
        text = self._bundles.card_text(dataset_id)
        return read_card(self._bundles, dataset_id, text, self._decode)

    def load(self, dataset_id: str) -> DataSet:
        """Return a data set.

        Raises:
            NotFoundError: there is no such data set.
            StoreError: it is broken.
        """
        return self._loaded(dataset_id, self._bundles.card_text(dataset_id))

    def delete(self, dataset_id: str) -> None:
        """Delete a data set permanently.

        Raises:
            NotFoundError: there is no such data set.
            StoreError: it could not be removed.
        """
        self._bundles.remove(dataset_id)

    def set_aside(self, dataset_id: str) -> None:
        """Delete a data set so that `restore` can bring it back, until the next one is set aside.

        Raises:
            NotFoundError: there is no such data set.
            StoreError: it could not be moved, or the one before not be removed.
        """
        self.card(dataset_id)
        self.clear_set_aside()
        self._bundles.soft_delete(dataset_id)

    def restore(self, dataset_id: str) -> None:
        """Bring back a data set that was set aside; one that was added again meanwhile is there.

        Raises:
            NotFoundError: it was not set aside last.
            StoreError: it could not be moved.
        """
        if not self._has(dataset_id):
            self._bundles.restore(dataset_id)

    def clear_set_aside(self) -> None:
        """Remove what was set aside permanently.

        Raises:
            StoreError: it could not be removed.
        """
        self._bundles.clear_deleted()

    def _has(self, dataset_id: str) -> bool:
        """Return whether the store has a data set in full; remove it if it is broken."""
        try:
            self.load(dataset_id)
        except NotFoundError:
            return False
        except StoreError:
            with suppress(NotFoundError):
                self.delete(dataset_id)
            return False
        return True

    def _decode(self, data: Mapping[str, Any]) -> DataSetCard:
        """Return a card from plain values; one of an earlier version lacks the numeric columns."""
        if "numeric" not in data:
            others = {data.get("label"), *data.get("categorical", ())}
            header = _header(self._bundles.content_path(str(data.get("id"))))
            data = {**data, "numeric": [name for name in header if name not in others]}
        return DataSetCard.from_dict(data)

    def _load(self, dataset_id: str, card_text: str) -> DataSet:
        """Read a data set and check it against its card."""
        card = read_card(self._bundles, dataset_id, card_text, self._decode)
        path = self._bundles.content_path(dataset_id)
        try:
            group = () if card.group is None else (card.group,)
            ds = read_csv(
                path,
                name=card.name,
                label=card.label,
                categorical=(*card.categorical, *card.dates, *card.ignored, *group),
            )
            ds = replace(ds, dates=card.dates, ignored=card.ignored, group=card.group)
        except DataError as error:
            raise broken_file(path, error) from error
        if ds.id != dataset_id:
            raise broken_file(path, f"its content is that of '{ds.id}'")
        return ds


def _header(path: Path) -> list[str]:
    """Return the column names of a stored data set; raise `StoreError` if it cannot be read."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            return next(csv.reader(lines), [])
    except (OSError, ValueError, csv.Error) as error:
        raise broken_file(path, error) from error
