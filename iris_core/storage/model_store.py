"""The models of a workspace on disk by id, cached once they are loaded.

    HOME/models/<name>-v<k>/     model.keras, trained_on.u64, logistic.f32, out_of_fold.bin,
                                 card.json

The content of an id never changes, except for the name on a model's card, so the cache stays true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import count
from pathlib import Path

from iris_core.checks import check_name
from iris_core.model.models import Model, ModelCard
from iris_core.storage import out_of_fold_files
from iris_core.storage.bundle_files import (
    LOGISTIC,
    OPTIONAL,
    OUT_OF_FOLD,
    TRAINED_ON,
    pack,
    unpack,
)
from iris_core.storage.bundles import Bundles, broken_file
from iris_core.storage.cards import Listing, list_cards, read_card
from iris_core.storage.fingerprint_files import read_fingerprints, to_bytes
from iris_core.storage.logistic_file import read_logistic
from iris_core.storage.logistic_file import to_bytes as logistic_to_bytes
from iris_core.storage.network_file import read_network, write_network
from iris_core.storage.out_of_fold_files import read_out_of_fold

_CACHED_MODELS = 16
_REMEDY = "Delete the model's folder, and train it anew."


class ModelStore:
    """The models of a workspace, each name with its versions."""

    def __init__(self, home: Path) -> None:
        self._bundles = Bundles(home / "models", "model", "model.keras")
        self._loaded = lru_cache(maxsize=_CACHED_MODELS)(self._load)

    def save(self, model: Model) -> Model:
        """Save a model under the next free version of its name.

        Returns:
            The model with its id and version.

        Raises:
            StoreError: it could not be written; the store is as it was.
        """
        stem = _slug(model.card.name)

        def card_for(model_id: str) -> ModelCard:
            return replace(model.card, id=model_id, version=int(model_id.rpartition("-v")[2]))

        model_id = self._bundles.add(
            self._free_ids(stem),
            fill=lambda folder: self._write(folder, model),
            card=lambda model_id: card_for(model_id).to_dict(),
        )
        return replace(model, card=card_for(model_id))

    def list(self) -> Listing[ModelCard]:
        """Return all cards, newest first, and a message for each broken model.

        Of one name, a higher version is newer, even if the clock stood still or was set back.
        """
        listing = list_cards(self._bundles, ModelCard.from_dict)
        return replace(listing, cards=_newest_first(listing.cards))

    def card(self, model_id: str) -> ModelCard:
        """Return a model's card.

        Raises:
            NotFoundError: there is no such model.
            StoreError: its card is broken.
        """
        text = self._bundles.card_text(model_id)
        return read_card(self._bundles, model_id, text, ModelCard.from_dict)

    def load(self, model_id: str) -> Model:
        """Return a model.

        Raises:
            NotFoundError: there is no such model.
            StoreError: it is broken.
        """
        return self._loaded(model_id, self._bundles.card_text(model_id))

    def rename(self, model_id: str, name: str) -> ModelCard:
        """Change a model's name; its id stays, and so does every link to it.

        Raises:
            OptionError: the name is blank, too long or not printable.
            NotFoundError: there is no such model.
            StoreError: it could not be written; the model keeps its name.
        """
        check_name(name)
        card = replace(self.card(model_id), name=name)
        self._bundles.change_card(model_id, card.to_dict())
        return card

    def export(self, model_id: str) -> bytes:
        """Return a model as one file, a ZIP archive; the same bytes every time.

        Raises:
            NotFoundError: there is no such model.
            StoreError: it is broken.
        """
        card_text = self._bundles.card_text(model_id)
        # What cannot be loaded here could not be loaded elsewhere.
        self._loaded(model_id, card_text)
        path = self._bundles.content_path(model_id)
        try:
            others = {name: path.with_name(name) for name in OPTIONAL}
            kept = {name: file.read_bytes() for name, file in others.items() if file.exists()}
            return pack(path.read_bytes(), card_text, kept)
        except OSError as error:
            raise broken_file(path, error) from error

    def import_bundle(self, content: bytes) -> Model:
        """Save the model that `export` wrote, in this workspace or another, under a new id.

        Returns:
            The model with its id and version.

        Raises:
            StoreError: the content is broken, hostile or too large, or it could not be written;
                the store is as it was.
        """
        return self.save(unpack(content))

    def delete(self, model_id: str) -> None:
        """Delete a model; `restore` brings it back.

        Raises:
            NotFoundError: there is no such model.
            StoreError: it could not be moved.
        """
        self._bundles.soft_delete(model_id)

    def restore(self, model_id: str) -> None:
        """Bring back a deleted model.

        Raises:
            NotFoundError: there is no such deleted model.
            StoreError: it could not be moved.
        """
        self._bundles.restore(model_id)

    def _load(self, model_id: str, card_text: str) -> Model:
        """Read a model as its card describes it."""
        card = read_card(self._bundles, model_id, card_text, ModelCard.from_dict)
        path = self._bundles.content_path(model_id)
        rows, weights = path.with_name(TRAINED_ON), path.with_name(LOGISTIC)
        trained_on = read_fingerprints(rows, _REMEDY) if rows.exists() else None
        network = read_network(path, card)
        logistic = read_logistic(weights, card, _REMEDY) if weights.exists() else None
        out_of_fold = read_out_of_fold(path.with_name(OUT_OF_FOLD), trained_on, card, _REMEDY)
        return Model(card, network, trained_on, logistic, out_of_fold)

    def _write(self, folder: Path, model: Model) -> None:
        """Write a model's files but the card; raise `OSError` if that cannot be done."""
        write_network(folder / self._bundles.content, model.network)
        if model.trained_on is not None:
            (folder / TRAINED_ON).write_bytes(to_bytes(model.trained_on))
        if model.logistic is not None:
            (folder / LOGISTIC).write_bytes(logistic_to_bytes(model.logistic))
        if model.out_of_fold is not None:
            (folder / OUT_OF_FOLD).write_bytes(out_of_fold_files.to_bytes(model.out_of_fold))

    def _free_ids(self, stem: str) -> Iterator[str]:
        """Yield the ids above all that models of that name ever had."""
        pattern = re.compile(rf"{re.escape(stem)}-v(\d+)")
        matches = map(pattern.fullmatch, self._bundles.used_ids())
        highest = max((int(match[1]) for match in matches if match), default=0)
        return (f"{stem}-v{version}" for version in count(highest + 1))


def _slug(name: str) -> str:
    """Return the part of a model's id that comes from its name."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name)[:60].strip("-") or "model"


def _newest_first(cards: Sequence[ModelCard]) -> tuple[ModelCard, ...]:
    """Return cards by their time of creation, those of one name by version."""
    latest: dict[str, str] = {}
    ranks: dict[str, tuple[str, str, int]] = {}
    for card in sorted(cards, key=lambda card: card.version):
        stem = card.id.rpartition("-v")[0]
        latest[stem] = max(card.created, latest.get(stem, ""))
        ranks[card.id] = (latest[stem], stem, card.version)
    return tuple(sorted(cards, key=lambda card: ranks[card.id], reverse=True))
