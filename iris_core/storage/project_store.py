"""The projects of a workspace: which rows evaluate, decided once, and which data they work with.

    HOME/projects/<project>/               evaluation.u64, training.u64, card.json
    HOME/projects/<project>/sides/<n>/     the same and evaluation-groups.u64, training-groups.u64

The two lists of rows never change; the card says which data sets are the newest. A project with
groups remembers more rows with each data set: a new version is written, and the newest counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import UnionType
from typing import Any

from iris_core.checks import check_fields, check_number
from iris_core.data.evaluation_split import EvaluationSplit
from iris_core.errors import NotFoundError, StoreError
from iris_core.storage.bundles import Bundles
from iris_core.storage.cards import list_cards, read_card
from iris_core.storage.fingerprint_files import read_fingerprints, to_bytes

_EVALUATION, _TRAINING = "evaluation.u64", "training.u64"
_EVALUATION_GROUPS, _TRAINING_GROUPS = "evaluation-groups.u64", "training-groups.u64"
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


@dataclass(frozen=True, slots=True)
class SidesCard:
    """What is kept of a version of the remembered rows besides the lists.

    Attributes:
        id: number of the version, 8 digits.
        created: time at which it was written, ISO 8601, UTC.
        group: name of the newest group column.
    """

    id: str
    created: str
    group: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SidesCard:
        """Return the card that `dataclasses.asdict` made plain values of.

        Raises:
            SchemaError: the data is not such a card.
        """
        check_fields(data, dict.fromkeys(("id", "created", "group"), str))
        return cls(**data)


class ProjectStore:
    """The projects of which the evaluation split is decided."""

    def __init__(self, home: Path) -> None:
        self._bundles = Bundles(home / "projects", "project", _EVALUATION, _REMEDY)

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

    def remember(self, project: str, split: EvaluationSplit) -> bool:
        """Keep the rows and groups that a split with groups has in addition to those kept.

        Of two processes that do so at once neither loses what the other keeps.

        Args:
            project: decided.
            split: of which the kept one was extended.

        Returns:
            Whether it is kept: not if a row or a group of it was put on the other side meanwhile.

        Raises:
            NotFoundError: the project is undecided.
            StoreError: it could not be written.
        """
        if split.group is None:
            raise ValueError("expected a split with a group column, received none")
        versions = self._versions(project)
        while True:
            numbers, before = versions.ids(), self.split(project)
            joined = before.joined(split) if before is not None else None
            if before is None or joined is None:
                return False
            if joined.is_same(before) and joined.group == before.group:
                return True
            number = int(max(numbers, default="0")) + 1
            is_added = _add_version(versions, number, joined, split.group)
            # Others may have gone on meanwhile, and removed a version of that number: then this
            # one is older than theirs, and nobody reads it.
            if is_added and int(max(versions.ids())) == number:
                # The one before is kept for those who read just now. Others may remove the same
                # ones; one that stays is never read again.
                for old in numbers[:-1]:
                    with suppress(NotFoundError, StoreError):
                        versions.remove(old)
                return True

    def split(self, project: str) -> EvaluationSplit | None:
        """Return the evaluation split of a project, None if it is not decided.

        Raises:
            StoreError: it is broken.
        """
        card = self.card(project)
        if card is None:
            return None
        sides = self._newest_sides(project)
        if sides is None:
            path = self._bundles.content_path(project)
            return EvaluationSplit(
                evaluation=read_fingerprints(path, _REMEDY),
                training=read_fingerprints(path.with_name(_TRAINING), _REMEDY),
                share=card.share,
            )
        folder = self._versions(project).path(sides.id)
        return EvaluationSplit(
            evaluation=read_fingerprints(folder / _EVALUATION, _REMEDY),
            training=read_fingerprints(folder / _TRAINING, _REMEDY),
            share=card.share,
            group=sides.group,
            evaluation_groups=read_fingerprints(folder / _EVALUATION_GROUPS, _REMEDY),
            training_groups=read_fingerprints(folder / _TRAINING_GROUPS, _REMEDY),
        )

    def group(self, project: str) -> str | None:
        """Return the newest group column of a project, None if it works without one.

        Raises:
            StoreError: it is broken.
        """
        sides = self._newest_sides(project) if self.card(project) is not None else None
        return sides.group if sides is not None else None

    def _versions(self, project: str) -> Bundles:
        """Return the versions of what a project remembers.

        Raises:
            NotFoundError: it is undecided.
        """
        return Bundles(self._bundles.path(project) / "sides", "version", _EVALUATION, _REMEDY)

    def _newest_sides(self, project: str) -> SidesCard | None:
        """Return the card of the newest version of what a project remembers, None without one."""
        versions = self._versions(project)
        newest = max(versions.ids(), default=None)
        if newest is None:
            return None
        return read_card(versions, newest, versions.card_text(newest), SidesCard.from_dict)

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


def _add_version(versions: Bundles, number: int, split: EvaluationSplit, group: str) -> bool:
    """Write all lists of a split as a version; return whether no other process has its number."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    card = SidesCard(f"{number:08}", now, group)

    def fill(folder: Path) -> None:
        for name, rows in (
            (_EVALUATION, split.evaluation),
            (_TRAINING, split.training),
            (_EVALUATION_GROUPS, split.evaluation_groups),
            (_TRAINING_GROUPS, split.training_groups),
        ):
            (folder / name).write_bytes(to_bytes(rows))

    return versions.add([card.id], fill=fill, card=lambda _: asdict(card)) != ""
