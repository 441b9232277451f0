"""Drift is reported where there is some, denied where there is none, and else left open."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from iris_core.data.datasets import DataSet
from iris_core.errors import DataError
from iris_core.exploration.drift import MISSING, OTHERS, compare, critical_index, stability_index
from tests.iris_core.samples import data_set, flowers

counts = st.lists(st.integers(0, 50), min_size=3, max_size=3).filter(any)
numbers = st.lists(st.none() | st.floats(-100, 100).map(lambda x: round(x, 1)), min_size=1)


def column(values: object) -> DataSet:
    series = pd.Series(values)
    labels = pd.Series(["x"] * len(series), dtype="str")
    return data_set(pd.DataFrame({"label": labels, "v": series}))


def normal(rows: int, *, mean: float = 0.0, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(mean, 1, rows)


def test_index_equals_one_worked_out_by_hand() -> None:
    # (10 + 0.5) / 21 against (20 + 0.5) / 31, and the same of the rest.
    p, q = 10.5 / 21, 20.5 / 31
    expected = (q - p) * math.log(q / p) + (p - q) * math.log((1 - q) / (1 - p))
    index = stability_index(np.array([10, 10]), np.array([20, 10]))
    assert index == pytest.approx(expected)


@given(counts, counts)
def test_index_is_symmetric_and_zero_for_equals(one: list[int], other: list[int]) -> None:
    first, second = np.array(one), np.array(other)
    index = stability_index(first, second)
    assert index >= 0
    assert index == pytest.approx(stability_index(second, first))
    assert stability_index(first, first) == 0


@given(numbers, numbers)
def test_bins_of_numbers_hold_every_row_once(
    one: list[float | None], other: list[float | None]
) -> None:
    sides = [pd.Series(side, dtype="float64") for side in (one, other)]
    drift = compare(*(column(side) for side in sides)).columns[1]
    assert sum(drift.first) == pytest.approx(1)
    assert sum(drift.second) == pytest.approx(1)
    assert len(drift.bins) <= 12
    for name, *shares in zip(drift.bins, drift.first, drift.second, strict=True):
        for side, share in zip(sides, shares, strict=True):
            if name == MISSING:
                inside = side.isna()
            else:
                low, high = (float(end.replace("∞", "inf")) for end in name.strip("(])").split(","))
                inside = (side > low) & (side <= high)
            assert inside.mean() == pytest.approx(share)


def test_deciles_of_the_first_hold_a_tenth_each() -> None:
    drift = compare(column(normal(10_000)), column(normal(10_000, mean=1, seed=1))).columns[1]
    assert drift.first == pytest.approx([0.1] * 10)
    assert drift.level == "drifted"
    # Without bins the index of two normals one deviation apart is 1.
    assert 0.85 < drift.psi < 1.0


def test_same_data_is_stable() -> None:
    ds = flowers(900)
    comparison = compare(ds, ds)
    assert [entry.psi for entry in comparison.columns] == [0] * 5
    assert {entry.level for entry in comparison.columns} == {"stable"}


def test_moderate_drift_has_that_level() -> None:
    drift = compare(column(normal(20_000)), column(normal(20_000, mean=0.4, seed=1))).columns[1]
    assert drift.level == "moderate"


def test_few_rows_have_no_level_however_they_differ() -> None:
    drift = compare(column(normal(100)), column(normal(100, mean=5, seed=1))).columns[1]
    assert drift.level == "too few rows to say"
    assert drift.psi > 1


def test_two_sets_of_ten_bins_need_some_340_rows() -> None:
    assert critical_index(10, 335, 335) > 0.1 > critical_index(10, 345, 345)
    # Tables of chi-squared, 95%: 3.841, 5.991, 16.919, 43.773.
    for bins, quantile in ((2, 3.841), (3, 5.991), (10, 16.919), (31, 43.773)):
        tolerance = 0.03 if bins == 2 else 0.01
        assert critical_index(bins, 2, 2) == pytest.approx(quantile, rel=tolerance)


def test_without_drift_one_comparison_in_twenty_exceeds_chance() -> None:
    drifts = [
        compare(column(normal(800, seed=2 * k)), column(normal(800, seed=2 * k + 1))).columns[1]
        for k in range(300)
    ]
    assert {entry.level for entry in drifts} == {"stable"}
    # 15 are expected, with a standard deviation of 3.8.
    assert 4 <= sum(entry.psi > entry.critical_value for entry in drifts) <= 27


def test_values_of_a_code_are_bins_of_their_own() -> None:
    drift = compare(column([0] * 500 + [1] * 500), column([0] * 900 + [2] * 100)).columns[1]
    assert drift.first == pytest.approx([0.5, 0.5, 0])
    assert drift.second == pytest.approx([0.9, 0, 0.1])
    assert drift.bins == ("(-∞, 0]", "(0, 1]", "(1, ∞)")


def test_missing_values_are_a_bin_of_their_own() -> None:
    gaps = np.where(np.arange(1_000) % 2, np.nan, normal(1_000))
    drift = compare(column(normal(1_000)), column(gaps)).columns[1]
    assert (drift.bins[-1], drift.first[-1], drift.second[-1]) == (MISSING, 0, 0.5)
    assert drift.level == "drifted"


def test_column_that_was_empty_and_is_not_any_more_has_drifted() -> None:
    empty = pd.Series([None] * 1_000, dtype="float64")
    drift = compare(column(empty), column(normal(1_000))).columns[1]
    assert drift.bins == ("(-∞, ∞)", MISSING)
    assert drift.level == "drifted"


def test_new_categories_are_listed_and_rare_ones_counted_as_one() -> None:
    first = column(["red"] * 600 + ["blue"] * 400)
    second = column(["red"] * 500 + ["green"] * 400 + [f"c{number}" for number in range(100)])
    drift = compare(first, second).columns[1]
    assert drift.bins[:3] == ("red", "blue", "green")
    assert drift.bins[-1] == OTHERS
    assert drift.second[2] == 0.4
    assert drift.second[-1] == pytest.approx(0.073)
    assert drift.level == "drifted"


def test_columns_of_one_side_or_of_another_kind_are_listed() -> None:
    frame = flowers().frame
    codes = frame["soil"].astype("str")
    changed = data_set(frame.drop(columns="width").assign(soil=codes, height=1.0))
    drift = compare(flowers(), changed)
    assert [entry.name for entry in drift.columns] == ["species", "length", "colour"]
    assert (drift.only_first, drift.only_second) == (("width",), ("height",))
    assert drift.other_kind == ("soil",)


def test_data_without_rows_is_refused() -> None:
    empty = flowers().with_rows("empty", flowers().frame.iloc[:0])
    with pytest.raises(DataError, match="empty: expected rows to compare"):
        compare(flowers(), empty)
