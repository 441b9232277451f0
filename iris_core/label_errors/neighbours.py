"""What the rows that are most like a row are labelled: its nearest neighbours, block by block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iris_core.data.fingerprints import Fingerprints
from iris_core.label_errors.watching import Watch

NEIGHBOURS = 10
MOST_REFERENCES = 20_000
"""Rows among which neighbours are looked for; of more, so many are drawn."""
_DISTANCES_A_BLOCK = 4_000_000
_NOBODY = -1


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """Each row's nearest rows, and their labels.

    Attributes:
        rows: (rows, `NEIGHBOURS`) int32 positions, the nearest first; -1 where there are fewer.
        labels: (rows, `NEIGHBOURS`) int16 numbers of their classes; -1 likewise.
        probabilities: (rows, classes) float32: their shares, the nearer ones counting more, with
            one more that is labelled with every class alike.
    """

    rows: NDArray[np.int32]
    labels: NDArray[np.int16]
    probabilities: NDArray[np.float32]


def nearest_labels(
    matrix: NDArray[np.float32],
    classes: NDArray[np.intp],
    keys: Fingerprints,
    *,
    learn: NDArray[np.bool_],
    count: int,
    seed: int,
    watch: Watch,
) -> Neighbours:
    """Return the labels of each row's nearest rows, by Euclid's distance.

    Neither the row itself nor a copy of it counts: a copy's label says what the row's own does.

    Args:
        matrix: (rows, features), scaled.
        classes: (rows,) numbers of the classes; only those of rows in `learn` are read.
        keys: (rows,) the same for copies.
        learn: (rows,) which may be neighbours; one at least.
        count: how many classes there are.
        seed: of the choice among very many rows.
        watch: asked before each block.

    Raises:
        Cancelled: the search is to stop.
    """
    chosen = np.flatnonzero(learn)
    if len(chosen) > MOST_REFERENCES:
        rng = np.random.default_rng(seed)
        chosen = np.sort(rng.choice(chosen, MOST_REFERENCES, replace=False))
    ids = np.unique(keys, return_inverse=True)[1].astype(np.int32)
    references, reference_ids = matrix[chosen].T.copy(), ids[chosen]
    lengths = np.square(references).sum(axis=0)
    found = min(NEIGHBOURS, len(chosen))
    rows = np.full((len(matrix), NEIGHBOURS), _NOBODY, np.int32)
    labels = np.full((len(matrix), NEIGHBOURS), _NOBODY, np.int16)
    probabilities = np.empty((len(matrix), count), np.float32)
    size = max(1, _DISTANCES_A_BLOCK // len(chosen))
    for start in range(0, len(matrix), size):
        watch.check()
        block = slice(start, start + size)
        # The squared distance, less what is the same for all references of a row.
        distances = lengths - 2 * (matrix[block] @ references)
        distances[ids[block, None] == reference_ids] = np.inf
        near = np.argpartition(distances, found - 1, axis=1)[:, :found]
        far = np.take_along_axis(distances, near, axis=1)
        order = np.argsort(far, axis=1, kind="stable")
        near, far = (np.take_along_axis(part, order, axis=1) for part in (near, far))
        far += np.square(matrix[block]).sum(axis=1)[:, None]
        is_somebody = np.isfinite(far)
        own = np.where(is_somebody, classes[chosen[near]], _NOBODY)
        rows[block, :found] = np.where(is_somebody, chosen[near], _NOBODY)
        labels[block, :found] = own
        probabilities[block] = _shares(own, np.maximum(far, 0), count)
    return Neighbours(rows, labels, probabilities)


def _shares(
    labels: NDArray[np.intp], squares: NDArray[np.float32], count: int
) -> NDArray[np.float32]:
    """Return (rows, classes) the shares of the labels of neighbours.

    They are weighted by Epanechnikov's kernel, whose width is twice the distance of the furthest:
    that one counts three quarters of a row at no distance.

    Args:
        labels: (rows, neighbours), -1 for nobody.
        squares: (rows, neighbours) squared distances, ascending; infinite for nobody.
        count: how many classes there are.
    """
    is_somebody = labels >= 0
    squares = np.where(is_somebody, squares, 0)
    furthest = np.maximum(squares.max(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    weights = is_somebody * (1 - squares / (4 * furthest))
    shares = np.full((len(labels), count), 1 / count)
    rows = np.arange(len(labels))
    for number in range(labels.shape[1]):
        # A neighbour at a time, so no row is added to twice in one go; nobody weighs nothing.
        shares[rows, labels[:, number]] += weights[:, number]
    normalised: NDArray[np.float32] = shares / shares.sum(axis=1, keepdims=True)
    return normalised.astype(np.float32)
