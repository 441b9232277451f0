"""What an ensemble says of each row that it was trained on, by the member that ignored the row.

Kept with the model, so it is compact: 2 bytes a class of a row, and 24 bytes a row if there are
more than 12 classes. A million rows of 3 classes take 7 MB, of 256 classes 25 MB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from iris_core.data.fingerprints import Fingerprints
from iris_core.model.folds import NO_GROUPS, Folds, GroupFolds, KnownFolds

TOP = 8
"""Of more than `MOST_CLASSES` classes so many, the most probable, are kept by row."""
MOST_CLASSES = 12
"""Up to so many classes the probability of each is kept."""
UNIT = 65_535
"""Probabilities are whole numbers of 1 / 65,535."""

_Kept = TypeVar("_Kept", np.uint8, np.uint16)


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """The out-of-fold predictions of the rows that a model or its parents were trained on.

    Attributes:
        rows: fingerprints of the rows, ascending and different, as `Model.trained_on`.
        folds: (rows,) uint8, which member ignores each row, now and when it is trained further.
        classes: how many classes the model has.
        top: (rows, `TOP`) uint8, the most probable classes of each row; None with few classes.
        shares: (rows, `TOP` or classes) uint16, the probabilities of those or of all classes,
            in 65,535ths.
        groups: the folds of the rows' groups.
    """

    rows: Fingerprints
    folds: Folds
    classes: int
    top: NDArray[np.uint8] | None
    shares: NDArray[np.uint16]
    groups: GroupFolds = NO_GROUPS

    @classmethod
    def of(
        cls,
        rows: Fingerprints,
        folds: NDArray[np.intp],
        probabilities: NDArray[np.float32],
        groups: GroupFolds = NO_GROUPS,
    ) -> OutOfFold:
        """Return the predictions of rows in any order; of copies the first counts.

        Args:
            rows: (rows,) fingerprints.
            folds: (rows,) of each.
            probabilities: (rows, classes) of each.
            groups: the folds of their groups.
        """
        different, first = np.unique(rows, return_index=True)
        chosen, classes = probabilities[first], probabilities.shape[1]
        top = None
        if classes > MOST_CLASSES:
            top = np.argpartition(chosen, -TOP, axis=1)[:, -TOP:].astype(np.uint8)
            chosen = np.take_along_axis(chosen, top.astype(np.intp), axis=1)
        shares = np.rint(np.clip(chosen, 0, 1) * UNIT).astype(np.uint16)
        return cls(different, folds[first].astype(np.uint8), classes, top, shares, groups)

    @property
    def known_folds(self) -> KnownFolds:
        """The fold of each row and group."""
        return KnownFolds(self.rows, self.folds, self.groups)

    def probabilities(self, rows: Fingerprints) -> NDArray[np.float32]:
        """Return (rows, classes) the predictions of rows, each of which sums to 1.

        Of many classes those that were not among the most probable have equal parts of what is
        left. A row that the model was not trained on has NaN.
        """
        places = np.searchsorted(self.rows, rows)
        places[places == len(self.rows)] = 0
        shares: NDArray[np.float32] = self.shares[places].astype(np.float32) / np.float32(UNIT)
        if self.top is not None:
            left = np.maximum(0, 1 - shares.sum(axis=1, keepdims=True))
            values = np.repeat(left / (self.classes - TOP), self.classes, axis=1)
            np.put_along_axis(values, self.top[places].astype(np.intp), shares, axis=1)
            shares = values
        shares /= shares.sum(axis=1, keepdims=True)
        shares[self.rows[places] != rows] = np.nan
        return shares

    def updated(self, newer: OutOfFold) -> OutOfFold:
        """Return these predictions with those of `newer` in addition, or in place of them."""
        kept = ~np.isin(self.rows, newer.rows)
        rows = np.concatenate([self.rows[kept], newer.rows])
        order = np.argsort(rows)

        def joined(before: NDArray[_Kept], after: NDArray[_Kept]) -> NDArray[_Kept]:
            return np.concatenate([before[kept], after])[order]

        top = None
        if self.top is not None and newer.top is not None:
            top = joined(self.top, newer.top)
        return OutOfFold(
            rows[order],
            joined(self.folds, newer.folds),
            self.classes,
            top,
            joined(self.shares, newer.shares),
            self.groups.updated(newer.groups),
        )
