"""A reviewer's verdict: on a candidate, and on the row that it holds for in every later run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, cast

from iris_core.records import attributes
from iris_core.records.attributes import Item

Decision = Literal["right", "relabel", "drop"]
"""The label is right; the label should be another; the record is of no use."""
UNDECIDED: Final = "undecided"
"""What is stored instead of a decision that was taken back."""
MAX_NOTE = 1_000
"""Characters of a reviewer's note."""
MAX_WHO = 100
"""Characters of a reviewer's name."""
UNNAMED: Final = "the dashboard"
"""Who gave a verdict on a dashboard on which nobody is logged in and no name was entered."""
_UNDO = "-undo"


def is_named(who: str) -> bool:
    """Return whether it is known who a reviewer is."""
    return who not in ("", UNNAMED)


def undo_of(verdict_id: str) -> str:
    """Return the id of what undoes a verdict, or a bulk of them."""
    return verdict_id + _UNDO


def undone_by(verdict_id: str) -> str:
    """Return the id of the verdict that one undoes, empty if it undoes none."""
    return verdict_id.removesuffix(_UNDO) if verdict_id.endswith(_UNDO) else ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A reviewer's verdict on one candidate.

    Attributes:
        decision: how the record is used in retraining, if at all.
        label: the class to retrain it with; empty for a dropped record.
        at: the time of the verdict, ISO 8601, UTC.
        note: the reviewer's, for people; at most `MAX_NOTE` characters.
        carried_from: id of the run whose review it comes from, or of the data set whose row was
            reviewed; empty if it was given on this candidate.
        who: the reviewer, at most `MAX_WHO` characters; empty if that was not stored.
    """

    decision: Decision
    label: str
    at: str
    note: str = ""
    carried_from: str = ""
    who: str = ""

    def to_item(self) -> Item:
        """Return the attributes that store this verdict."""
        return {
            attributes.VERDICT: self.decision,
            attributes.LABEL: self.label,
            attributes.REVIEWED_AT: self.at,
            **({attributes.NOTE: self.note} if self.note else {}),
            **({attributes.CARRIED_FROM: self.carried_from} if self.carried_from else {}),
            **({attributes.REVIEWER: self.who} if self.who else {}),
        }

    @classmethod
    def from_item(cls, item: Mapping[str, str]) -> Verdict | None:
        """Return the verdict that an item stores, None if it stores none."""
        if item.get(attributes.VERDICT, UNDECIDED) == UNDECIDED:
            return None
        return cls(
            decision=cast(Decision, item[attributes.VERDICT]),
            label=item.get(attributes.LABEL, ""),
            at=item.get(attributes.REVIEWED_AT, ""),
            note=item.get(attributes.NOTE, ""),
            carried_from=item.get(attributes.CARRIED_FROM, ""),
            who=item.get(attributes.REVIEWER, ""),
        )


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """A reviewer's verdict on a row: it holds wherever the row comes up with the same label.

    Attributes:
        fingerprint: what the row is known by.
        given: the label that the row had.
        decision: how the row is used in retraining, if at all.
        label: the class to retrain it with; empty for a dropped row.
        at: the time of the verdict, ISO 8601, UTC.
        run: id of the run whose candidate was reviewed, or of the data set whose row was.
        note: the reviewer's, for people.
        who: the reviewer; empty if that was not stored.
    """

    fingerprint: str
    given: str
    decision: Decision
    label: str
    at: str
    run: str = ""
    note: str = ""
    who: str = ""

    def for_label(self, label: str) -> Decision | None:
        """Return the decision on the row with a label, None if the verdict is on another label.

        A row that comes up with the label that the reviewer gave it has the right one.
        """
        if label == self.given:
            return self.decision
        return "right" if self.decision == "relabel" and label == self.label else None
