"""The figures of each class of a run, each share with its interval and its counts."""

from __future__ import annotations

from dataclasses import dataclass

from iris_core.records.interval import Interval, wilson_interval
from iris_core.records.run_metrics import RunMetrics


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One class of a run.

    Attributes:
        name: of the class.
        support: number of rows of it.
        hits: number of those that are predicted as it.
        predicted: number of rows that are predicted as it; None in a run without a confusion
            matrix.
        recall: share of its rows that are predicted as it, 0 to 1.
        recall_interval: Wilson's 95 % interval of it.
        precision: share of the rows predicted as it that are of it, 0 to 1.
        precision_interval: Wilson's 95 % interval of it; None in a run without a confusion matrix.
        f1: their harmonic mean.
    """

    name: str
    support: int
    hits: int
    predicted: int | None
    recall: float
    recall_interval: Interval
    precision: float
    precision_interval: Interval | None
    f1: float


def class_figures(metrics: RunMetrics) -> list[ClassFigures]:
    """Return the figures of each class, in the model's order."""
    found = []
    for place, entry in enumerate(metrics.classes):
        hits = round(entry.recall * entry.support)
        predicted = sum(row[place] for row in metrics.confusion) if metrics.confusion else None
        found.append(
            ClassFigures(
                name=entry.name,
                support=entry.support,
                hits=hits,
                predicted=predicted,
                recall=entry.recall,
                recall_interval=wilson_interval(hits, entry.support),
                precision=entry.precision,
                precision_interval=None if predicted is None else wilson_interval(hits, predicted),
                f1=entry.f1,
            )
        )
    return found


def weakest_first(figures: list[ClassFigures]) -> list[ClassFigures]:
    """Return classes by their recall, the lowest first; those without rows last."""
    return sorted(figures, key=lambda entry: (not entry.support, entry.recall, -entry.support))
