"""Divide rows into folds, each of which one member of an ensemble never learns from.

Copies of a row share a fold, or one would teach a member what it is measured on by the other; so do
the rows of a group. A row keeps the fold that it had in an earlier training.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import Fingerprints
from iris_core.data.row_groups import named_groups, row_keys

Folds = NDArray[np.uint8]
MAX_GROUPS = 1_000_000
"""Groups that are kept with a model; of more those with the smallest fingerprints."""


@dataclass(frozen=True, eq=False)
class GroupFolds:
    """The folds that groups of rows are in, for later rows of them to join.

    Attributes:
        groups: fingerprints of their names, ascending and different, at most `MAX_GROUPS`.
        folds: (groups,) the fold of each, from 0.
    """

    groups: Fingerprints
    folds: Folds

    @classmethod
    def of(cls, ds: DataSet, folds: NDArray[np.intp]) -> GroupFolds:
        """Return the groups of a data set; of one in several folds its first row's counts.

        Args:
            ds: the rows.
            folds: (rows,) of each.
        """
        groups, codes = named_groups(ds)
        found = np.zeros(len(groups), np.uint8)
        inside = np.flatnonzero(codes >= 0)[::-1]
        found[codes[inside]] = folds[inside]
        order = np.argsort(groups)[:MAX_GROUPS]
        return cls(groups[order], found[order])

    def updated(self, newer: GroupFolds) -> GroupFolds:
        """Return these groups and those of `newer`, with the folds that they had first."""
        groups, first = np.unique(np.concatenate([self.groups, newer.groups]), return_index=True)
        folds = np.concatenate([self.folds, newer.folds])[first]
        return GroupFolds(groups[:MAX_GROUPS], folds[:MAX_GROUPS])


NO_GROUPS = GroupFolds(np.empty(0, np.uint64), np.empty(0, np.uint8))


@dataclass(frozen=True, slots=True)
class KnownFolds:
    """The folds that rows have already.

    Attributes:
        rows: fingerprints, ascending and different.
        folds: (rows,) the fold of each, from 0.
        groups: the folds of their groups.
    """

    rows: Fingerprints
    folds: Folds
    groups: GroupFolds = NO_GROUPS


def fold_keys(ds: DataSet) -> Fingerprints:
    """Return (rows,) what shares a fold: rows of one key are in the same."""
    return row_keys(ds)


def assign_folds(
    ds: DataSet, folds: int, *, seed: int, known: KnownFolds | None = None
) -> NDArray[np.intp]:
    """Return the fold of each row.

    Keys are dealt out class by class, so that each class has as many in one fold as in another,
    give or take one; a key counts to the class of its first row.

    Args:
        ds: the rows.
        folds: how many there are, 2 or more.
        seed: the same rows in the same order and the same seed give the same folds.
        known: folds of earlier trainings; a known row stays, and new rows of its key or of a known
            group join it.

    Returns:
        (rows,) from 0 to `folds` - 1.
    """
    keys, first, inverse = np.unique(fold_keys(ds), return_index=True, return_inverse=True)
    assigned = np.full(len(keys), -1, dtype=np.intp)
    if known is not None:
        # From the last to the first: of several known rows or groups of a key the first decides.
        grouped, of_group = _known_groups(ds, known.groups)
        assigned[inverse[grouped[::-1]]] = of_group[::-1]
        rows, places = _known(ds.fingerprints, known.rows)
        assigned[inverse[rows[::-1]]] = known.folds[places[::-1]]
    classes = ds.class_indices[first]
    rng = np.random.default_rng(seed)
    sizes = np.bincount(assigned[assigned >= 0], minlength=folds)
    for number in range(len(ds.classes)):
        of_class = classes == number
        new = rng.permutation(np.flatnonzero(of_class & (assigned < 0)))
        held = np.bincount(assigned[of_class & (assigned >= 0)], minlength=folds)
        dealt = _deal(len(new), held, sizes)
        assigned[new] = dealt
        sizes = sizes + np.bincount(dealt, minlength=folds)
    result = assigned[inverse]
    if known is not None:
        # A later row may have connected what was in several folds.
        result[rows] = known.folds[places]
    return result


def _known(found: Fingerprints, known: Fingerprints) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return which fingerprints are among known ones, ascending, and their places among those."""
    places = np.searchsorted(known, found)
    places[places == len(known)] = 0
    positions = np.flatnonzero(known[places] == found) if len(known) else places[:0]
    return positions, places[positions]


def _known_groups(ds: DataSet, known: GroupFolds) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the numbers of the rows whose group is known, ascending, and the folds of these."""
    groups, codes = named_groups(ds)
    # Behind the groups: of a row whose group is missing, the code -1.
    folds = np.full(len(groups) + 1, -1, dtype=np.intp)
    positions, places = _known(groups, known.groups)
    folds[positions] = known.folds[places]
    rows = np.flatnonzero(folds[codes] >= 0)
    return rows, folds[codes[rows]]


def _deal(count: int, held: NDArray[np.intp], sizes: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the folds of `count` new keys of a class: always the fold that has least of it.

    Args:
        count: how many keys.
        held: (folds,) keys of the class that each fold has.
        sizes: (folds,) keys of any class that each has, which decides between equals.
    """
    folds = len(held)
    # Each fold takes its first key when all others have as many as it, and so on: the keys in the
    # order of (how many the fold would have, which fold is smallest).
    rounds = held[:, None] + np.arange(-(-count // folds) + int(held.max() - held.min()) + 1)
    turn = np.argsort(np.lexsort((np.arange(folds), sizes)))
    offers = np.stack([rounds.ravel(), np.repeat(turn, rounds.shape[1])])
    chosen = np.lexsort((offers[1], offers[0]))[:count]
    return np.repeat(np.arange(folds), rounds.shape[1])[chosen]
