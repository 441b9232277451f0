"""The list of candidates that a reviewer works through: it stays still while new ones come."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from app.services.review.candidates import CandidateFilter, find, refresh
from aws import retrain_table
from aws.clients import Cloud
from iris_core.records.candidate import Candidate, CandidatePage
from iris_core.records.keys import Key, key_of
from iris_core.records.run import Run

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class CandidateListing:
    """A page of candidates as it was opened.

    Attributes:
        candidates: the listed ones in their order, as they are now.
        keys: of the candidates that were there when the page was opened.
        new: how many have come to the page since.
        after: the last key looked at, to open the next page with; None when that was all.
        candidate_filter: by which they were listed.
    """

    candidates: tuple[Candidate, ...]
    keys: tuple[Key, ...]
    new: int
    after: Key | None
    candidate_filter: CandidateFilter = field(default_factory=CandidateFilter)

    def to_review(self, skipped: Collection[int] = ()) -> list[Candidate]:
        """Return the listed candidates that still need a verdict, those of skipped rows last."""
        left = filter(self.candidate_filter.is_to_review, self.candidates)
        return sorted(left, key=lambda candidate: candidate.key.row in skipped)


def list_candidates(
    cloud: Cloud,
    run: Run,
    candidate_filter: CandidateFilter,
    *,
    after: Key | None,
    listed_keys: Sequence[Key],
    order: Sequence[int] = (),
) -> CandidateListing:
    """Return a page of a run's candidates, the listed ones as they are now.

    Args:
        cloud: that holds the retrain table.
        run: whose candidates.
        candidate_filter: which of them.
        after: the key behind which the page begins; None for the first page.
        listed_keys: those listed already; empty to list all that are there now.
        order: the rows of the candidates in the order to review them; test order if empty.
    """
    page = find(cloud, run, candidate_filter, after=after, limit=PAGE_SIZE, order=order)
    keys = tuple(listed_keys) or tuple(candidate.key for candidate in page.candidates)
    candidates = tuple(refresh(cloud, keys, page))
    new = _unlisted(page, keys)
    return CandidateListing(candidates, keys, new, page.after, candidate_filter)


def count_new(
    cloud: Cloud,
    run: Run,
    candidate_filter: CandidateFilter,
    *,
    after: Key | None,
    listed_keys: Sequence[Key],
    order: Sequence[int] = (),
) -> int:
    """Return how many candidates have come to a page since it was opened.

    The arguments are those of `list_candidates`.
    """
    page = find(cloud, run, candidate_filter, after=after, limit=PAGE_SIZE, order=order)
    return _unlisted(page, listed_keys)


def _unlisted(page: CandidatePage, listed_keys: Sequence[Key]) -> int:
    """Return how many candidates of a page are not listed."""
    return sum(candidate.key not in listed_keys for candidate in page.candidates)


def candidate_of_row(
    cloud: Cloud, run: Run, row: int, listed: Sequence[Candidate]
) -> Candidate | None:
    """Return the candidate of one row of a run (from 0), read anew unless it is listed.

    None when the run has no such row, or no candidate in it.
    """
    if row >= run.rows:
        return None
    candidate = next((candidate for candidate in listed if candidate.key.row == row), None)
    return candidate or retrain_table.load(cloud, key_of(run.id, row))
