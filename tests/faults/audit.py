"""The invariant: the table has the keys tested, and the candidates are those of the rule.

Checked from outside, item by item, without the product's own reconciliation or rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

Key = tuple[str, str]
Items = Mapping[Key, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Audit:
    """What is wrong with the tables, by key; all sets should be empty.

    Attributes:
        lost: records that were tested and are not stored.
        doubled: records that are stored and were not tested.
        uncopied: candidates that are missing.
        unexpected: candidates that should not be there.
    """

    lost: frozenset[Key]
    doubled: frozenset[Key]
    uncopied: frozenset[Key]
    unexpected: frozenset[Key]

    @property
    def clean(self) -> bool:
        """Whether nothing is lost and nothing doubled."""
        return not (self.lost or self.doubled or self.uncopied or self.unexpected)

    def __str__(self) -> str:
        """Return what is wrong, counted by partition, for a partition key names its run."""
        kinds = {
            "lost": self.lost,
            "doubled": self.doubled,
            "uncopied": self.uncopied,
            "unexpected": self.unexpected,
        }
        return "; ".join(
            f"{kind}: {count} of {partition}"
            for kind, keys in kinds.items()
            for partition, count in sorted(Counter(key[0] for key in keys).items())
        )


def audit(score: Items, retrain: Items, tested: Collection[Key], threshold: str) -> Audit:
    """Compare both tables' whole content with the keys that were tested.

    Args:
        score: the items of the score table.
        retrain: the items of the retrain table.
        tested: the keys that were tested.
        threshold: that of the runs, as stored.
    """
    expected = {key for key, item in score.items() if _is_candidate(item, Decimal(threshold))}
    copied = {key for key, item in retrain.items() if item["Reason"] != "withdrawn"}
    keys = frozenset(tested)
    return Audit(
        keys - score.keys(),
        frozenset(score.keys() - keys),
        frozenset(expected - copied),
        frozenset(copied - expected),
    )


def _is_candidate(item: Mapping[str, str], threshold: Decimal) -> bool:
    """Return whether an item of the score table is to be copied."""
    return item["Class"] != item["Actual"] or Decimal(item["Probability"]) < threshold
