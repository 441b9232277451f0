"""The curve counts what the retrain rule would do at each threshold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws.retrain_rule import probabilities
from iris_core.errors import OptionError
from iris_core.evaluation.threshold_curve import at_threshold, threshold_curve
from lambda_src.index import InvalidRecordError, evaluate_rule, parse_share

shares = (
    st.sampled_from(["0", "1", "0.9", "0.5", "0.89999998", "1.0", "9e-1", "", "nan", "2"])
    | st.floats(0, 1, width=32).map(lambda value: str(np.float32(value)))
    | st.integers(0, 100).map(lambda cent: str(cent / 100))
)
records = st.lists(st.tuples(st.booleans(), shares), max_size=50)


def is_candidate(misclassified: bool, probability: str, threshold: float) -> bool:
    try:
        return (
            evaluate_rule(
                "a", "b" if misclassified else "a", probability, parse_share(str(threshold))
            )
            is not None
        )
    except InvalidRecordError:
        return False


@given(records, st.integers(0, 30))
def test_curve_equals_the_rule_at_every_threshold(
    rows: list[tuple[bool, str]], points: int
) -> None:
    misclassified = np.array([entry for entry, _ in rows], dtype=bool)
    texts = [text for _, text in rows]
    curve = threshold_curve(misclassified, np.array(probabilities(texts)), points=points)
    assert np.all(np.diff(curve.thresholds) > 0)
    assert len(curve.thresholds) <= 101 + points
    assert (curve.rows, curve.errors) == (len(rows), int(misclassified.sum()))
    for index, threshold in enumerate(curve.thresholds.tolist()):
        expected = sum(is_candidate(entry, text, threshold) for entry, text in rows)
        assert curve.reviews[index] == expected
        # Without the labels every record would count as correct.
        below = [(entry, is_candidate(False, text, threshold)) for entry, text in rows]
        assert curve.below[index] == sum(hit for _, hit in below)
        assert curve.caught[index] == sum(hit and entry for entry, hit in below)


def test_equal_to_the_threshold_is_not_below_it() -> None:
    probability = np.array(probabilities([str(np.float32(0.9)), "0.8999999"]))
    point = at_threshold(np.array([False, False]), probability, 0.9)
    assert (point.reviews.tolist(), point.below.tolist()) == ([1], [1])


def test_share_caught_is_of_the_errors() -> None:
    misclassified = np.array([True, True, False, False])
    point = at_threshold(misclassified, np.array([0.4, 0.99, 0.6, 0.95]), 0.9)
    assert point.caught_share.tolist() == [0.5]


def test_record_without_a_probability_is_reviewed_only_if_misclassified() -> None:
    point = at_threshold(np.array([True, False]), np.array([np.nan, np.nan]), 1)
    assert (point.invalid, point.reviews.tolist(), point.below.tolist()) == (2, [1], [0])


def test_every_threshold_at_which_something_changes_is_on_the_curve() -> None:
    probability = np.array([0.12345, 0.54321, 0.77777, 0.77777])
    curve = threshold_curve(np.zeros(4, dtype=bool), probability)
    assert {0.54321, 0.77777} <= set(curve.thresholds.tolist())
    assert sorted(set(curve.below.tolist())) == [0, 1, 2, 4]


def test_many_thresholds_are_thinned() -> None:
    probability = np.random.default_rng(0).random(20_000)
    curve = threshold_curve(probability < 0.1, probability, points=300)
    assert 250 < len(curve.thresholds) <= 401


def test_without_errors_all_of_them_are_caught() -> None:
    empty = threshold_curve(np.zeros(0, dtype=bool), np.zeros(0))
    assert set(empty.caught_share.tolist()) == {1.0}
    assert set(empty.reviews.tolist()) == {0}


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_threshold_out_of_range_is_refused(threshold: float) -> None:
    with pytest.raises(OptionError, match="threshold"):
        at_threshold(np.array([True]), np.array([0.5]), threshold)
