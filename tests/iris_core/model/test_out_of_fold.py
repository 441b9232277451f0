"""Out-of-fold predictions are kept compactly, by row."""

from __future__ import annotations

import numpy as np
import pytest

from iris_core.model.out_of_fold import MOST_CLASSES, OutOfFold

ROWS = np.array([50, 10, 30, 10], dtype=np.uint64)
FOLDS = np.array([2, 0, 1, 0])


def drawn(rows: int, classes: int, *, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.full(classes, 0.2), rows).astype(np.float32)


def test_predictions_come_back_by_row() -> None:
    said = drawn(4, 3)
    said[3] = said[1]
    found = OutOfFold.of(ROWS, FOLDS, said)
    assert found.rows.tolist() == [10, 30, 50]
    assert found.folds.tolist() == [0, 1, 2]
    np.testing.assert_allclose(found.probabilities(ROWS), said, atol=2e-5)


def test_row_that_was_not_trained_on_has_no_prediction() -> None:
    found = OutOfFold.of(ROWS, FOLDS, drawn(4, 3))
    asked = found.probabilities(np.array([99, 30, 0], dtype=np.uint64))
    assert np.isnan(asked).all(axis=1).tolist() == [True, False, True]


def test_of_many_classes_the_most_probable_are_kept() -> None:
    said = drawn(4, 256)
    said[3] = said[1]
    found = OutOfFold.of(ROWS, FOLDS, said)
    again = found.probabilities(ROWS)
    assert again.shape == (4, 256)
    np.testing.assert_allclose(again.sum(axis=1), 1, atol=1e-5)
    assert np.array_equal(again.argmax(axis=1), said.argmax(axis=1))
    for row in range(4):
        best = np.argsort(said[row])[-8:]
        np.testing.assert_allclose(again[row, best], said[row, best], atol=1e-3)


@pytest.mark.parametrize(("classes", "most"), [(3, 7), (MOST_CLASSES, 25), (256, 25)])
def test_row_takes_a_few_bytes(classes: int, most: int) -> None:
    found = OutOfFold.of(ROWS, FOLDS, drawn(4, classes))
    top = 0 if found.top is None else found.top.nbytes
    assert (found.folds.nbytes + top + found.shares.nbytes) / 3 <= most


@pytest.mark.parametrize("classes", [3, 40])
def test_newer_predictions_replace_those_of_the_same_rows(classes: int) -> None:
    before = OutOfFold.of(ROWS, FOLDS, drawn(4, classes))
    newer = drawn(2, classes, seed=1)
    later = np.array([30, 20], dtype=np.uint64)
    both = before.updated(OutOfFold.of(later, np.array([1, 2]), newer))
    assert both.rows.tolist() == [10, 20, 30, 50]
    assert both.folds.tolist() == [0, 2, 1, 2]
    assert np.array_equal(
        both.probabilities(later), OutOfFold.of(later, FOLDS[:2], newer).probabilities(later)
    )
    kept = ROWS[[0, 1]]
    assert np.array_equal(both.probabilities(kept), before.probabilities(kept))
