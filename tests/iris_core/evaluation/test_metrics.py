"""The metrics equal those counted by hand, and by brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from iris_core.evaluation.metrics import accuracy, class_metrics, confusion_matrix, cross_entropy

NAMES = ("a", "b", "c")
pairs = st.lists(st.tuples(st.integers(-1, 2), st.integers(0, 2)), max_size=40)


def confused(rows: list[tuple[int, int]]) -> NDArray[np.int64]:
    actual, predicted = np.array(rows, dtype=np.intp).reshape(-1, 2).T
    return confusion_matrix(actual, predicted, classes=3)


def test_metrics_equal_those_worked_out_by_hand() -> None:
    # True a: 3 predicted as a, 1 as b. True b: 1 as b, 1 as a. One tulip, never seen, as b.
    confusion = confused([(0, 0), (0, 0), (0, 0), (0, 1), (1, 1), (1, 0), (-1, 1)])
    assert confusion.tolist() == [[3, 1, 0], [1, 1, 0], [0, 0, 0], [0, 1, 0]]
    assert accuracy(confusion) == pytest.approx(4 / 7)
    first, second, third = class_metrics(confusion, NAMES)
    assert (first.precision, first.recall, first.f1, first.support) == (0.75, 0.75, 0.75, 4)
    assert second.precision == pytest.approx(1 / 3)
    assert second.recall == pytest.approx(1 / 2)
    assert second.f1 == pytest.approx(2 / 5)
    assert (third.precision, third.recall, third.f1, third.support) == (0.0, 0.0, 0.0, 0)


@given(pairs)
def test_metrics_equal_brute_force(rows: list[tuple[int, int]]) -> None:
    confusion = confused(rows)
    assert confusion.sum() == len(rows)
    correct = sum(actual == predicted for actual, predicted in rows)
    assert accuracy(confusion) == (correct / len(rows) if rows else 0.0)
    for number, metrics in enumerate(class_metrics(confusion, NAMES)):
        hits = sum(actual == predicted == number for actual, predicted in rows)
        positives = sum(predicted == number for _, predicted in rows)
        support = sum(actual == number for actual, _ in rows)
        assert metrics.precision == (hits / positives if positives else 0.0)
        assert metrics.recall == (hits / support if support else 0.0)
        assert metrics.f1 == (2 * hits / (positives + support) if positives + support else 0.0)
        assert metrics.support == support


def test_cross_entropy_is_the_negative_logarithm_of_the_true_class() -> None:
    shares = np.array([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]], dtype=np.float32)
    expected = -math.log(0.25) - math.log(0.8)
    assert cross_entropy(shares, np.array([1, 2])) == pytest.approx(expected, rel=1e-6)


def test_label_never_seen_is_left_out_of_the_loss() -> None:
    shares = np.array([[0.5, 0.5], [0.9, 0.1]], dtype=np.float32)
    assert cross_entropy(shares, np.array([0, -1])) == pytest.approx(math.log(2))


def test_loss_stays_finite_where_the_probability_is_zero() -> None:
    shares = np.array([[1.0, 0.0]], dtype=np.float32)
    assert cross_entropy(shares, np.array([1])) == pytest.approx(-math.log(1e-12))
