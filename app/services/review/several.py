"""One verdict for many open candidates: those that match a filter, or whose label is suspected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from app.services.review.candidates import CandidateFilter
from app.services.review.choices import Choice
from app.services.review.label_search import Search
from aws import retrain_table
from aws.clients import Cloud
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key
from iris_core.records.run import Run
from iris_core.records.verdict import Decision

Action = Literal["accept", "right", "drop"]
"""Give the labels that are suggested; keep the labels; leave the records out."""


def choices_for(
    cloud: Cloud,
    run: Run,
    candidate_filter: CandidateFilter,
    action: Action,
    *,
    search: Search | None = None,
    least: float = 0.0,
) -> dict[Key, Choice]:
    """Return what is to be given to the open candidates of a run that match a filter.

    Args:
        cloud: that holds the candidates.
        run: whose candidates.
        candidate_filter: which of them.
        action: what they are to get. By `accept` those get the class that is suggested whose
            label is likely wrong; all others stay open.
        search: for label errors, which `accept` goes by.
        least: for `accept`, the lowest probability of the class suggested, 0 to 1.
    """
    candidates = {
        candidate.key: candidate
        for candidate in retrain_table.candidates(cloud, run)
        if candidate.verdict is None and candidate_filter.matches(candidate)
    }
    if action != "accept":
        return {
            key: Choice(action, version=candidate.version)
            for key, candidate in candidates.items()
            if action == "drop" or candidate.record.actual_string
        }
    return _suggested(candidates, search, least) if search is not None else {}


def choices_on(
    candidates: Iterable[Candidate], decision: Decision, label: str | None = None
) -> dict[Key, Choice]:
    """Return the same verdict for some candidates as they are seen, reviewed ones too.

    Args:
        candidates: those; of one that has no label none can be kept, and it is left out.
        decision: `right`, `relabel` or `drop`.
        label: the class, for `relabel`.
    """
    return {
        candidate.key: Choice(decision, label, version=candidate.version)
        for candidate in candidates
        if decision != "right" or candidate.record.actual_string
    }


def _suggested(
    candidates: Mapping[Key, Candidate], search: Search, least: float
) -> dict[Key, Choice]:
    """Return the suggestions for those candidates whose label is likely wrong."""
    keys = list(candidates)
    found = search.suggestions([key.row for key in keys])
    return {
        key: Choice("relabel", suggestion.suggested, version=candidates[key].version)
        for key, suggestion in zip(keys, found, strict=True)
        if suggestion.wrong and suggestion.probability >= least
    }
