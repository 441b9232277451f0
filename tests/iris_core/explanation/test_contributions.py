"""Contributions: they sum up, and are the known ones of a logistic regression."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from iris_core.errors import Cancelled, DataError
from iris_core.explanation.contributions import contributions, log_odds
from iris_core.explanation.encoded_model import EncodedModel
from tests.iris_core.explanation.linear import logistic_model


def interacting_model(columns: int) -> EncodedModel:
    """Return a model of three classes in which what a column does depends on the others."""
    generator = np.random.default_rng(columns)
    first, second = generator.normal(size=(columns, 6)) / 2, generator.normal(size=(6, 3))

    def predict(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
        odds = np.exp(np.tanh(matrix.astype(np.float64) @ first) @ second)
        shares: NDArray[np.float64] = odds / odds.sum(axis=1, keepdims=True)
        return shares.astype(np.float32)

    return replace(logistic_model(np.zeros(columns)), predict=predict)


def drawn(rows: int, columns: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)


def brute_force(
    model: EncodedModel, record: NDArray[np.float32], row: NDArray[np.float32], of_class: int
) -> list[float]:
    """Return the Shapley values against one row as the mean over all orders."""
    columns = range(len(record))
    totals = [0.0] * len(record)
    for order in itertools.permutations(columns):
        mixed = row.copy()
        before = log_odds(model.predict(mixed[None])[:, of_class])[0]
        for column in order:
            mixed[column] = record[column]
            after = log_odds(model.predict(mixed[None])[:, of_class])[0]
            totals[column] += after - before
            before = after
    return [total / math.factorial(len(record)) for total in totals]


@pytest.mark.parametrize("columns", [1, 3, 8, 9, 25])
def test_of_a_logistic_regression_they_are_weight_times_distance(columns: int) -> None:
    weights = np.linspace(-0.4, 0.5, columns)
    record, background = drawn(1, columns, 1)[0], drawn(60, columns, 2)
    found = contributions(logistic_model(weights), record, background, 1)
    expected = weights * (record - background.mean(axis=0))
    np.testing.assert_allclose(found.values, expected, atol=2e-5)
    errors = np.abs(weights) * background.std(axis=0, ddof=1) / math.sqrt(60)
    np.testing.assert_allclose(found.errors, errors, atol=2e-5)
    assert found.prediction == pytest.approx(float(weights @ record), abs=1e-5)
    assert (found.orders is None) == (columns <= 8)


@settings(max_examples=25)
@given(columns=st.integers(1, 12), rows=st.integers(1, 9), seed=st.integers(0, 99))
def test_they_sum_to_the_prediction_less_the_average(columns: int, rows: int, seed: int) -> None:
    model = interacting_model(columns)
    record, background = drawn(1, columns, seed)[0], drawn(rows, columns, seed + 100)
    for of_class in range(3):
        found = contributions(model, record, background, of_class, max_work=10**5)
        average = log_odds(model.predict(background)[:, of_class]).mean()
        assert found.base == pytest.approx(average, abs=1e-5)
        assert found.values.sum() == pytest.approx(found.prediction - found.base, abs=1e-4)


def test_exact_ones_are_the_mean_over_all_orders() -> None:
    model, record, background = interacting_model(5), drawn(1, 5, 3)[0], drawn(4, 5, 4)
    expected = np.mean([brute_force(model, record, row, 2) for row in background], axis=0)
    found = contributions(model, record, background, 2)
    np.testing.assert_allclose(found.values, expected, atol=1e-5)


def test_sampled_ones_agree_with_the_exact_ones_of_the_same_game() -> None:
    # Two columns that the model ignores make the game too large for all coalitions.
    small, record, background = interacting_model(8), drawn(1, 10, 5)[0], drawn(80, 10, 6)
    large = replace(
        logistic_model(np.zeros(10)), predict=lambda matrix: small.predict(matrix[:, :8])
    )
    exact = contributions(small, record[:8], background[:, :8], 0)
    found = contributions(large, record, background, 0)
    assert exact.orders is None
    assert found.orders == 20
    np.testing.assert_allclose(found.values[:8], exact.values, atol=0.03)
    assert found.values[8:].tolist() == pytest.approx([0, 0], abs=1e-6)


def test_equal_columns_share_and_a_column_as_in_the_background_adds_nothing() -> None:
    background = np.repeat(drawn(30, 1), 3, axis=1)
    record = np.full(3, 2.0, dtype=np.float32)
    background[:, 2] = 2.0
    model = logistic_model(np.array([0.5, 0.5, 0.7]))
    found = contributions(model, record, background, 1)
    assert found.values[0] == pytest.approx(found.values[1], abs=1e-6)
    assert (found.values[2], found.errors[2]) == (0.0, 0.0)


def test_record_like_its_only_background_row_has_no_contributions() -> None:
    record = drawn(1, 4)
    found = contributions(interacting_model(4), record[0], record, 0)
    assert found.values.tolist() == [0.0] * 4
    assert found.prediction == found.base


def test_many_columns_are_explained_within_bounded_work() -> None:
    asked: list[int] = []
    weights = np.linspace(-0.1, 0.1, 300)
    model = logistic_model(weights)

    def counted(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
        asked.append(len(matrix))
        return model.predict(matrix)

    counting = replace(model, predict=counted)
    found = contributions(counting, drawn(1, 300, 1)[0], drawn(90, 300, 2), 1, max_work=4_000_000)
    assert found.background == 22
    assert sum(asked) < 4_000_000 / 300 + 500
    assert found.values.sum() == pytest.approx(found.prediction - found.base, abs=1e-3)


def test_certainties_count_no_more_than_one_in_ten_thousand() -> None:
    found = contributions(
        logistic_model(np.array([100.0])),
        np.array([1.0], np.float32),
        np.array([[-1.0]], np.float32),
        1,
    )
    assert found.prediction == pytest.approx(math.log(9999))
    assert found.values.tolist() == pytest.approx([2 * math.log(9999)])


def test_same_seed_gives_the_same_figures_whatever_the_parts() -> None:
    record, background, weights = drawn(1, 12, 1)[0], drawn(20, 12, 2), np.linspace(0, 1, 12)
    one, other = (
        contributions(logistic_model(weights, rows_at_once=size), record, background, 1, seed=3)
        for size in (1_000, 17)
    )
    np.testing.assert_array_equal(one.values, other.values)


def test_cancelled() -> None:
    with pytest.raises(Cancelled):
        contributions(
            interacting_model(4), drawn(1, 4)[0], drawn(9, 4, 1), 0, cancelled=lambda: True
        )


def test_without_a_background_the_remedy_is_named() -> None:
    with pytest.raises(DataError, match="training data"):
        contributions(interacting_model(4), drawn(1, 4)[0], drawn(0, 4), 0)
