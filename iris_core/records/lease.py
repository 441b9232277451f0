"""A lease: the candidate on one reviewer's screen is shown to no other, for a few minutes.

It ends with the verdict, when the reviewer goes on to another record, or by itself: nobody has to
clear away what a closed browser left. Clocks of different machines may differ by as much as a lease
is long before two reviewers could see one record; a verdict has a guard of its own even then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from iris_core.records import attributes
from iris_core.records.attributes import Item

LEASE_SECONDS: Final = 300
"""How long a reviewer may look at a record before others are given it."""
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Lease:
    """A reviewer's lease on a candidate.

    Attributes:
        by: the reviewer.
        until: its end, in whole seconds since 1970, UTC; at that moment it is over.
    """

    by: str
    until: int

    def is_on(self, now: float) -> bool:
        """Return whether it lasts, at a time in seconds since 1970."""
        return now < self.until

    def keeps_out(self, who: str, now: float) -> bool:
        """Return whether somebody is to pass over the candidate: it is leased to another one."""
        return self.by != who and self.is_on(now)

    def to_item(self) -> Item:
        """Return the attributes that store it."""
        return {attributes.LEASED_BY: self.by, attributes.LEASED_UNTIL: stored_time(self.until)}

    @classmethod
    def from_item(cls, item: Mapping[str, str]) -> Lease | None:
        """Return the lease that an item stores, None if it stores none."""
        by, until = (item.get(name, "") for name in attributes.LEASE)
        return cls(by, int(until)) if by and until.isdecimal() else None


def new_lease(who: str, now: float) -> Lease:
    """Return a lease that begins now, in seconds since 1970."""
    return Lease(who, int(now) + LEASE_SECONDS)


def stored_time(seconds: float) -> str:
    """Return a time in seconds since 1970 as it is stored: padded, so that it compares as text."""
    return f"{int(seconds):0{_DIGITS}d}"


NO_LEASE: Final[Item] = dict.fromkeys(attributes.LEASE, "")
"""The attributes of a candidate whose lease was given up."""
