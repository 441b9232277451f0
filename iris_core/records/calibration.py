"""The calibration of a run: the accuracy of its predictions, by their confidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from iris_core.records.interval import Interval, wilson_interval

BinCounts = tuple[int, float, int]
"""A bin as it is stored: its rows, their mean confidence (0.0 without rows), and its hits."""


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
    """Whether predictions are correct as often as their probabilities say.

    Attributes:
        bins: of equal width, from 0 to 1.
        error: expected calibration error, 0 (perfectly calibrated) to 1: the mean distance of
            accuracy and confidence over the bins, weighted by their rows; 0 without rows. Guo,
            Pleiss, Sun and Weinberger, "On calibration of modern neural networks", 2017.
        rows: number of records in the bins.
        invalid: number of records whose probability is not a number from 0 to 1, in no bin.
    """

    bins: tuple[CalibrationBin, ...]
    error: float
    rows: int
    invalid: int

    @classmethod
    def from_counts(cls, counts: Sequence[BinCounts], *, invalid: int) -> Calibration:
        """Return the calibration that has these counts.

        Args:
            counts: of each bin; the bins have equal width, from 0 to 1.
            invalid: number of records in no bin.
        """
        rows = sum(entry[0] for entry in counts)
        distance = sum(abs(count * confidence - hits) for count, confidence, hits in counts)
        return cls(
            bins=tuple(
                CalibrationBin(
                    low=index / len(counts),
                    high=(index + 1) / len(counts),
                    rows=count,
                    confidence=confidence if count else None,
                    accuracy=hits / count if count else None,
                    interval=wilson_interval(hits, count),
                )
                for index, (count, confidence, hits) in enumerate(counts)
            ),
            error=distance / rows if rows else 0.0,
            rows=rows,
            invalid=invalid,
        )

    def counts(self) -> list[BinCounts]:
        """Return the counts of each bin, from which `from_counts` restores this calibration."""
        return [
            (entry.rows, entry.confidence or 0.0, round((entry.accuracy or 0.0) * entry.rows))
            for entry in self.bins
        ]
