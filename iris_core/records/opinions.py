"""What each reviewer said of a candidate, where the verdict alone keeps only who spoke last.

They are stored next to the verdict, in the same write:

    Opinions    {"ana": {"decision": "relabel", "label": "setosa", "at": "2026-…"}, "ben": {…}}
    SettledBy   who ended a disagreement; empty while it is open

A verdict that settles a disagreement is given by somebody who saw all opinions, so it is none
itself: else agreement would be measured on what reviewers have copied from each other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from iris_core.records import attributes
from iris_core.records.attributes import Item
from iris_core.records.verdict import Decision, Verdict, is_named

MAX_BYTES = 8_000
"""Of the stored opinions at most: of more the oldest give way, for an item has its limit."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one reviewer said of a candidate.

    Attributes:
        who: the reviewer.
        decision: as that of a verdict.
        label: the class that the record should have; empty for a dropped record.
        at: the time, ISO 8601, UTC.
    """

    who: str
    decision: Decision
    label: str
    at: str

    @property
    def outcome(self) -> tuple[bool, str]:
        """What it comes to: whether the record is to be dropped, and else its class."""
        return self.decision == "drop", self.label


@dataclass(frozen=True, slots=True)
class Opinions:
    """The opinions on one candidate.

    Attributes:
        given: one a reviewer, by name.
        settled_by: who ended the disagreement; empty if nobody did.
    """

    given: tuple[Opinion, ...] = ()
    settled_by: str = ""

    @property
    def differ(self) -> bool:
        """Whether two reviewers said different things."""
        return len({opinion.outcome for opinion in self.given}) > 1

    @property
    def are_disputed(self) -> bool:
        """Whether they differ, and nobody has settled that."""
        return self.differ and not self.settled_by

    def by(self, who: str) -> Opinion | None:
        """Return a reviewer's opinion, None if there is none."""
        return next((opinion for opinion in self.given if opinion.who == who), None)

    def await_second_look(self, who: str) -> bool:
        """Return whether others have an opinion, and a reviewer has none yet."""
        return bool(self.given) and is_named(who) and self.by(who) is None

    def after(
        self, verdict: Verdict | None, who: str, *, before: Verdict | None, settles: bool = False
    ) -> Opinions:
        """Return the opinions when another verdict was given.

        A verdict that was carried over from an earlier run, or given without a name, is nobody's
        opinion. What was settled stays so until a verdict says something else.

        Args:
            verdict: that was given; None if one was taken back, and the reviewer's opinion with it.
            who: the reviewer.
            before: the verdict that it replaces, None without any.
            settles: whether it ends a disagreement; then it is no opinion.
        """
        others = tuple(opinion for opinion in self.given if opinion.who != who)
        if verdict is None:
            return Opinions(others)
        if settles:
            return Opinions(self.given, who)
        stays = before is not None and _outcome(before) == _outcome(verdict)
        given = self.given
        if is_named(who) and not verdict.carried_from:
            opinion = Opinion(who, verdict.decision, verdict.label, verdict.at)
            given = _within_limit((*others, opinion))
        return Opinions(given, self.settled_by if stays else "")

    def to_text(self) -> str:
        """Return them as the JSON that is stored."""
        return _text(self.given)

    def to_item(self) -> Item:
        """Return the attributes that store them."""
        return {attributes.OPINIONS: self.to_text(), attributes.SETTLED_BY: self.settled_by}

    @classmethod
    def from_text(cls, text: str, settled_by: str = "") -> Opinions:
        """Return the opinions that a JSON text stores; none if it cannot be read."""
        try:
            stored: Any = json.loads(text)
            given = [
                Opinion(who, cast(Decision, str(of["decision"])), str(of["label"]), str(of["at"]))
                for who, of in stored.items()
            ]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return cls()
        return cls(_by_name(given), settled_by)

    @classmethod
    def from_item(cls, item: Mapping[str, str]) -> Opinions:
        """Return the opinions on the candidate that an item stores.

        Of an item of an earlier version, which has none, the verdict is its reviewer's opinion.
        """
        if attributes.OPINIONS in item:
            text, settled_by = (item.get(name, "") for name in attributes.AGREEMENT)
            return cls.from_text(text, settled_by)
        return cls.of_verdict(Verdict.from_item(item))

    @classmethod
    def of_verdict(cls, verdict: Verdict | None) -> Opinions:
        """Return the opinions of which only a verdict is known."""
        return cls().after(verdict, verdict.who, before=None) if verdict else cls()


def _outcome(verdict: Verdict) -> tuple[bool, str]:
    """Return what a verdict comes to, as an opinion does."""
    return verdict.decision == "drop", verdict.label


def _by_name(opinions: Iterable[Opinion]) -> tuple[Opinion, ...]:
    """Return opinions in the order of their reviewers' names."""
    return tuple(sorted(opinions, key=lambda opinion: opinion.who))


def _within_limit(opinions: Iterable[Opinion]) -> tuple[Opinion, ...]:
    """Return the newest opinions that fit into what may be stored, by name."""
    kept = sorted(opinions, key=lambda opinion: opinion.at)
    while len(kept) > 1 and len(_text(kept).encode()) > MAX_BYTES:
        del kept[0]
    return _by_name(kept)


def _text(opinions: Iterable[Opinion]) -> str:
    """Return opinions as JSON."""
    stored = {
        opinion.who: {"decision": opinion.decision, "label": opinion.label, "at": opinion.at}
        for opinion in opinions
    }
    return json.dumps(stored, ensure_ascii=False)
