"""The calibration of a run: how often the model was right, by how confident it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from iris_core.records.interval import Interval, wilson_interval

BinCounts = tuple[int, float, int]
"""A bin as it is stored: its rows, their mean confidence, and how many of them are correct."""


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """The records whose probability is above `low` and up to `high`; the first bin holds 0 too.

    Attributes:
        low: lower end, 0 to 1.
        high: upper end.
        rows: number of records.
        confidence: mean of their probabilities; None without records.
        accuracy: share of them that is correct; None without records.
        interval: of that accuracy.
    """

    low: float
    high: float
    rows: int
    confidence: float | None
    accuracy: float | None
    interval: Interval


@dataclass(frozen=True, slots=True)
class Calibration:
    """Whether a model is right as often as it says.

    Attributes:
        bins: of equal width, from 0 to 1.
        error: expected calibration error, 0 (right as often as it says) to 1: the mean distance of
            accuracy and confidence over the bins, weighted by their rows; 0 without rows. Guo,
            Pleiss, Sun and Weinberger, "On calibration of modern neural networks", 2017.
        rows: records in the bins.
        invalid: records whose probability is no number from 0 to 1, in no bin.
    """

    bins: tuple[CalibrationBin, ...]
    error: float
    rows: int
    invalid: int

    @classmethod
    def from_counts(cls, counts: Sequence[BinCounts], *, invalid: int) -> Calibration:
        """Return the calibration of bins of equal width, from 0 to 1, that hold these counts."""
        rows = sum(entry[0] for entry in counts)
        distance = sum(abs(count * confidence - hits) for count, confidence, hits in counts)
        return cls(
            bins=tuple(
                CalibrationBin(
                    low=place / len(counts),
                    high=(place + 1) / len(counts),
                    rows=count,
                    confidence=confidence if count else None,
                    accuracy=hits / count if count else None,
                    interval=wilson_interval(hits, count),
                )
                for place, (count, confidence, hits) in enumerate(counts)
            ),
            error=distance / rows if rows else 0.0,
            rows=rows,
            invalid=invalid,
        )

    def counts(self) -> list[BinCounts]:
        """Return what `from_counts` makes the same calibration of."""
        return [
            (entry.rows, entry.confidence or 0.0, round((entry.accuracy or 0.0) * entry.rows))
            for entry in self.bins
        ]
