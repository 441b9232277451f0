"""The projects of a workspace: which rows evaluate, decided once, and which data they work with.

    HOME/projects/<project>/     evaluation.u64, training.u64, card.json

The two lists of rows never change; the card says which data sets are the newest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import UnionType
from typing import Any

from iris_core.checks import check_fields, check_number
from iris_core.data.evaluation_split import EvaluationSplit
from iris_core.errors import NotFoundError
from iris_core.storage.bundles import Bundles
from iris_core.storage.cards import list_cards, read_card
from iris_core.storage.fingerprint_files import read_fingerprints, to_bytes

_TRAINING = "training.u64"
_REMEDY = (
    "Delete the project's folder, then train a model on the project's oldest data first: the same "
    "rows evaluate again."
)

_CARD_FIELDS: dict[str, type | UnionType] = {
    **dict.fromkeys(("id", "created"), str),
    **dict.fromkeys(("data", "evaluation"), str | None),
    "share": float | int,
}


@dataclass(frozen=True, slots=True)
class ProjectCard:
    """What is kept of a project besides the rows that evaluate.

    Attributes:
        id: of the project, made of its columns.
        created: time at which its evaluation split was decided, ISO 8601, UTC.
        share: of the rows that come later, 0 to 1: how many of them evaluate.
        data: id of the data set that is trained on now; None before there is one.
        evaluation: id of the data set that is evaluated on now; None before there is one.
    """

    id: str
    created: str
    share: float
    data: str | None
    evaluation: str | None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ProjectCard:
        """Return the card that `dataclasses.asdict` made plain values of.

        Raises:
            SchemaError: the data is not such a card.
            OptionError: the share is not one.
        """
        check_fields(data, _CARD_FIELDS)
        check_number("share", data["share"], low=0, high=1)
        return cls(**data)


class ProjectStore:
    """The projects of which the evaluation split is decided."""

    def __init__(self, home: Path) -> None:
        self._bundles = Bundles(home / "projects", "project", "evaluation.u64", _REMEDY)

    def decide(self, project: str, split: EvaluationSplit) -> None:
        """Keep the evaluation split of a project, unless it is decided: then that one stays.

        Raises:
            StoreError: it could not be written; the project is undecided.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        card = ProjectCard(project, now, split.share, data=None, evaluation=None)

        def fill(folder: Path) -> None:
            (folder / self._bundles.content).write_bytes(to_bytes(split.evaluation))
            (folder / _TRAINING).write_bytes(to_bytes(split.training))

        self._bundles.add([project], fill=fill, card=lambda _: asdict(card))

    def split(self, project: str) -> EvaluationSplit | None:
        """Return the evaluation split of a project, None if it is not decided.

        Raises:
            StoreError: it is broken.
        """
        card = self.card(project)
        if card is None:
            return None
        path = self._bundles.content_path(project)
        return EvaluationSplit(
            evaluation=read_fingerprints(path, _REMEDY),
            training=read_fingerprints(path.with_name(_TRAINING), _REMEDY),
            share=card.share,
        )

    def card(self, project: str) -> ProjectCard | None:
        """Return the card of a project, None if its evaluation split is not decided.

        Raises:
            StoreError: it is broken.
        """
        try:
            text = self._bundles.card_text(project)
            return read_card(self._bundles, project, text, ProjectCard.from_dict)
        except NotFoundError:
            return None

    def broken(self) -> tuple[str, ...]:
        """Return a message for each project whose card is broken, with the remedy."""
        return list_cards(self._bundles, ProjectCard.from_dict).broken

    def use(self, card: ProjectCard, *, data: str | None, evaluation: str | None) -> None:
        """Change which data sets a project works with.

        Args:
            card: of the project.
            data: id of the data set to train on; None before there is one.
            evaluation: id of the one to evaluate on; None if there is none.

        Raises:
            StoreError: it could not be written; the project is as it was.
        """
        changed = replace(card, data=data, evaluation=evaluation)
        self._bundles.change_card(card.id, asdict(changed))

    def delete(self, project: str) -> None:
        """Delete what is kept of a project: which rows evaluate is undecided then.

        Raises:
            NotFoundError: it is undecided already.
            StoreError: it could not be removed.
        """
        self._bundles.remove(project)
