"""When a review has seen enough, and when suggestions may be accepted without a look at each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from iris_core.records.interval import Interval, wilson_interval

LAST = 20
"""Rows reviewed last by which the review ends."""
MOST_WRONG = 1
"""Of them so many may have been wrong."""
SAMPLE = 10
"""Suggestions to look at before the others may be accepted."""
LEAST_RIGHT = 0.8
"""Share of those looked at that has to have been right."""


@dataclass(frozen=True, slots=True)
class Yield:
    """What the last reviews found.

    Attributes:
        reviewed: how many count, at most the last 20.
        wrong: how many of their labels were wrong.
        interval: of the share that was.
        enough: whether the review may end: 20 count, and one at most was wrong.
    """

    reviewed: int
    wrong: int
    interval: Interval
    enough: bool


def review_yield(found: Sequence[bool]) -> Yield:
    """Return what the last reviews found.

    Args:
        found: of each review, in their order, whether the label was wrong.
    """
    last = found[-LAST:]
    wrong = sum(last)
    enough = len(last) == LAST and wrong <= MOST_WRONG
    return Yield(len(last), wrong, wilson_interval(wrong, len(last)), enough)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How far suggestions can be trusted, by those that were looked at.

    Attributes:
        reviewed: how many were.
        right: how many were right.
        interval: of the share that was.
        acceptable: whether the others may be accepted: 10 were looked at, or all there are, and
            four in five were right.
    """

    reviewed: int
    right: int
    interval: Interval
    acceptable: bool


def acceptance(right: Sequence[bool], *, left: int) -> Acceptance:
    """Return whether the suggestions that are left may be accepted by those that were reviewed.

    Args:
        right: of each suggestion that was reviewed, whether it was right.
        left: how many others there are.
    """
    reviewed, count = len(right), sum(right)
    looked = reviewed >= min(SAMPLE, reviewed + left) and reviewed > 0
    acceptable = looked and count >= LEAST_RIGHT * reviewed
    return Acceptance(reviewed, count, wilson_interval(count, reviewed), acceptable)


def sample_to_review(rows: Sequence[int], *, size: int, seed: int) -> list[int]:
    """Return a random sample of suggestions, in their order: it speaks for the others.

    Args:
        rows: of all suggestions.
        size: how many to look at; all of fewer.
        seed: of the choice.
    """
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(rows), size=min(size, len(rows)), replace=False)
    return [rows[place] for place in np.sort(chosen).tolist()]
