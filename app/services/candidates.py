"""Candidates as people look at them: filtered, and a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from app.services.csv_export import candidates_csv
from aws import retrain_table
from aws.clients import Cloud
from aws.retrain_rule import probabilities
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key
from iris_core.records.run import Run

LOOKED_AT = 5_000
"""Candidates that one page of a filtered list looks through."""
DOWNLOADED = 20_000
_AT_ONCE = 500

Judged = Literal["", "open", "judged"]


@dataclass(frozen=True, slots=True)
class CandidateFilter:
    """Which candidates to list; an empty text stands for all.

    `low` and `high` are ends of a range of probabilities (0…1), both included.
    """

    reason: str = ""
    actual: str = ""
    predicted: str = ""
    judged: Judged = ""
    low: float = 0.0
    high: float = 1.0

    def holds(self, candidate: Candidate) -> bool:
        """Whether a candidate is wanted."""
        told = candidate.record
        return (
            self.reason in ("", candidate.reason)
            and self.actual in ("", told.actual_string)
            and self.predicted in ("", told.class_string)
            and self.judged in ("", "judged" if candidate.verdict else "open")
            and self._in_range(told.prob_string)
        )

    def _in_range(self, text: str) -> bool:
        """Whether a probability is in the range; one that is none is in the whole range only."""
        if (self.low, self.high) == (0.0, 1.0):
            return True
        return bool(self.low <= probabilities([text])[0] <= self.high)


@dataclass(frozen=True, slots=True)
class Found:
    """Some wanted candidates; `after` is the last key looked at, None when that was all."""

    candidates: tuple[Candidate, ...]
    after: Key | None


def find(
    cloud: Cloud, run: Run, wanted: CandidateFilter, *, after: Key | None = None, limit: int = 50
) -> Found:
    """At most `limit` wanted candidates of a run behind `after`, in test order.

    Only `LOOKED_AT` are looked at, so it may find fewer while there are more behind.
    """
    if wanted == CandidateFilter():
        page = retrain_table.page(cloud, run, after=after, limit=limit)
        return Found(page.candidates, page.after)
    found: list[Candidate] = []
    for _ in range(LOOKED_AT // _AT_ONCE):
        page = retrain_table.page(cloud, run, after=after, limit=_AT_ONCE)
        for candidate in filter(wanted.holds, page.candidates):
            found.append(candidate)
            if len(found) == limit:
                return Found(tuple(found), candidate.key)
        after = page.after
        if after is None:
            break
    return Found(tuple(found), after)


def refresh(cloud: Cloud, held: Sequence[Key], fresh: Found) -> list[Candidate]:
    """The candidates of `held` in that order, from `fresh` where it has them."""
    known = {candidate.key: candidate for candidate in fresh.candidates}
    found = (known.get(key) or retrain_table.load(cloud, key) for key in held)
    return [candidate for candidate in found if candidate is not None]


def as_csv(cloud: Cloud, run: Run, wanted: CandidateFilter) -> bytes:
    """The wanted candidates of a run as a file, the first `DOWNLOADED` of them."""
    found = filter(wanted.holds, retrain_table.candidates(cloud, run))
    return candidates_csv(islice(found, DOWNLOADED))
