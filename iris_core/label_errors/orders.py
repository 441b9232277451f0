"""The orders in which rows can be reviewed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from iris_core.label_errors.suspecting import Suspicion

Rows = NDArray[np.intp]
_SEED = 0
_SMALLEST = 1e-12


def most_likely_mislabelled(suspicion: Suspicion, rows: Rows) -> Rows:
    """Return rows with those first whose label is called wrong, each part by its suspicion."""
    keys = (rows, -suspicion.score[rows], ~suspicion.wrong[rows])
    return rows[np.lexsort(keys)]


def mislabelled_within(suspicion: Suspicion, rows: Rows, budget: int | None) -> Rows:
    """Return rows in the order of the most likely mislabelled, for somebody who sees only some.

    A handful are the most suspected ones. For more, while still more are doubtful than will be
    seen, the doubtful ones come in a drawn order: the most suspected ones are far from the other
    classes, and what a model learns from them is hardly wrong. docs/label_errors.md has figures.

    Args:
        suspicion: of all rows.
        rows: to be ordered.
        budget: how many will be seen; None for all.
    """
    is_doubtful = suspicion.doubtful[rows]
    is_handful = budget is not None and budget < HANDFUL * len(suspicion.score)
    if budget is None or is_handful or is_doubtful.sum() <= budget:
        return most_likely_mislabelled(suspicion, rows)
    place = np.random.default_rng(_SEED).permutation(len(suspicion.score))
    drawn = rows[is_doubtful]
    others = most_likely_mislabelled(suspicion, rows[~is_doubtful])
    return np.concatenate([drawn[np.argsort(place[drawn])], others])


def lowest_self_confidence(suspicion: Suspicion, rows: Rows) -> Rows:
    """Return rows with the lowest probability of their own label first."""
    return rows[np.argsort(suspicion.self_confidence[rows], kind="stable")]


def least_certain(suspicion: Suspicion, rows: Rows) -> Rows:
    """Return rows with the highest entropy of their probabilities first, whatever their label."""
    values = np.maximum(suspicion.probabilities[rows].astype(np.float64), _SMALLEST)
    entropy = -(values * np.log(values)).sum(axis=1)
    return rows[np.argsort(-entropy, kind="stable")]


def most_diverse(suspicion: Suspicion, rows: Rows) -> Rows:
    """Return rows so that the first ones are suspected, and far from each other.

    Seeded as k-means++ chooses centres (Arthur and Vassilvitskii, SODA 2007): each next row is
    drawn by its squared distance to the nearest one before, here times its suspicion. After
    `MOST_DRAWN` the others follow by their suspicion.
    """
    chosen = most_likely_mislabelled(suspicion, rows)
    matrix, weights = suspicion.matrix[chosen], suspicion.score[chosen].astype(np.float64)
    weights = np.maximum(weights, _SMALLEST)
    rng = np.random.default_rng(_SEED)
    drawn: list[int] = []
    distances = np.ones(len(chosen))
    while len(drawn) < min(MOST_DRAWN, len(chosen)):
        weighted = distances * weights
        if weighted.sum() <= 0:
            break
        drawn.append(int(rng.choice(len(chosen), p=weighted / weighted.sum())))
        squares = np.square(matrix - matrix[drawn[-1]]).sum(axis=1, dtype=np.float64)
        distances = squares if len(drawn) == 1 else np.minimum(distances, squares)
    return np.concatenate([chosen[drawn], np.delete(chosen, drawn)])


def in_test_order(_suspicion: Suspicion, rows: Rows) -> Rows:
    """Return rows in the order of the table."""
    return np.sort(rows)


HANDFUL = 0.03
"""Share of all rows below which a budget is a handful."""
MOST_DRAWN = 200
"""Rows that are chosen for being different; nobody reviews more before the scores are made anew."""
MISLABELLED = "mislabelled"
ORDERS: dict[str, Callable[[Suspicion, Rows], Rows]] = {
    MISLABELLED: most_likely_mislabelled,
    "self-confidence": lowest_self_confidence,
    "uncertain": least_certain,
    "diverse": most_diverse,
    "test": in_test_order,
}
"""By the name that people choose it by; the first is the default."""
