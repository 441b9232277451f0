"""Accept suggestions by a sample: some are looked at, and by them the others may be accepted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.services.review.choices import Choice
from app.services.review.label_search import Search
from app.services.review.verdicts import classes
from app.services.workspace import Workspace
from aws import retrain_table
from iris_core.label_errors.stopping import Acceptance, acceptance, sample_to_review
from iris_core.records.keys import Key, key_of
from iris_core.records.run import Run


@dataclass(frozen=True, slots=True)
class SampleResult:
    """How far a sample is looked at, and what was found.

    Attributes:
        looked_at: how many of its suggestions are reviewed.
        of: how many it has.
        found: how many of those reviewed were right.
        others: what the other open candidates with a suggestion would get.
    """

    looked_at: int
    of: int
    found: Acceptance
    others: dict[Key, Choice]

    @property
    def is_complete(self) -> bool:
        """Whether all of it is looked at."""
        return self.looked_at == self.of


def doubtful_rows(search: Search, reviewed: Collection[int]) -> list[int]:
    """Return the rows of a search whose label may be wrong, but those reviewed meanwhile.

    Args:
        search: with what it suggests.
        reviewed: rows that have a verdict now.
    """
    asked, known = search.asked, set(reviewed)
    doubtful: list[int] = asked[search.suspicion.doubtful[asked]].tolist()
    return [row for row in doubtful if row not in known]


def draw_sample(search: Search, *, size: int, reviewed: Collection[int]) -> tuple[int, ...]:
    """Return the rows of a random sample of what is suggested.

    Args:
        search: with what it suggests.
        size: how many to look at; all of fewer.
        reviewed: rows that have a verdict now; they are not drawn.
    """
    return tuple(sample_to_review(doubtful_rows(search, reviewed), size=size, seed=len(reviewed)))


def sample_result(
    workspace: Workspace, run: Run, search: Search, rows: Sequence[int]
) -> SampleResult:
    """Return how far a sample is looked at, and whether the others may be accepted by it.

    A suggestion was right if the record got the class that was suggested.

    Args:
        workspace: whose cloud holds the candidates.
        run: whose candidates.
        search: that the sample was drawn from.
        rows: of the sample.
    """
    cloud, guess = workspace.cloud(), search.suspicion.guess
    sampled = retrain_table.load_many(cloud, [key_of(run.id, row) for row in rows])
    verdicts = {
        candidate.key.row: candidate.verdict
        for candidate in sampled
        if candidate is not None and candidate.verdict is not None
    }
    right = [
        verdict.decision == "relabel" and verdict.label == search.suspicion.classes[guess[row]]
        for row, verdict in verdicts.items()
    ]
    is_complete = len(verdicts) == len(rows)
    others = _others(workspace, run, search, set(rows)) if is_complete else {}
    return SampleResult(len(verdicts), len(rows), acceptance(right, left=len(others)), others)


def _others(
    workspace: Workspace, run: Run, search: Search, sampled: Collection[int]
) -> dict[Key, Choice]:
    """Return the suggestions for the open candidates that were not sampled."""
    known, doubtful = set(classes(workspace, run)), search.suspicion.doubtful
    names, guess = search.suspicion.classes, search.suspicion.guess
    return {
        candidate.key: Choice("relabel", label, version=candidate.version)
        for candidate in retrain_table.candidates(workspace.cloud(), run)
        if candidate.verdict is None
        and candidate.key.row not in sampled
        and doubtful[candidate.key.row]
        and (label := names[guess[candidate.key.row]]) in known
    }
