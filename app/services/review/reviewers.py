"""The reviewers of a run: where they differ, and how far each two of them agree."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations

from aws import opinion_records
from aws.clients import Cloud
from iris_core.evaluation.agreement import Agreement, agreement
from iris_core.records.keys import Key
from iris_core.records.opinions import Opinions
from iris_core.records.run import Run


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """The agreement of two reviewers.

    Attributes:
        reviewers: their names, in alphabetical order.
        agreement: on the records that both have seen.
    """

    reviewers: tuple[str, str]
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class ReviewerAgreement:
    """What the reviewers of a run make of its candidates.

    Attributes:
        opinions: number of candidates by the reviewer who has an opinion on them.
        seen_by_several: number of candidates on which at least two have one.
        differing: the opinions on those candidates on which reviewers differ, in test order,
            settled ones too.
        pairs: each two reviewers who have both seen a record.
    """

    opinions: dict[str, int]
    seen_by_several: int
    differing: dict[Key, Opinions]
    pairs: tuple[PairAgreement, ...]

    @property
    def open(self) -> int:
        """The number of disagreements that nobody has settled."""
        return sum(opinions.are_disputed for opinions in self.differing.values())


def reviewer_agreement(cloud: Cloud, run: Run) -> ReviewerAgreement:
    """Return how far the reviewers of a run agree.

    What counts is each reviewer's newest opinion: the class that the record should have, or that it
    is to be dropped. A verdict that settled a disagreement is no opinion.
    """
    by_reviewer: Counter[str] = Counter()
    differing: dict[Key, Opinions] = {}
    said: dict[tuple[str, str], list[tuple[object, object]]] = {}
    several = 0
    for key, opinions in opinion_records.opinions(cloud, run):
        by_reviewer.update(opinion.who for opinion in opinions.given)
        several += len(opinions.given) > 1
        if opinions.differ:
            differing[key] = opinions
        for first, second in combinations(opinions.given, 2):
            outcomes = said.setdefault((first.who, second.who), [])
            outcomes.append((first.outcome, second.outcome))
    pairs = tuple(PairAgreement(names, agreement(said[names])) for names in sorted(said))
    return ReviewerAgreement(dict(sorted(by_reviewer.items())), several, differing, pairs)
