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


@dataclass(frozen=True, slots=True)
class Verdict:
    """A reviewer's verdict on one candidate.

    Attributes:
        decision: how the record is used in retraining, if at all.
        label: the class to retrain it with; empty for a dropped record.
        at: the time of the verdict, ISO 8601, UTC.
        note: the reviewer's, for people; at most `MAX_NOTE` characters.
        carried_from: id of the run whose review it comes from; empty if it was given on this
            candidate.
    """

    decision: Decision
    label: str
    at: str
    note: str = ""
    carried_from: str = ""

    def to_item(self) -> Item:
        """Return the attributes that store this verdict."""
        return {
            attributes.VERDICT: self.decision,
            attributes.LABEL: self.label,
            attributes.REVIEWED_AT: self.at,
            **({attributes.NOTE: self.note} if self.note else {}),
            **({attributes.CARRIED_FROM: self.carried_from} if self.carried_from else {}),
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
        run: id of the run whose candidate was reviewed.
        note: the reviewer's, for people.
    """

    fingerprint: str
    given: str
    decision: Decision
    label: str
    at: str
    run: str = ""
    note: str = ""

    def for_label(self, label: str) -> Decision | None:
        """Return the decision on the row with a label, None if the verdict is on another label.

        A row that comes up with the label that the reviewer gave it has the right one.
        """
        if label == self.given:
            return self.decision
        return "right" if self.decision == "relabel" and label == self.label else None
