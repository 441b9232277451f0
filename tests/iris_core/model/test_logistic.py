"""The logistic regression beside a model is the best one there is, whatever the rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from iris_core.model import logistic
from iris_core.model.logistic import fit_logistic


def clusters(
    seed: int, rows: int, inputs: int, classes: int
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(rows, inputs)).astype(np.float32)
    scores = matrix @ rng.normal(size=(inputs, classes)) + rng.gumbel(size=(rows, classes))
    return matrix, scores.argmax(axis=1)


def gradient(
    matrix: NDArray[np.float32], labels: NDArray[np.intp], weights: NDArray[np.float32]
) -> NDArray[np.float64]:
    """The gradient of the summed cross-entropy and half the squared weights, from its formula."""
    inputs = np.column_stack((matrix, np.ones(len(matrix)))).astype(np.float64)
    scores = np.exp(inputs @ weights.astype(np.float64))
    shares = scores / scores.sum(axis=1, keepdims=True)
    shares[np.arange(len(labels)), labels] -= 1
    penalised = weights.astype(np.float64).copy()
    penalised[-1] = 0
    total: NDArray[np.float64] = inputs.T @ shares + penalised
    return total


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**16),
    rows=st.integers(5, 120),
    inputs=st.integers(1, 8),
    classes=st.integers(2, 5),
)
def test_no_other_weights_cost_less(seed: int, rows: int, inputs: int, classes: int) -> None:
    # The cost is convex: where its gradient is 0 it is lowest.
    matrix, labels = clusters(seed, rows, inputs, classes)
    weights = fit_logistic(matrix, labels, count=classes).weights
    assert np.abs(gradient(matrix, labels, weights)).max() / rows < 2e-4


def test_two_points_have_the_weights_that_solve_their_equation() -> None:
    # With rows -1 and 1 the cost is 2 ln(1 + exp(-2w)) + w^2 by symmetry: w = 2 / (1 + exp(2w)).
    matrix = np.array([[-1.0], [1.0]], dtype=np.float32)
    weights = fit_logistic(matrix, np.array([0, 1]), count=2).weights
    w = float(weights[0, 1])
    assert w == pytest.approx(2 / (1 + np.exp(2 * w)), abs=1e-3)
    assert w == pytest.approx(-float(weights[0, 0]), abs=1e-6)


def test_same_rows_give_the_same_weights() -> None:
    matrix, labels = clusters(1, 200, 5, 3)
    first, again = (fit_logistic(matrix, labels, count=3).weights for _ in range(2))
    assert np.array_equal(first, again)


def test_wide_table_is_fitted_without_a_square_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix, labels = clusters(2, 300, 12, 2)
    narrow = fit_logistic(matrix, labels, count=2)
    monkeypatch.setattr(logistic, "_MAX_SQUARE", 5)
    wide = fit_logistic(matrix, labels, count=2)
    assert np.abs(gradient(matrix, labels, wide.weights)).max() / 300 < 2e-3
    assert (wide.predict(matrix) == narrow.predict(matrix)).mean() > 0.98


def test_rows_in_many_steps_give_the_same_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix, labels = clusters(3, 150, 4, 3)
    whole = fit_logistic(matrix, labels, count=3)
    monkeypatch.setattr(logistic, "_PRODUCTS_AT_ONCE", 100)
    assert np.allclose(fit_logistic(matrix, labels, count=3).weights, whole.weights, atol=1e-3)


def test_class_without_rows_is_not_predicted() -> None:
    matrix, labels = clusters(4, 100, 3, 2)
    assert set(fit_logistic(matrix, labels, count=4).predict(matrix)) <= {0, 1}
