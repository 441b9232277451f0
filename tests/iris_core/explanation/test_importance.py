"""Permutation importance: known answers, and an interval that covers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from iris_core.errors import Cancelled, DataError, OptionError
from iris_core.explanation.importance import Importance, permutation_importance
from tests.iris_core.explanation.linear import logistic_model

WEIGHTS = np.array([2.0, 1.0, 0.0])


def drawn(
    rows: int, generator: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Return rows with correlated columns, and classes by the probabilities of the model."""
    values = generator.normal(size=(rows, 3)).astype(np.float32)
    values[:, 1] += values[:, 0] / 2
    shares = 1 / (1 + np.exp(-values @ WEIGHTS))
    return values, (generator.random(rows) < shares).astype(np.intp)


def by_name(importance: Importance) -> dict[str, float]:
    return {entry.column: entry.log_loss.value for entry in importance.columns}


def test_two_rows_swap_their_values() -> None:
    model = logistic_model(np.array([math.log(3)]))
    matrix = np.array([[1.0], [-1.0]], dtype=np.float32)
    found = permutation_importance(model, matrix, np.array([1, 0]))
    assert (found.rows, found.repeats) == (2, 1)
    assert found.log_loss == pytest.approx(math.log(4 / 3), abs=1e-6)
    assert found.guess == pytest.approx(math.log(2))
    # Each row's class had 3 / 4, and has 1 / 4 with the other's value.
    assert found.columns[0].log_loss.value == pytest.approx(math.log(3), abs=1e-6)
    assert found.columns[0].accuracy.value == 1.0


def test_column_without_a_weight_or_without_a_difference_costs_exactly_nothing() -> None:
    matrix, actual = drawn(80, np.random.default_rng(0))
    matrix[:, 1] = 7.0
    found = permutation_importance(logistic_model(WEIGHTS), matrix, actual)
    estimates = {entry.column: entry.log_loss for entry in found.columns}
    assert found.columns[0].column == "x0"
    for name in ("x1", "x2"):
        assert (estimates[name].value, estimates[name].low, estimates[name].high) == (0, 0, 0)


def test_few_rows_give_the_mean_over_all_pairs() -> None:
    matrix, actual = drawn(6, np.random.default_rng(3))
    model = logistic_model(WEIGHTS)
    found = permutation_importance(model, matrix, actual, repeats=10)

    def loss(rows: NDArray[np.float32], classes: NDArray[np.intp]) -> float:
        return float(-np.log(model.predict(rows)[np.arange(len(rows)), classes]).mean())

    others = [(row, other) for row in range(6) for other in range(6) if row != other]
    mixed = matrix[[row for row, _ in others]]
    mixed[:, 0] = matrix[[other for _, other in others], 0]
    expected = loss(mixed, actual[[row for row, _ in others]]) - loss(matrix, actual)
    assert found.repeats == 5
    assert by_name(found)["x0"] == pytest.approx(expected, abs=1e-5)


def test_interval_covers_the_true_importance() -> None:
    generator = np.random.default_rng(11)
    model = logistic_model(WEIGHTS, rows_at_once=400_000)
    values, actual = drawn(200_000, generator)
    truth = by_name(permutation_importance(model, values, actual, repeats=2, max_work=10**12))
    trials, hits, widths = 250, {"x0": 0, "x1": 0}, []
    for trial in range(trials):
        found = permutation_importance(model, *drawn(100, generator), seed=trial)
        for entry in found.columns[:2]:
            hits[entry.column] += entry.log_loss.low <= truth[entry.column] <= entry.log_loss.high
            widths.append(entry.log_loss.high - entry.log_loss.low)
    # With the rows' own losses alone it would be 0.87 here; 0.92 is two standard errors below 0.95.
    assert all(0.92 <= count / trials <= 0.995 for count in hits.values()), hits
    assert np.mean(widths) < 1


def test_same_seed_gives_the_same_figures_whatever_the_parts() -> None:
    rows = drawn(50, np.random.default_rng(1))
    once = permutation_importance(logistic_model(WEIGHTS), *rows, seed=5)
    again = permutation_importance(logistic_model(WEIGHTS, rows_at_once=7), *rows, seed=5)
    other = permutation_importance(logistic_model(WEIGHTS), *rows, seed=6)
    assert once == again
    assert once != other


def test_labels_that_the_model_never_saw_are_left_out() -> None:
    matrix, actual = drawn(40, np.random.default_rng(2))
    unknown = np.concatenate((actual, [-1, -1]))
    rows = np.concatenate((matrix, matrix[:2]))
    model = logistic_model(WEIGHTS)
    assert permutation_importance(model, rows, unknown) == permutation_importance(
        model, matrix, actual
    )


@pytest.mark.parametrize(
    ("max_work", "rows", "repeats"),
    [(10**9, 300, 10), (8_100, 300, 3), (1_800, 200, 1), (9, 100, 1)],
)
def test_work_is_bounded_by_fewer_shuffles_then_by_fewer_rows(
    max_work: int, rows: int, repeats: int
) -> None:
    values = drawn(300, np.random.default_rng(4))
    found = permutation_importance(logistic_model(WEIGHTS), *values, max_work=max_work)
    assert (found.rows, found.repeats, found.of) == (rows, repeats, 300)
    assert len(found.columns) == 3


@pytest.mark.parametrize("columns", [1, 1_000])
def test_a_model_of_one_column_and_one_of_a_thousand_are_measured(columns: int) -> None:
    weights = np.zeros(columns)
    weights[-1] = 3.0
    matrix = np.random.default_rng(5).normal(size=(90, columns)).astype(np.float32)
    actual = (matrix[:, -1] > 0).astype(np.intp)
    found = permutation_importance(logistic_model(weights), matrix, actual)
    assert len(found.columns) == columns
    assert found.repeats >= 1
    # THEN the column that decides comes first, and no other one matters
    assert found.columns[0].column == f"x{columns - 1}"
    assert found.columns[0].log_loss.low > 0
    assert all(entry.log_loss.value == 0 for entry in found.columns[1:])


def test_progress_counts_the_columns() -> None:
    seen: list[tuple[int, int]] = []
    permutation_importance(
        logistic_model(WEIGHTS),
        *drawn(20, np.random.default_rng(0)),
        on_progress=lambda done, of: seen.append((done, of)),
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_cancelled() -> None:
    with pytest.raises(Cancelled):
        permutation_importance(
            logistic_model(WEIGHTS), *drawn(20, np.random.default_rng(0)), cancelled=lambda: True
        )


@pytest.mark.parametrize("rows", [0, 1])
def test_one_row_has_nothing_to_be_shuffled_with(rows: int) -> None:
    matrix, actual = drawn(1, np.random.default_rng(0))
    with pytest.raises(DataError, match="at least two"):
        permutation_importance(logistic_model(WEIGHTS), matrix[:rows], actual[:rows])


def test_repeats_out_of_range_are_refused() -> None:
    with pytest.raises(OptionError, match="repeats"):
        permutation_importance(
            logistic_model(WEIGHTS), *drawn(20, np.random.default_rng(0)), repeats=0
        )
