"""The nearest rows are those found by hand, a row's copies are none, and blocks change nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.errors import Cancelled
from iris_core.label_errors import neighbours
from iris_core.label_errors.neighbours import NEIGHBOURS, Neighbours, nearest_labels
from iris_core.label_errors.watching import Watch


def nearest(
    matrix: np.ndarray, classes: np.ndarray, *, learn: np.ndarray | None = None, count: int = 3
) -> Neighbours:
    keys = np.unique(matrix, axis=0, return_inverse=True)[1].astype(np.uint64)
    chosen = np.ones(len(matrix), np.bool_) if learn is None else learn
    return nearest_labels(
        matrix.astype(np.float32), classes, keys, learn=chosen, count=count, seed=0, watch=Watch()
    )


@given(st.integers(0, 50), st.integers(2, 40), st.integers(1, 4))
def test_nearest_rows_are_those_of_a_search_by_hand(seed: int, rows: int, columns: int) -> None:
    rng = np.random.default_rng(seed)
    matrix, classes = rng.normal(size=(rows, columns)), rng.integers(0, 3, rows)
    found = nearest(matrix, classes)
    for row in range(rows):
        distances = np.linalg.norm(matrix - matrix[row], axis=1)
        distances[row] = np.inf
        expected = classes[np.argsort(distances)][: min(NEIGHBOURS, rows - 1)]
        own = found.labels[row]
        assert np.array_equal(own[own >= 0], expected)
        assert np.array_equal(classes[found.rows[row][own >= 0]], expected)
    assert found.probabilities.sum(axis=1) == pytest.approx(np.ones(rows), abs=1e-5)


def test_copies_of_a_row_say_nothing_of_it() -> None:
    matrix = np.array([[0.0], [0.0], [0.0], [1.0], [2.0]])
    found = nearest(matrix, np.array([0, 0, 0, 1, 2]))
    assert found.labels[0].tolist() == [1, 2] + [-1] * 8
    assert found.rows[0].tolist() == [3, 4] + [-1] * 8
    assert found.labels[3].tolist() == [0, 0, 0, 2] + [-1] * 6


def test_nearer_rows_count_more_and_one_row_has_every_class() -> None:
    found = nearest(np.array([[0.0], [1.0], [2.0]]), np.array([0, 1, 2]))
    # The kernel: 1 - distance² / (4 * the furthest's²), here 15/16 and 3/4; and one row shared
    assert found.probabilities[0] == pytest.approx(
        np.array([1 / 3, 1 / 3 + 15 / 16, 1 / 3 + 3 / 4]) / (1 + 15 / 16 + 3 / 4)
    )


def test_rows_that_are_not_learnt_are_nobodys_neighbours() -> None:
    learn = np.array([True, False, True])
    found = nearest(np.array([[0.0], [1.0], [2.0]]), np.array([0, -1, 2]), learn=learn)
    assert found.labels[0].tolist()[:2] == [2, -1]
    assert sorted(found.labels[1].tolist()[:2]) == [0, 2]


def test_blocks_give_the_same_as_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    matrix, classes = rng.normal(size=(70, 3)), rng.integers(0, 3, 70)
    whole = nearest(matrix, classes)
    monkeypatch.setattr(neighbours, "_DISTANCES_A_BLOCK", 300)
    parts = nearest(matrix, classes)
    assert np.array_equal(parts.labels, whole.labels)
    assert parts.probabilities == pytest.approx(whole.probabilities, abs=1e-5)


def test_of_very_many_rows_some_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "MOST_REFERENCES", 5)
    rng = np.random.default_rng(0)
    found = nearest(rng.normal(size=(40, 2)), np.zeros(40, np.intp))
    assert (found.labels >= 0).sum(axis=1).max() == 5


def test_search_is_cancelled() -> None:
    with pytest.raises(Cancelled, match="cancelled"):
        nearest_labels(
            np.zeros((3, 1), np.float32),
            np.zeros(3, np.intp),
            np.arange(3, dtype=np.uint64),
            learn=np.ones(3, np.bool_),
            count=1,
            seed=0,
            watch=Watch(cancelled=lambda: True),
        )
