"""The invariant: the keys in the table are the keys tested, the candidates what the rule says.

Looked at from outside, item by item, without the product's own reconciliation or rule.
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
    """What is wrong with the tables, by key; empty sets are as it should be.

    `lost` and `doubled` are records that were tested and are not stored, or the other way round;
    `uncopied` and `uncalled` the candidates that are not there, or should not be.
    """

    lost: frozenset[Key]
    doubled: frozenset[Key]
    uncopied: frozenset[Key]
    uncalled: frozenset[Key]

    @property
    def clean(self) -> bool:
        """Whether nothing is lost and nothing doubled."""
        return not (self.lost or self.doubled or self.uncopied or self.uncalled)

    def __str__(self) -> str:
        """What is wrong, counted by partition: a key that nobody tested tells whose it is."""
        kinds = {
            "lost": self.lost,
            "doubled": self.doubled,
            "uncopied": self.uncopied,
            "uncalled": self.uncalled,
        }
        return "; ".join(
            f"{kind}: {count} of {partition}"
            for kind, keys in kinds.items()
            for partition, count in sorted(Counter(key[0] for key in keys).items())
        )


def audit(score: Items, retrain: Items, tested: Collection[Key], threshold: str) -> Audit:
    """Compare both tables' whole content with the keys that were tested."""
    wanted = {key for key, item in score.items() if _is_candidate(item, Decimal(threshold))}
    found = {key for key, item in retrain.items() if item["Reason"] != "withdrawn"}
    keys = frozenset(tested)
    return Audit(
        keys - score.keys(),
        frozenset(score.keys() - keys),
        frozenset(wanted - found),
        frozenset(found - wanted),
    )


def _is_candidate(item: Mapping[str, str], threshold: Decimal) -> bool:
    return item["Class"] != item["Actual"] or Decimal(item["Probability"]) < threshold
