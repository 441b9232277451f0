"""Candidates as people look at them: filtered, and a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from app.services.export.csv_export import candidates_csv
from aws import retrain_table
from aws.clients import Cloud
from aws.retrain_rule import probabilities
from iris_core.records.candidate import Candidate, CandidatePage
from iris_core.records.keys import Key, key_of
from iris_core.records.run import Run

MAX_SCANNED = 5_000
"""Candidates that one page of a filtered list looks through."""
MAX_EXPORTED = 20_000
"""Candidates that one file holds at most."""
_AT_ONCE = 500

ReviewState = Literal["", "open", "reviewed", "second look", "disagreement"]
"""Without a verdict, with one, reviewed by others only, or of reviewers who differ."""


@dataclass(frozen=True, slots=True)
class CandidateFilter:
    """Which candidates to list; an empty text stands for all.

    Attributes:
        reason: as it is stored, one of `Reason`'s words.
        actual: the true label.
        predicted: the predicted class.
        review: whether there is a verdict, or what reviewers made of it.
        low: lowest probability of the predicted class, 0 to 1, itself included.
        high: highest probability, itself included.
        who: the reviewer who is to have a second look.
    """

    reason: str = ""
    actual: str = ""
    predicted: str = ""
    review: ReviewState = ""
    low: float = 0.0
    high: float = 1.0
    who: str = ""

    def matches(self, candidate: Candidate) -> bool:
        """Return whether a candidate is to be listed."""
        record = candidate.record
        return (
            self.reason in ("", candidate.reason)
            and self.actual in ("", record.actual_string)
            and self.predicted in ("", record.class_string)
            and self._is_in_state(candidate)
            and self._in_range(record.prob_string)
        )

    def is_to_review(self, candidate: Candidate) -> bool:
        """Return whether a listed candidate still needs a verdict for what the filter asks for."""
        if self.review in ("second look", "disagreement"):
            return self._is_in_state(candidate)
        return candidate.verdict is None

    def _is_in_state(self, candidate: Candidate) -> bool:
        """Return whether a candidate is reviewed as far as it is to be."""
        if self.review == "second look":
            return candidate.opinions.await_second_look(self.who)
        if self.review == "disagreement":
            return candidate.opinions.are_disputed
        return self.review in ("", "reviewed" if candidate.verdict else "open")

    def _in_range(self, text: str) -> bool:
        """Return whether a probability is in the range; an invalid one is in the full range only.

        Read as the retrain rule reads it.
        """
        if (self.low, self.high) == (0.0, 1.0):
            return True
        return bool(self.low <= probabilities([text])[0] <= self.high)


def find(
    cloud: Cloud,
    run: Run,
    candidate_filter: CandidateFilter,
    *,
    after: Key | None = None,
    limit: int = 50,
    order: Sequence[int] = (),
) -> CandidatePage:
    """Return the candidates of a run that match a filter, a page of them.

    Only `MAX_SCANNED` are looked at, so a page may be short while there are more behind.

    Args:
        cloud: that holds the retrain table.
        run: whose candidates.
        candidate_filter: which of them.
        after: the key behind which the page begins; None for the first page.
        limit: candidates of the page at most.
        order: the rows of the candidates, from 0, in the order to list them; test order if empty.
    """
    if order:
        return _find_in_order(cloud, run, candidate_filter, order, after=after, limit=limit)
    if candidate_filter == CandidateFilter():
        return retrain_table.page(cloud, run, after=after, limit=limit)
    matches: list[Candidate] = []
    for _ in range(MAX_SCANNED // _AT_ONCE):
        page = retrain_table.page(cloud, run, after=after, limit=_AT_ONCE)
        for candidate in filter(candidate_filter.matches, page.candidates):
            matches.append(candidate)
            if len(matches) == limit:
                return CandidatePage(tuple(matches), candidate.key)
        after = page.after
        if after is None:
            break
    return CandidatePage(tuple(matches), after)


def _find_in_order(
    cloud: Cloud,
    run: Run,
    candidate_filter: CandidateFilter,
    order: Sequence[int],
    *,
    after: Key | None,
    limit: int,
) -> CandidatePage:
    """Return a page of the candidates in some rows; the arguments are those of `find`."""
    begin = order.index(after.row) + 1 if after is not None and after.row in order else 0
    matches: list[Candidate] = []
    end = min(len(order), begin + MAX_SCANNED)
    for start in range(begin, end, limit):
        rows = order[start : min(start + limit, end)]
        found = retrain_table.load_many(cloud, [key_of(run.id, row) for row in rows])
        for candidate in found:
            if candidate is not None and candidate_filter.matches(candidate):
                matches.append(candidate)
                if len(matches) == limit:
                    is_last = candidate.key.row == order[-1]
                    return CandidatePage(tuple(matches), None if is_last else candidate.key)
    return CandidatePage(
        tuple(matches), key_of(run.id, order[end - 1]) if end < len(order) else None
    )


def refresh(cloud: Cloud, listed_keys: Sequence[Key], page: CandidatePage) -> list[Candidate]:
    """Return the listed candidates as they are now, from `page` where it has them."""
    by_key = {candidate.key: candidate for candidate in page.candidates}
    missing = [key for key in listed_keys if key not in by_key]
    loaded = retrain_table.load_many(cloud, missing)
    by_key |= {candidate.key: candidate for candidate in loaded if candidate is not None}
    return [by_key[key] for key in listed_keys if key in by_key]


def as_csv(cloud: Cloud, run: Run, candidate_filter: CandidateFilter) -> bytes:
    """Return the candidates of a run that match a filter as CSV, `MAX_EXPORTED` at most."""
    matches = filter(candidate_filter.matches, retrain_table.candidates(cloud, run))
    return candidates_csv(islice(matches, MAX_EXPORTED))
