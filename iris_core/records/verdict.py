"""A reviewer's verdict on a candidate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from iris_core.records import attributes
from iris_core.records.attributes import Item

Decision = Literal["right", "relabel", "drop"]
"""The label is right; the label should be another; the record is of no use."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A reviewer's verdict on one candidate.

    Attributes:
        decision: how the record is used in retraining, if at all.
        label: the class to retrain it with; empty for a dropped record.
        at: the time of the verdict, ISO 8601, UTC.
    """

    decision: Decision
    label: str
    at: str

    def to_item(self) -> Item:
        """Return the attributes that store this verdict."""
        return {
            attributes.VERDICT: self.decision,
            attributes.LABEL: self.label,
            attributes.REVIEWED_AT: self.at,
        }

    @classmethod
    def from_item(cls, item: Mapping[str, str]) -> Verdict | None:
        """Return the verdict that an item stores, None if it stores none."""
        if attributes.VERDICT not in item:
            return None
        return cls(
            decision=cast(Decision, item[attributes.VERDICT]),
            label=item.get(attributes.LABEL, ""),
            at=item.get(attributes.REVIEWED_AT, ""),
        )
