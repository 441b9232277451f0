"""The evaluation split of a project: whether a row trains or evaluates, decided once.

A row is known by its fingerprint, so copies of it are on the same side, and neither its label, its
place nor the version of the data moves it. The rows of the first data set are split by class; a row
that comes later goes where its fingerprint says, as often as the share of the split says.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import Fingerprints, mixed

SHARE = 0.2
"""Of the rows, for the evaluation."""

# The order in which rows are chosen has nothing to do with their fingerprints' own.
_SALT = np.uint64(0x1B1500975EED5EED)


@dataclass(frozen=True, eq=False)
class EvaluationSplit:
    """Which rows evaluate.

    Attributes:
        evaluation: fingerprints of the rows that evaluate, of those that were there at first.
        training: fingerprints of the rows that train, of those that were there at first.
        share: of the rows that come later, 0 to 1: how many of them evaluate.
    """

    evaluation: Fingerprints
    training: Fingerprints
    share: float

    @classmethod
    def of(cls, ds: DataSet) -> EvaluationSplit:
        """Split the first data set of a project, by class.

        Each class has `SHARE` of its rows, rounded, among those that evaluate, at least one and
        not all: one less or more only where copies of a row make it impossible. A class of one
        row trains. The same data set gives the same split, whatever the order of its rows.
        """
        known_by, counts = np.unique(ds.fingerprints, return_counts=True)
        classes = _first_class(ds, known_by)
        order = np.argsort(mixed(known_by ^ _SALT))
        evaluates = np.zeros(len(known_by), dtype=bool)
        for code in range(len(ds.classes)):
            own = order[classes[order] == code]
            _choose(own, counts, evaluates)
        return cls(known_by[evaluates], known_by[~evaluates], SHARE)

    @classmethod
    def by(cls, evaluation: DataSet) -> EvaluationSplit:
        """Return the split of an evaluation set that was brought: every other row trains."""
        return cls(np.unique(evaluation.fingerprints), np.empty(0, dtype=np.uint64), 0.0)

    def is_same(self, other: EvaluationSplit) -> bool:
        """Return whether both put every row on the same side."""
        return self.share == other.share and all(
            np.array_equal(*rows)
            for rows in (
                (self.evaluation, other.evaluation),
                (self.training, other.training),
            )
        )

    def evaluates(self, rows: Fingerprints) -> NDArray[np.bool_]:
        """Return (rows,) whether each row evaluates; all others train."""
        by_fingerprint = mixed(rows ^ _SALT) < self._limit
        later = ~np.isin(rows, self.training) & by_fingerprint
        evaluates: NDArray[np.bool_] = np.isin(rows, self.evaluation) | later
        return evaluates

    def divide(self, ds: DataSet) -> tuple[DataSet, DataSet]:
        """Return the rows of a data set that train, and those that evaluate; each may be empty."""
        evaluates = self.evaluates(ds.fingerprints)
        return (
            ds.with_rows(ds.name, ds.frame[~evaluates]),
            ds.with_rows(f"{ds.name} (evaluation)", ds.frame[evaluates]),
        )

    @cached_property
    def _limit(self) -> np.uint64:
        """The number below which the mixed fingerprint of a row that evaluates is."""
        return np.uint64(int(self.share * 2**64))


def _first_class(ds: DataSet, known_by: Fingerprints) -> NDArray[np.intp]:
    """Return (different rows,) the class of each: the first in order, if copies differ in it."""
    positions = np.searchsorted(known_by, ds.fingerprints)
    classes = np.full(len(known_by), len(ds.classes), dtype=np.intp)
    np.minimum.at(classes, positions, ds.class_indices)
    return classes


def _choose(own: NDArray[np.intp], counts: NDArray[np.intp], evaluates: NDArray[np.bool_]) -> None:
    """Choose the rows of a class that evaluate, in order, as long as they fit in its share.

    Args:
        own: the different rows of the class, in the order in which they are tried.
        counts: (different rows,) how many copies there are of each.
        evaluates: (different rows,) set to True for those that are chosen.
    """
    rows = int(counts[own].sum())
    wanted = min(max(round(rows * SHARE), 1), rows - 1)
    if len(own) == rows:
        evaluates[own[:wanted]] = True
        return
    chosen = 0
    for row in own.tolist():
        if chosen + counts[row] <= wanted:
            evaluates[row] = True
            chosen += int(counts[row])
