"""Read, check and list the cards of a store's bundles."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from types import UnionType
from typing import Any, Generic, Protocol, TypeVar

from iris_core.checks import check_fields
from iris_core.data.columns import Columns
from iris_core.errors import IrisError, NotFoundError, StoreError
from iris_core.storage.bundles import CARD, Bundles, broken_file

_DATA_SET_FIELDS: dict[str, type | UnionType] = {
    **dict.fromkeys(("id", "name", "created", "label", "change"), str),
    **dict.fromkeys(("rows", "columns"), int),
    **dict.fromkeys(("numeric", "categorical", "classes"), list | tuple),
    **dict.fromkeys(("dates", "ignored", "notes"), list | tuple),
    **dict.fromkeys(("parent", "group"), str | None),
}


class Change(StrEnum):
    """How a data set came to be; the values are stored."""

    UPLOADED = "uploaded"
    SPLIT = "split"
    """A part of its parent."""
    LABEL_NOISE = "labels changed"
    """Its parent with labels changed on purpose."""
    CORRECTED = "corrected"
    """Its parent as reviewed: relabelled, dropped, and extended by reviewed records."""
    EVALUATION = "evaluation"
    """The evaluation set of its project."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a data set comes from.

    Attributes:
        change: how it came to be.
        parent: id of the data set that it was made of; None if it was uploaded.
    """

    change: Change
    parent: str | None


UPLOADED = Origin(Change.UPLOADED, None)


class Card(Protocol):
    """The fields that every card has."""

    @property
    def id(self) -> str:
        """The bundle's id."""

    @property
    def created(self) -> str:
        """The time of its creation, ISO 8601, UTC."""


CardT = TypeVar("CardT", bound=Card)


@dataclass(frozen=True, slots=True)
class Listing(Generic[CardT]):
    """The content of a store.

    Attributes:
        cards: of the bundles that have content and a card, newest first.
        broken: for each other bundle, a message that names the file.
    """

    cards: tuple[CardT, ...]
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DataSetCard:
    """Everything about a data set but its rows.

    Attributes:
        id: fingerprint of its content.
        name: for people.
        created: time at which it was added, ISO 8601, UTC.
        label: the label's column.
        numeric: the feature columns that hold numbers.
        categorical: the feature columns that hold categories.
        dates: the feature columns that hold dates.
        ignored: the columns that are no features.
        group: the column that says which rows belong together; None without one.
        notes: what was understood when it was read, in sentences.
        rows: number of rows.
        columns: number of columns, the label included.
        classes: the distinct labels, sorted as text.
        change: how it came to be.
        parent: id of the data set that it was made of; None if it was uploaded.
    """

    id: str
    name: str
    created: str
    label: str
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    rows: int
    columns: int
    classes: tuple[str, ...]
    change: Change
    parent: str | None
    dates: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    group: str | None = None

    @property
    def columns_by_kind(self) -> Columns:
        """The label and the features by kind, and the group."""
        return Columns(self.label, self.numeric, self.categorical, self.dates, self.group)

    @property
    def project(self) -> str:
        """The id of its project."""
        return self.columns_by_kind.project

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> DataSetCard:
        """Return the card that `dataclasses.asdict` made plain values of.

        One of an earlier version does not say where the data set comes from, and has no roles.

        Raises:
            SchemaError: the data is not such a card.
            ValueError: it says an unknown change.
        """
        earlier = {**asdict(UPLOADED), "dates": (), "ignored": (), "notes": (), "group": None}
        data = {**earlier, **data}
        check_fields(data, _DATA_SET_FIELDS)
        lists = {
            name: tuple(map(str, data[name]))
            for name in ("numeric", "categorical", "classes", "dates", "ignored", "notes")
        }
        return cls(**{**data, **lists, "change": Change(data["change"])})


def read_card(
    bundles: Bundles, bundle_id: str, text: str, decode: Callable[[Mapping[str, Any]], CardT]
) -> CardT:
    """Return the card of a bundle.

    Args:
        bundles: the store's bundles.
        bundle_id: of the bundle.
        text: of its card, JSON.
        decode: returns the card for plain values.

    Raises:
        NotFoundError: there is no bundle of that id.
        StoreError: the text is not a card, or is one of another bundle.
    """
    path = bundles.path(bundle_id) / CARD
    try:
        card = decode(json.loads(text))
    except (ValueError, TypeError, AttributeError, RecursionError, IrisError) as error:
        raise broken_file(path, error, bundles.remedy) from error
    if card.id != bundle_id:
        raise broken_file(path, f"it is the card of '{card.id[:100]}'", bundles.remedy)
    return card


def list_cards(bundles: Bundles, decode: Callable[[Mapping[str, Any]], CardT]) -> Listing[CardT]:
    """Return every bundle's card, and a message for each bundle that is broken."""
    cards: list[CardT] = []
    faults: list[str] = []
    for bundle_id in bundles.ids():
        try:
            card = read_card(bundles, bundle_id, bundles.card_text(bundle_id), decode)
            bundles.content_path(bundle_id)
        except NotFoundError:
            # Deleted since the ids were read.
            continue
        except StoreError as error:
            faults.append(str(error))
        else:
            cards.append(card)
    cards.sort(key=lambda card: (card.created, card.id), reverse=True)
    return Listing(tuple(cards), tuple(faults))
