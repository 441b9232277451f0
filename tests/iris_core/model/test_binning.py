"""A number is encoded by how far it lies into each bin of its column."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from iris_core.model.binning import (
    MAX_BIN_INPUTS,
    bin_edges,
    bin_means,
    bin_positions,
    bins_a_column,
)

COLUMNS = arrays(np.float64, st.integers(1, 60), elements=st.floats(-1e300, 1e300))


def test_edges_lie_at_the_quantiles() -> None:
    assert bin_edges(np.arange(101.0), 4) == (0, 25, 50, 75, 100)


def test_column_of_few_distinct_values_has_an_edge_at_each() -> None:
    assert bin_edges(np.array([1.0] * 50 + [2.0, 5.0]), 16) == (1, 2, 5)


def test_value_that_comes_often_leaves_its_bins_to_the_others() -> None:
    # GIVEN zeros in nine of ten rows, so that all quantiles but the last two are 0
    values = np.concatenate([np.zeros(900), np.arange(1.0, 101)])
    edges = bin_edges(values, 8)
    assert len(edges) == 9
    assert edges[0] == 0
    assert edges[-1] == 100


@pytest.mark.parametrize("values", [[], [3.0], [3.0] * 9])
def test_constant_column_has_no_bins(values: list[float]) -> None:
    assert bin_edges(np.array(values), 8) == ()


@given(COLUMNS, st.integers(2, 20))
def test_edges_ascend_and_are_within_the_column(values: np.ndarray, bins: int) -> None:
    edges = bin_edges(values, bins)
    assert len(edges) <= bins + 1
    assert all(start < end for start, end in pairwise(edges))
    if edges:
        assert values.min() <= edges[0]
        assert edges[-1] <= values.max()


@given(COLUMNS, st.integers(2, 20))
def test_positions_keep_the_order_and_the_means_are_shares(values: np.ndarray, bins: int) -> None:
    edges = bin_edges(values, bins)
    if len(edges) < 2:
        return
    positions = bin_positions(np.sort(values), edges)
    assert np.isfinite(positions).all()
    assert (np.diff(positions) >= 0).all()
    assert positions.min() >= 0
    assert positions.max() <= len(edges) - 1
    means = bin_means(values, edges)
    assert len(means) == len(edges) - 1
    assert all(0 <= mean <= 1 for mean in means)


def test_position_is_the_bin_and_the_share_of_it() -> None:
    values = np.array([-5, 10, 15, 20, 27.5, 40, 99])
    expected = [0, 0, 0.5, 1, 1.375, 2, 2]
    assert bin_positions(values, (10, 20, 40)).tolist() == expected


def test_mean_of_each_bin_is_that_of_its_shares() -> None:
    # 0 fills neither bin, 5 half of the first, 30 the first and all of the second
    assert bin_means(np.array([0.0, 5, 30]), (0, 10, 30)) == pytest.approx((0.5, 1 / 3))


@pytest.mark.parametrize(
    ("columns", "each"), [(0, 0), (1, 16), (64, 16), (100, 10), (1_000, 2), (1_025, 0)]
)
def test_many_columns_share_the_inputs(columns: int, each: int) -> None:
    assert bins_a_column(16, columns) == each
    assert each * columns <= 2 * MAX_BIN_INPUTS
    assert bins_a_column(0, columns) == 0
