"""Two models on the same rows are compared as the books say."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.errors import DataError, OptionError
from iris_core.evaluation.paired import (
    LEVEL,
    compare_paired,
    mcnemar_p_value,
    probability_better,
    rows_to_detect,
)

counts = st.integers(0, 60)


def tail(trials: int, most: int) -> float:
    """The binomial tail in exact whole numbers."""
    ways = sum(comb(trials, successes) for successes in range(most + 1))
    return ways / float(2**trials)


@pytest.mark.parametrize(
    ("fixed", "broken", "p_value"),
    [
        (0, 0, 1.0),
        (1, 0, 1.0),
        (5, 0, 0.0625),
        (6, 0, 0.03125),
        # Twice 1, 11 and 55 of 2,048 ways.
        (9, 2, 134 / 2048),
        (2, 9, 134 / 2048),
        # Agresti, "Categorical data analysis", 2nd edition, 10.1: 86 and 150 that changed.
        (150, 86, 3.716e-05),
    ],
)
def test_p_value_is_that_of_the_binomial_test(fixed: int, broken: int, p_value: float) -> None:
    assert mcnemar_p_value(fixed, broken) == pytest.approx(p_value, rel=1e-3)


@given(counts, counts)
def test_both_agree_with_exact_arithmetic(fixed: int, broken: int) -> None:
    both = fixed + broken
    assert mcnemar_p_value(fixed, broken) == pytest.approx(
        min(1.0, 2 * tail(both, min(fixed, broken)))
    )
    assert probability_better(fixed, broken) == pytest.approx(tail(both + 1, fixed))


@given(counts, counts)
def test_the_two_sides_mirror_each_other(fixed: int, broken: int) -> None:
    assert mcnemar_p_value(fixed, broken) == pytest.approx(mcnemar_p_value(broken, fixed))
    other = probability_better(broken, fixed)
    assert probability_better(fixed, broken) + other == pytest.approx(1)


def test_probability_is_that_of_the_beta_posterior() -> None:
    # By numerical integration of Beta(10, 3) above one half.
    shares = (np.arange(200_000) + 0.5) / 200_000
    density = shares**9 * (1 - shares) ** 2
    expected = density[shares > 0.5].sum() / density.sum()
    assert probability_better(9, 2) == pytest.approx(expected, abs=1e-6)


def test_many_rows_are_compared_without_overflow() -> None:
    assert mcnemar_p_value(500_000, 500_000) == pytest.approx(1.0)
    assert mcnemar_p_value(510_000, 490_000) < 1e-80
    assert 0 <= probability_better(490_000, 510_000) < 1e-80


def test_comparison_counts_what_the_second_fixes_and_breaks() -> None:
    first = np.array([True, True, False, False, False, True])
    second = np.array([True, False, True, True, False, True])
    result = compare_paired(first, second)
    assert (result.rows, result.fixed, result.broken) == (6, 2, 1)
    assert result.gain == pytest.approx(1 / 6)
    assert not result.is_significant


def test_nothing_to_compare_is_no_difference() -> None:
    empty = np.zeros(0, dtype=np.bool_)
    result = compare_paired(empty, empty)
    assert (result.gain, result.p_value, result.probability_better) == (0.0, 1.0, 0.5)


def test_different_rows_are_refused() -> None:
    with pytest.raises(DataError, match="the same rows"):
        compare_paired(np.ones(3, dtype=np.bool_), np.ones(4, dtype=np.bool_))


@pytest.mark.parametrize(("gain", "rows"), [(0.01, 2_500), (0.02, 845), (0.05, 228)])
def test_rows_to_detect_are_about_those_of_exact_enumeration(gain: float, rows: int) -> None:
    # Enumerated for one row in a hundred that breaks, and a power of 80 %.
    assert rows_to_detect(gain, broken_share=0.01) == pytest.approx(rows, rel=0.1)


def test_gain_is_found_in_four_of_five_comparisons_of_so_many_rows() -> None:
    rows = rows_to_detect(0.05, broken_share=0.01)
    generator = np.random.default_rng(0)
    kinds = generator.multinomial(rows, [0.06, 0.01, 0.93], size=4_000)
    found = np.mean([mcnemar_p_value(int(f), int(b)) <= LEVEL for f, b, _ in kinds])
    assert 0.75 < found < 0.86


@pytest.mark.parametrize("gain", [0, -0.1, 1.1, float("nan")])
def test_gain_out_of_range_is_refused(gain: float) -> None:
    with pytest.raises(OptionError, match="gain"):
        rows_to_detect(gain, broken_share=0.01)
