"""A label is called wrong by the rule as written, with confident learning's thresholds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.label_errors.rule import (
    Rule,
    mean_self_confidence,
    self_confidence,
    suspicion_score,
)

PROBABILITIES = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.1, 0.9]], np.float32)
LABELS = np.array([0, 0, 1, 1])


def test_mean_self_confidence_is_that_of_northcutt() -> None:
    found = mean_self_confidence(PROBABILITIES, LABELS, np.ones(4, np.bool_))
    assert found == pytest.approx([(0.9 + 0.2) / 2, (0.3 + 0.9) / 2])
    counted = np.array([True, False, False, False])
    assert mean_self_confidence(PROBABILITIES, LABELS, counted) == pytest.approx([0.9, 1])


@pytest.mark.parametrize(
    ("below", "share", "expected"),
    [
        (0.5, 0.9, [False, True, True, False]),
        (0.25, 0.9, [False, True, False, False]),  # 0.3 of the third is not below
        (0.5, 1.3, [False, True, False, False]),  # 0.7 of the third is below 1.3 * 0.55
        (0.1, 0.9, [False] * 4),
    ],
)
def test_label_is_wrong_when_improbable_and_the_guess_confident(
    below: float, share: float, expected: list[bool]
) -> None:
    confidence = mean_self_confidence(PROBABILITIES, LABELS, np.ones(4, np.bool_))
    found = Rule(below, share).contradicts(PROBABILITIES, LABELS, confidence)
    assert found.tolist() == expected


def test_label_that_was_never_learnt_has_no_probability() -> None:
    labels = np.array([-1, 0, 1, 1])
    assert self_confidence(PROBABILITIES, labels) == pytest.approx([0, 0.2, 0.3, 0.9])
    assert suspicion_score(PROBABILITIES, labels)[0] == pytest.approx((1 + 0.9) / 2)


def test_suspicion_is_half_where_another_class_is_as_probable() -> None:
    probabilities = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], np.float32)
    assert suspicion_score(probabilities, np.zeros(3, np.intp)).tolist() == [0.5, 0, 1]


@given(
    st.lists(st.lists(st.floats(0.01, 1), min_size=3, max_size=3), min_size=1, max_size=20),
    st.integers(0, 2),
    st.floats(0, 1),
)
def test_what_is_called_wrong_is_suspected(
    rows: list[list[float]], label: int, below: float
) -> None:
    values = np.array(rows, np.float32)
    values /= values.sum(axis=1, keepdims=True)
    labels = np.full(len(values), label)
    confidence = mean_self_confidence(values, labels, np.ones(len(values), np.bool_))
    found = Rule(below, 0.5).contradicts(values, labels, confidence)
    assert (suspicion_score(values, labels)[found] >= 0.5).all()
    assert (values.argmax(axis=1)[found] != label).all()
