"""A retrain candidate: a record that the Lambda copied for review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from iris_core.records import attributes
from iris_core.records.attributes import Item
from iris_core.records.keys import Key
from iris_core.records.lease import Lease
from iris_core.records.opinions import Opinions
from iris_core.records.reason import Reason
from iris_core.records.record import Record
from iris_core.records.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that the Lambda copied, with its reason and perhaps a verdict.

    Attributes:
        key: the same in both tables.
        record: as it was tested.
        reason: why it is to be reviewed, one of the values of `Reason`.
        threshold: the one that was applied to it, 0 to 1, as stored.
        verdict: the reviewer's, None before there is one.
        version: counts verdicts; whoever saves one states the version that it replaces, so that
            no verdict is overwritten unseen.
        taken_back_at: the time at which its verdict was taken back, ISO 8601, UTC; empty if it was
            not, or if an undo left it as nobody had reviewed it.
        taken_back_by: who took it back; else empty.
        verdict_id: of its newest verdict, or of the bulk or the undo that gave it; empty before.
        opinions: what each reviewer said of it.
        lease: the reviewer on whose screen it is, or was; None if it is on nobody's.
    """

    key: Key
    record: Record
    reason: str
    threshold: str
    verdict: Verdict | None
    version: int
    taken_back_at: str = ""
    taken_back_by: str = ""
    verdict_id: str = ""
    opinions: Opinions = field(default_factory=Opinions)
    lease: Lease | None = None

    def to_item(self) -> Item:
        """Return the stored item without the attributes that only guard it."""
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
        verdict = Verdict.from_item(item)
        return cls(
            key=Key.from_item(item),
            record=Record.from_item(item),
            reason=item.get(attributes.REASON, ""),
            threshold=item.get(attributes.THRESHOLD, ""),
            verdict=verdict,
            version=int(item.get(attributes.VERSION, "0")),
            taken_back_at="" if verdict else item.get(attributes.REVIEWED_AT, ""),
            taken_back_by="" if verdict else item.get(attributes.REVIEWER, ""),
            verdict_id=item.get(attributes.VERDICT_ID, ""),
            opinions=Opinions.from_item(item),
            lease=Lease.from_item(item),
        )


def is_listed(item: Mapping[str, str]) -> bool:
    """Return whether an item of the retrain table is shown to reviewers.

    A withdrawn record is no candidate any more, but a verdict on it stays to be seen.
    """
    return is_candidate_item(item) or Verdict.from_item(item) is not None


def is_candidate_item(item: Mapping[str, str]) -> bool:
    """Return whether an item of the retrain table is a candidate: it was not withdrawn."""
    return item.get(attributes.REASON) != Reason.WITHDRAWN


@dataclass(frozen=True, slots=True)
class CandidatePage:
    """Some candidates in test order.

    Attributes:
        candidates: those of this page.
        after: the last key read, from which the next page starts; None on the last page.
    """

    candidates: tuple[Candidate, ...]
    after: Key | None
