"""A retrain candidate: a record that the Lambda copied for review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from iris_core.records import attributes
from iris_core.records.attributes import Item
from iris_core.records.keys import Key
from iris_core.records.record import Record
from iris_core.records.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that the Lambda copied, with its reason and perhaps a verdict.

    Attributes:
        key: the same in both tables.
        record: as it was tested.
        reason: why it is to be reviewed, one of `Reason`'s words.
        threshold: the one that was applied to it, 0 to 1.
        verdict: the reviewer's, None before there is one.
        version: counts verdicts; given back when one is saved, so that nobody's is overwritten
            unseen.
    """

    key: Key
    record: Record
    reason: str
    threshold: str
    verdict: Verdict | None
    version: int

    def to_item(self) -> Item:
        """Return what people are shown of the stored item: no attribute that only guards it."""
        return {
            **self.record.to_item(self.key),
            attributes.REASON: self.reason,
            attributes.THRESHOLD: self.threshold,
            **(self.verdict.to_item() if self.verdict else {}),
        }

    @classmethod
    def from_item(cls, item: Mapping[str, str]) -> Candidate:
        """Return the candidate that an item of the retrain table stores.

        Raises:
            KeyError: a key or an attribute of the record is missing.
        """
        return cls(
            key=Key(item[attributes.PARTITION_KEY], item[attributes.SORT_KEY]),
            record=Record.from_item(item),
            reason=item.get(attributes.REASON, ""),
            threshold=item.get(attributes.THRESHOLD, ""),
            verdict=Verdict.from_item(item),
            version=int(item.get(attributes.VERSION, "0")),
        )


@dataclass(frozen=True, slots=True)
class CandidatePage:
    """Some candidates in test order.

    Attributes:
        candidates: those of this page.
        after: the last key looked at, to fetch the next page with; None when that was all.
    """

    candidates: tuple[Candidate, ...]
    after: Key | None
