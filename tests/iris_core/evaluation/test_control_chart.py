"""A run is marked where it is worse beyond chance, and nowhere else."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.evaluation.control_chart import (
    LEVEL,
    MAX_PREDECESSORS,
    Batch,
    control_chart,
    hypergeometric_tail,
    p_value,
    student_tail,
)


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    rows = draw(st.integers(1, 400))
    return Batch(draw(st.integers(0, rows)), rows, draw(st.uuids()).hex)


def alike(errors: int, rows: int, number: int) -> list[Batch]:
    """So many batches with the same outcome, each a sample of its own."""
    return [Batch(errors, rows, f"{errors} of {rows}, {index}") for index in range(number)]


def simulated(
    generator: np.random.Generator, accuracies: list[float], rows: int, spread: float = 0.0
) -> list[Batch]:
    """Batches of these true accuracies, which vary by a standard deviation."""
    shares = np.clip(1 - np.array(accuracies) + spread * generator.standard_normal(len(accuracies)),
                     0, 1)  # fmt: skip
    errors = generator.binomial(rows, shares)
    return [Batch(int(count), rows, str(index)) for index, count in enumerate(errors)]


@pytest.mark.parametrize(
    ("table", "chance"),
    [
        # Fisher's tea tasting: 3 of 4, and all 4 (Agresti, "Categorical data analysis", 3.5.2).
        ((3, 4, 1, 4), 17 / 70),
        ((4, 4, 0, 4), 1 / 70),
        ((0, 5, 3, 9), 1.0),
        ((1, 240, 200, 300), 1.0),
    ],
)
def test_exact_test_gives_published_values(table: tuple[int, int, int, int], chance: float) -> None:
    assert hypergeometric_tail(*table) == pytest.approx(chance)


@given(batches(), batches())
def test_exact_test_agrees_with_whole_numbers(one: Batch, other: Batch) -> None:
    total = one.errors + other.errors
    ways = sum(
        comb(one.rows, count) * comb(other.rows, total - count)
        for count in range(one.errors, min(one.rows, total) + 1)
    )
    expected = ways / comb(one.rows + other.rows, total)
    found = hypergeometric_tail(one.errors, one.rows, other.errors, other.rows)
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-30)


@pytest.mark.parametrize(
    ("freedom", "one_in_20", "one_in_100"),
    # Student's table, as in Abramowitz and Stegun, table 26.10.
    [
        (1, 6.314, 31.821),
        (2, 2.920, 6.965),
        (3, 2.353, 4.541),
        (4, 2.132, 3.747),
        (5, 2.015, 3.365),
        (10, 1.812, 2.764),
        (23, 1.714, 2.500),
    ],
)
def test_student_tail_is_that_of_the_table(
    freedom: int, one_in_20: float, one_in_100: float
) -> None:
    assert student_tail(one_in_20, freedom) == pytest.approx(0.05, rel=2e-3)
    assert student_tail(one_in_100, freedom) == pytest.approx(0.01, rel=2e-3)
    assert student_tail(-one_in_20, freedom) == pytest.approx(0.95, rel=2e-3)
    assert student_tail(0, freedom) == pytest.approx(0.5)


def test_distance_from_predecessors_that_vary_is_the_one_worked_out_by_hand() -> None:
    # 20 and 60 errors of 400: share 0.1, chi-squared 2 * 20^2 / (400 * 0.1 * 0.9) = 22.22.
    # Dispersion (4 + 22.22) / 5 = 5.244; with 90 of 400 the pooled share is 170 / 1200, variance
    # 0.121597; between batches 4.244 * 0.121597 / 400 = 0.0012902, deviation
    # sqrt(0.121597 * 3 / 800 + 1.5 * 0.0012902) = 0.048892, so t = 0.125 / 0.048892 = 2.557.
    # At 5 degrees of freedom: by the table 2.571 is exceeded in 2.5 of 100 cases.
    chance = p_value(Batch(90, 400, "new"), [Batch(20, 400, "a"), Batch(60, 400, "b")])
    assert chance == pytest.approx(student_tail(2.5567, 5), rel=1e-3)
    assert 0.025 < chance < 0.0256


@given(batches(), st.lists(batches(), max_size=5))
def test_more_errors_are_never_less_suspicious(batch: Batch, predecessors: list[Batch]) -> None:
    chance = p_value(batch, predecessors)
    assert 0 <= chance <= 1
    if batch.errors < batch.rows:
        worse = p_value(Batch(batch.errors + 1, batch.rows, batch.sample), predecessors)
        # Above the level the one part of the rule alone is given.
        assert (worse <= LEVEL) >= (chance <= LEVEL)


@given(st.lists(batches(), min_size=1, max_size=6))
def test_limit_is_where_the_marks_begin(series: list[Batch]) -> None:
    *before, last = series
    point = control_chart(series)[-1]
    first = last.rows + 1 if point.limit is None else round((1 - point.limit) * last.rows)
    is_worse = {
        errors: control_chart([*before, Batch(errors, last.rows, last.sample)])[-1].is_worse
        for errors in (first - 1, min(first, last.rows), last.errors)
    }
    assert not is_worse[first - 1]
    assert is_worse[min(first, last.rows)] == (point.limit is not None)
    assert is_worse[last.errors] == point.is_worse == (last.errors >= first)


@given(batches(), st.lists(batches(), max_size=5))
def test_order_of_the_predecessors_does_not_matter(batch: Batch, before: list[Batch]) -> None:
    assert p_value(batch, before) == pytest.approx(p_value(batch, before[::-1]))


def test_first_run_has_nothing_to_be_compared_with() -> None:
    (point,) = control_chart([Batch(200, 240, "a")])
    assert (point.predecessors, point.baseline, point.limit, point.is_worse) == (
        0,
        None,
        None,
        False,
    )


@pytest.mark.parametrize("number", [2, 3, 10])
@pytest.mark.parametrize("accuracy", [0.9, 0.95, 0.99])
def test_no_more_than_one_in_a_hundred_is_marked_without_a_change(
    accuracy: float, number: int
) -> None:
    generator = np.random.default_rng(0)
    marked = []
    for _ in range(1_500):
        *before, last = simulated(generator, [accuracy] * (number + 1), 240)
        marked.append(p_value(last, before) <= LEVEL)
    assert np.mean(marked) <= LEVEL


@pytest.mark.parametrize(
    ("loss", "number", "power"), [(0.10, 2, 0.84), (0.10, 3, 0.92), (0.05, 10, 0.64)]
)
def test_losses_are_marked_as_often_as_is_said(loss: float, number: int, power: float) -> None:
    generator = np.random.default_rng(1)
    marked = []
    for _ in range(600):
        *before, last = simulated(generator, [*[0.95] * number, 0.95 - loss], 240)
        marked.append(p_value(last, before) <= LEVEL)
    assert np.mean(marked) == pytest.approx(power, abs=0.06)


def test_batches_that_differ_are_marked_far_less_often_than_by_the_exact_test_alone() -> None:
    generator = np.random.default_rng(2)
    by_rule, by_exact_test = 0, 0
    for _ in range(800):
        *before, last = simulated(generator, [0.95] * 11, 1_200, spread=0.01)
        by_rule += p_value(last, before) <= LEVEL
        errors = sum(batch.errors for batch in before)
        by_exact_test += hypergeometric_tail(last.errors, 1_200, errors, 12_000) <= LEVEL
    assert by_exact_test > 0.05 * 800
    assert by_rule < by_exact_test / 2


def test_lasting_loss_stays_marked_and_a_recovery_is_not() -> None:
    good, bad = alike(12, 240, 6), alike(60, 240, 3)
    points = control_chart([*good, *bad, Batch(12, 240, "recovered")])
    assert [point.is_worse for point in points] == [*[False] * 6, *[True] * 3, False]
    assert {point.predecessors for point in points[6:]} == {6}


def test_improvement_starts_the_baseline_anew() -> None:
    points = control_chart([*alike(180, 1200, 5), *alike(40, 1200, 2), Batch(180, 1200, "back")])
    assert [point.predecessors for point in points] == [0, 1, 2, 3, 4, 5, 1, 2]
    assert points[-1].is_worse


def test_same_model_on_the_same_data_counts_once() -> None:
    again = [Batch(12, 240, "same")] * 4
    assert [point.predecessors for point in control_chart(again)] == [0, 0, 0, 0]
    assert control_chart([*again, Batch(13, 240, "other")])[-1].predecessors == 1


def test_only_the_newest_predecessors_count() -> None:
    assert control_chart(alike(5, 100, MAX_PREDECESSORS + 5))[-1].predecessors == MAX_PREDECESSORS


def test_runs_of_millions_of_rows_are_compared() -> None:
    points = control_chart([*alike(500_000, 10_000_000, 3), Batch(510_000, 10_000_000, "new")])
    assert points[-1].is_worse
    assert points[-1].limit == pytest.approx(0.95, abs=0.001)
