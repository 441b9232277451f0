"""A model beside its baselines on the same rows: does it do better than what takes no network?

An accuracy says little without that of always saying the most frequent class, and that of a
logistic regression. Whether one beats the other is decided on the rows that one of them alone
predicts correctly, by McNemar's exact test: two intervals side by side, as of different rows, would
miss most of what is there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from iris_core.evaluation.paired import LEVEL, mcnemar_p_value
from iris_core.model.models import ModelCard
from iris_core.records.baseline import Baseline, BaselineKind, PairedCounts
from iris_core.records.run_metrics import RunMetrics

_Flags = NDArray[np.bool_]


class BaselineTotals:
    """Counts a model against its baselines, over the rows added so far."""

    def __init__(self, card: ModelCard, *, has_logistic: bool) -> None:
        """Count against what a model's card and files know.

        Args:
            card: of the model; without the counts of its training classes, the most frequent class
                of the added rows is the majority class.
            has_logistic: whether there is a logistic regression.
        """
        classes = card.schema.classes
        self._names = classes
        self._trained = None if card.class_counts is None else int(np.argmax(card.class_counts))
        # For each class as the one that is always said: rows, model correct, fixed, broken.
        self._of_class = np.zeros((2, len(classes), 4), dtype=np.int64)
        self._logistic = np.zeros((2, 4), dtype=np.int64) if has_logistic else None
        self._knows_seen = False

    def add(
        self,
        actual: NDArray[np.intp],
        predicted: NDArray[np.intp],
        *,
        logistic: NDArray[np.intp] | None,
        seen: _Flags | None,
    ) -> None:
        """Add rows.

        Args:
            actual: (rows,) numbers of the true classes, -1 for a label that the model never saw.
            predicted: (rows,) numbers of the classes that the model predicts.
            logistic: (rows,) those that the logistic regression predicts; None without one.
            seen: (rows,) whether the model was trained on each; None if that is not known.
        """
        correct = actual == predicted
        self._knows_seen = seen is not None
        for place, rows in enumerate((None, seen)):
            chosen = slice(None) if rows is None else ~rows
            if place and rows is None:
                continue
            right, true = correct[chosen], actual[chosen]
            known = true >= 0
            size = len(self._names)
            of_class = np.bincount(true[known], minlength=size)
            hits = np.bincount(true[known & right], minlength=size)
            total = int(right.sum())
            self._of_class[place] += np.column_stack(
                (np.full(size, len(true)), np.full(size, total), total - hits, of_class - hits)
            )
            if self._logistic is not None and logistic is not None:
                other = (actual == logistic)[chosen]
                fixed, broken = int((right & ~other).sum()), int((other & ~right).sum())
                self._logistic[place] += (len(true), total, fixed, broken)

    def baselines(self) -> tuple[Baseline, ...]:
        """Return the baselines over all rows added: the majority class, logistic regression."""
        number, kind = self._trained, BaselineKind.MAJORITY
        if number is None:
            # Rows of a class are those that saying it gets right: correct - fixed + broken.
            of_all = self._of_class[0]
            number = int((of_all[:, 1] - of_all[:, 2] + of_all[:, 3]).argmax())
            kind = BaselineKind.TESTED_MAJORITY
        found = [self._baseline(kind, self._names[number], self._of_class[:, number])]
        if self._logistic is not None:
            found.append(self._baseline(BaselineKind.LOGISTIC, "", self._logistic))
        return tuple(found)

    def _baseline(self, kind: BaselineKind, label: str, counts: NDArray[np.int64]) -> Baseline:
        """Return a baseline by its counts over all rows, and over the unseen ones."""
        of_all, of_unseen = (PairedCounts(*row) for row in counts.tolist())
        return Baseline(kind, label, of_all, of_unseen if self._knows_seen else None)


def baselines_of(metrics: RunMetrics) -> tuple[Baseline, ...]:
    """Return the baselines of a run; one of an earlier version has its confusion matrix only.

    Of that the most frequent class of the tested rows is taken.
    """
    if metrics.baselines or not any(map(any, metrics.confusion)):
        return metrics.baselines
    counts = np.array(metrics.confusion, dtype=np.int64)
    hits, of_class = np.diagonal(counts), counts[:-1].sum(axis=1)
    number, correct = int(of_class.argmax()), int(np.trace(counts))
    paired = PairedCounts(
        rows=int(counts.sum()),
        correct=correct,
        fixed=correct - int(hits[number]),
        broken=int(of_class[number] - hits[number]),
    )
    return (Baseline(BaselineKind.TESTED_MAJORITY, metrics.class_names[number], paired),)


def is_better(counts: PairedCounts) -> bool:
    """Return whether the model is better than the baseline beyond chance."""
    return counts.fixed > counts.broken and _differs(counts)


def is_worse(counts: PairedCounts) -> bool:
    """Return whether the model is worse than the baseline beyond chance."""
    return counts.broken > counts.fixed and _differs(counts)


def _differs(counts: PairedCounts) -> bool:
    """Return whether the difference is more than chance, by McNemar's exact test."""
    return mcnemar_p_value(counts.fixed, counts.broken) <= LEVEL


def beats_baselines(counts: Sequence[tuple[BaselineKind, PairedCounts]]) -> bool:
    """Return whether a model is worth its network: only then may its accuracy be shown in green.

    It has to be better beyond chance than always saying one class, and not worse beyond chance
    than a logistic regression: where that one is right everywhere, none can be better.

    Args:
        counts: against each baseline; without that of a majority class the answer is no.
    """
    majorities = [of for kind, of in counts if kind != BaselineKind.LOGISTIC]
    others = [of for kind, of in counts if kind == BaselineKind.LOGISTIC]
    return bool(majorities) and all(map(is_better, majorities)) and not any(map(is_worse, others))
