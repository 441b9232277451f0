"""Two runs compared: their accuracies, and their classes one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from iris_core.records.run import Run
from iris_core.records.run_metrics import ClassMetrics


@dataclass(frozen=True, slots=True)
class AccuracyDifference:
    """How the accuracies of two runs differ.

    Attributes:
        difference: accuracy of the first less that of the second, -1 to 1.
        overlap: whether their 95 % intervals overlap.
    """

    difference: float
    overlap: bool


@dataclass(frozen=True, slots=True)
class ClassComparison:
    """One class in two runs; None where a run does not have it.

    Attributes:
        name: of the class.
        first: its figures in the first run.
        second: those in the second.
    """

    name: str
    first: ClassMetrics | None
    second: ClassMetrics | None


def comparable_runs(run: Run, runs: Sequence[Run]) -> list[Run]:
    """Return the other runs that were tested to their end, in their order."""
    return [
        other
        for other in runs
        if other.id != run.id and other.accuracy is not None and other.metrics.classes
    ]


def baseline_of(run: Run, others: Sequence[Run]) -> Run:
    """Return what a run is compared with unless another is chosen.

    The run before it on the same data, else the run before it, else the newest.

    Args:
        run: to be compared.
        others: one or more, newest first.
    """
    earlier = [other for other in others if other.id < run.id]
    same_data = [other for other in earlier if other.dataset == run.dataset]
    return next(iter(same_data or earlier or others))


def accuracy_difference(run: Run, other: Run) -> AccuracyDifference | None:
    """Return how the accuracies differ; None unless both are known."""
    first, second = run.accuracy_interval, other.accuracy_interval
    if first is None or second is None or run.accuracy is None or other.accuracy is None:
        return None
    return AccuracyDifference(
        difference=run.accuracy - other.accuracy,
        overlap=first.low <= second.high and second.low <= first.high,
    )


def compare_classes(run: Run, other: Run) -> list[ClassComparison]:
    """Return the classes of both runs, those of the first run first."""
    first = {entry.name: entry for entry in run.metrics.classes}
    second = {entry.name: entry for entry in other.metrics.classes}
    return [
        ClassComparison(name, first.get(name), second.get(name))
        for name in dict.fromkeys((*first, *second))
    ]
