"""Several reviewers on one queue: each is given records that are on nobody else's screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from aws import leases
from aws.clients import Cloud
from aws.errors import NotPermittedError
from iris_core.records.candidate import Candidate
from iris_core.records.keys import key_of
from iris_core.records.lease import LEASE_SECONDS
from iris_core.records.run import Run
from iris_core.records.verdict import is_named


def take_first(
    cloud: Cloud, candidates: Iterable[Candidate], who: str, *, now: float
) -> Candidate | None:
    """Return the first of some candidates that is free, leased to a reviewer from now on.

    Those leased to others are passed over, and so is one that somebody was quicker to take or to
    review since it was read. Whoever has no name, or may change nothing, leases nothing.

    Args:
        cloud: that holds the candidates.
        candidates: as they were read, in the order to review them.
        who: the reviewer.
        now: seconds since 1970.
    """
    for candidate in candidates:
        if is_with_another(candidate, who, now):
            continue
        if not is_named(who) or _has_time(candidate, who, now):
            return candidate
        try:
            taken = leases.take(cloud, candidate, who, now=now)
        except NotPermittedError:
            return candidate
        if taken is not None:
            return taken
    return None


def take_ahead(
    cloud: Cloud, candidates: Sequence[Candidate], shown: Candidate | None, who: str, *, now: float
) -> Candidate | None:
    """Lease the next record while a reviewer looks at one, so that it need not be asked for then.

    Only if another free one is behind it: the last of a queue is for whoever is done first.

    Args:
        cloud: that holds the candidates.
        candidates: that are to be reviewed, in their order.
        shown: the one on the screen; None if there is none.
        who: the reviewer.
        now: seconds since 1970.

    Returns:
        The candidate that is leased; None if none is.
    """
    if shown is None or not is_named(who):
        return None
    free = [
        candidate
        for candidate in candidates
        if candidate.key != shown.key and not is_with_another(candidate, who, now)
    ]
    if len(free) < 2:
        return None
    if _has_time(free[0], who, now):
        return free[0]
    try:
        return leases.take(cloud, free[0], who, now=now)
    except NotPermittedError:
        return None


def rows_leased(candidates: Iterable[Candidate | None], who: str) -> tuple[int, ...]:
    """Return the rows of those of some candidates that are leased to a reviewer."""
    return tuple(
        candidate.key.row
        for candidate in candidates
        if candidate is not None and candidate.lease is not None and candidate.lease.by == who
    )


def give_up(
    cloud: Cloud, run: Run, rows: Iterable[int], listed: Iterable[Candidate], who: str
) -> None:
    """End a reviewer's leases on records that they do not look at any more.

    Args:
        cloud: that holds the candidates.
        run: of the candidates.
        rows: of the records.
        listed: candidates as they were read: those that show no lease any more, as after a verdict,
            are not asked about.
        who: the reviewer.
    """
    read = list(listed)
    ended = {candidate.key.row for candidate in read}.difference(rows_leased(read, who))
    for row in set(rows) - ended:
        leases.give_up(cloud, key_of(run.id, row), who)


def is_with_another(candidate: Candidate, who: str, now: float) -> bool:
    """Return whether another reviewer has a candidate on the screen, by their lease."""
    return candidate.lease is not None and candidate.lease.keeps_out(who, now)


def with_others(candidates: Iterable[Candidate], who: str, now: float) -> Mapping[str, int]:
    """Return how many of some candidates each other reviewer has, by name."""
    return Counter(
        candidate.lease.by
        for candidate in candidates
        if candidate.lease is not None and candidate.lease.keeps_out(who, now)
    )


def _has_time(candidate: Candidate, who: str, now: float) -> bool:
    """Return whether a reviewer's own lease lasts long enough not to be renewed."""
    lease = candidate.lease
    return lease is not None and lease.by == who and lease.is_on(now + LEASE_SECONDS / 2)
