"""The evaluation split of a project: whether a row trains or evaluates, decided once.

A row is known by its fingerprint, so copies of it are on the same side, and neither its label, its
place nor the version of the data moves it. The rows of the first data set are split by class; a row
that comes later goes where its fingerprint says, as often as the share of the split says.

With a group column whole components of rows are dealt out, so that all rows of a group are on one
side. Then the rows of every data set that is worked with are remembered, and their groups: a new
row of a known group goes to its side.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import Fingerprints, is_among, mixed, union
from iris_core.data.group_dealing import ClassCounts, deal, deal_both_sides, too_few_groups
from iris_core.data.row_groups import RowGroups

SHARE = 0.2
"""Of the rows, for the evaluation."""

# The order in which rows are chosen has nothing to do with their fingerprints' own.
_SALT = np.uint64(0x1B1500975EED5EED)


def _none() -> Fingerprints:
    """Return no fingerprints."""
    return np.empty(0, dtype=np.uint64)


@dataclass(frozen=True, eq=False)
class EvaluationSplit:
    """Which rows evaluate.

    Attributes:
        evaluation: fingerprints of the rows that evaluate, of those that were there at first; with
            groups, of all that were ever worked with.
        training: fingerprints of the rows that train, likewise.
        share: of the rows that come later, 0 to 1: how many of them evaluate.
        group: name of the newest group column; None if there never was one.
        evaluation_groups: fingerprints of the groups of which rows evaluate.
        training_groups: of those of which rows train; a group that is in both is torn.
    """

    evaluation: Fingerprints
    training: Fingerprints
    share: float
    group: str | None = None
    evaluation_groups: Fingerprints = field(default_factory=_none)
    training_groups: Fingerprints = field(default_factory=_none)

    @classmethod
    def of(cls, ds: DataSet) -> EvaluationSplit:
        """Split the first data set of a project, by class.

        Each class has `SHARE` of its rows, rounded, among those that evaluate, at least one and
        not all: one less or more only where copies of a row make it impossible. A class of one
        row trains. The same data set gives the same split, whatever the order of its rows.

        With a group column whole components are chosen, as `deal_both_sides` says.

        Raises:
            DataError: the groups are too few for two sides.
        """
        if ds.group is not None:
            return cls._of_groups(ds)
        known_by, counts = np.unique(ds.fingerprints, return_counts=True)
        classes = _first_class(ds, known_by)
        order = np.argsort(mixed(known_by ^ _SALT))
        evaluates = np.zeros(len(known_by), dtype=bool)
        for code in range(len(ds.classes)):
            own = order[classes[order] == code]
            _choose(own, counts, evaluates)
        return cls(known_by[evaluates], known_by[~evaluates], SHARE)

    @classmethod
    def _of_groups(cls, ds: DataSet) -> EvaluationSplit:
        """Split the first data set of a project by class, whole components to either side."""
        found = RowGroups.of(ds)
        counts = ClassCounts.of(found.row_components, ds.class_indices, len(found.keys))
        evaluates = deal_both_sides(counts, SHARE, _draws(found.keys))
        if not evaluates.any():
            raise too_few_groups(ds)
        return cls(_none(), _none(), SHARE).with_sides(ds, found, evaluates[found.components])

    @classmethod
    def by(cls, evaluation: DataSet) -> EvaluationSplit:
        """Return the split of an evaluation set that was brought: every other row trains.

        Other rows of its groups evaluate too, once they come.
        """
        split = cls(np.unique(evaluation.fingerprints), _none(), 0.0)
        return split if evaluation.group is None else split.as_it_is(evaluation)

    def is_same(self, other: EvaluationSplit) -> bool:
        """Return whether both put every row and every group on the same side."""
        return self.share == other.share and all(
            np.array_equal(*rows)
            for rows in (
                (self.evaluation, other.evaluation),
                (self.training, other.training),
                (self.evaluation_groups, other.evaluation_groups),
                (self.training_groups, other.training_groups),
            )
        )

    @property
    def torn(self) -> Fingerprints:
        """The groups that are on both sides: a later row connected what was decided before."""
        return np.intersect1d(self.evaluation_groups, self.training_groups)

    def as_it_is(self, ds: DataSet) -> EvaluationSplit:
        """Return this split with the rows and groups of a data set remembered where they are."""
        found = RowGroups.of(ds)
        return self.with_sides(ds, found, self.evaluates(found.rows))

    def extended(self, ds: DataSet) -> EvaluationSplit:
        """Return this split with all rows and groups of a data set decided.

        A row that is decided stays. A new one goes to the side of those that it is connected with
        by copies and groups. If these are on both sides, it goes to that of its own group, and it
        trains if there is none or that is on both. What is connected with nothing that is decided
        is dealt out by class, as often as the share says.
        """
        found = RowGroups.of(ds)
        evaluation = found.reached(self.evaluation, self.evaluation_groups)
        training = found.reached(self.training, self.training_groups)
        is_new = ~(evaluation.components | training.components)
        whole = evaluation.components & ~training.components
        whole[is_new] = self._dealt(ds, found, is_new)
        torn = (evaluation.components & training.components)[found.components]
        evaluates = whole[found.components]
        evaluates[torn] = (evaluation.beside & ~training.beside)[torn]
        return self.with_sides(ds, found, (evaluates | evaluation.rows) & ~training.rows)

    def joined(self, other: EvaluationSplit) -> EvaluationSplit | None:
        """Return what both remember; None if they put a row, or a whole group, on two sides."""
        joined = EvaluationSplit(
            union(self.evaluation, other.evaluation),
            union(self.training, other.training),
            self.share,
            other.group or self.group,
            union(self.evaluation_groups, other.evaluation_groups),
            union(self.training_groups, other.training_groups),
        )
        apart = np.intersect1d(joined.evaluation, joined.training)
        tears = np.setdiff1d(joined.torn, union(self.torn, other.torn))
        return None if self.share != other.share or len(apart) or len(tears) else joined

    def torn_rows(self, ds: DataSet) -> tuple[int, int, int]:
        """Return how many groups of a data set are torn, and of their rows how many train.

        Returns:
            The number of groups, of their rows that train, and of those that evaluate.
        """
        found = RowGroups.of(ds)
        torn = is_among(found.groups, self.torn)
        rows = np.append(torn, False)[found.codes]
        evaluates = self.evaluates(ds.fingerprints[rows])
        return int(torn.sum()), int((~evaluates).sum()), int(evaluates.sum())

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

    def with_sides(
        self, ds: DataSet, found: RowGroups, evaluates: NDArray[np.bool_]
    ) -> EvaluationSplit:
        """Return this split with the rows and groups of a data set in addition.

        Args:
            ds: the data set.
            found: its components.
            evaluates: (different rows,) whether each evaluates.
        """
        return EvaluationSplit(
            union(self.evaluation, found.rows[evaluates]),
            union(self.training, found.rows[~evaluates]),
            self.share,
            ds.group or self.group,
            union(self.evaluation_groups, found.groups_of(evaluates)),
            union(self.training_groups, found.groups_of(~evaluates)),
        )

    def _dealt(self, ds: DataSet, found: RowGroups, is_new: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return (new components,) whether each evaluates."""
        keys = found.keys[is_new]
        rows = is_new[found.row_components]
        numbers = (np.cumsum(is_new) - 1)[found.row_components[rows]]
        counts = ClassCounts.of(numbers, ds.class_indices[rows], len(keys))
        return deal(counts, self.share, _draws(keys))

    @cached_property
    def _limit(self) -> np.uint64:
        """The number below which the mixed fingerprint of a row that evaluates is."""
        return np.uint64(int(self.share * 2**64))


def _draws(keys: Fingerprints) -> NDArray[np.float64]:
    """Return (components,) numbers from 0 to 1 that look drawn, and follow from the keys."""
    return mixed(keys ^ _SALT) / 2.0**64


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
