"""What a model is compared with on the rows of a test: a baseline that takes no network."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class BaselineKind(StrEnum):
    """The kinds of baselines; the values are stored."""

    MAJORITY = "majority"
    """Always say the class that was most frequent in training."""
    TESTED_MAJORITY = "tested majority"
    """Always say the class that is most frequent among the tested rows, for want of the other."""
    LOGISTIC = "logistic regression"


@dataclass(frozen=True, slots=True)
class PairedCounts:
    """How a model and a baseline predict the same rows.

    Attributes:
        rows: number of rows.
        correct: rows that the model predicts correctly.
        fixed: rows that the model alone predicts correctly.
        broken: rows that the baseline alone predicts correctly.
    """

    rows: int
    correct: int
    fixed: int
    broken: int

    @property
    def baseline_correct(self) -> int:
        """Number of rows that the baseline predicts correctly."""
        return self.correct - self.fixed + self.broken

    @property
    def baseline_accuracy(self) -> float:
        """Share of the rows that the baseline predicts correctly, 0 to 1; 0 without rows."""
        return self.baseline_correct / self.rows if self.rows else 0.0


@dataclass(frozen=True, slots=True)
class Baseline:
    """A baseline on the rows of a test.

    Attributes:
        kind: of the baseline.
        label: the class that it always says; empty if it says others.
        counts: over all rows.
        unseen: over the rows that the model was not trained on; None if those are not known.
    """

    kind: BaselineKind
    label: str
    counts: PairedCounts
    unseen: PairedCounts | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the baseline as plain values, fit for JSON."""
        return {**asdict(self), "kind": str(self.kind)}

    @classmethod
    def from_dict(cls, stored: Any) -> Baseline:
        """Return the baseline that `to_dict` wrote.

        Raises:
            ValueError: the kind is not one of `BaselineKind`.
            TypeError: a field is missing, or there is another one.
            KeyError: a field is missing.
        """
        unseen = stored["unseen"]
        return cls(
            BaselineKind(stored["kind"]),
            str(stored["label"]),
            PairedCounts(**stored["counts"]),
            None if unseen is None else PairedCounts(**unseen),
        )
