"""A sample has every class in its share, and is the same every time."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.data.datasets import DataSet
from iris_core.errors import OptionError
from iris_core.exploration.sampling import sample_rows
from tests.iris_core.samples import data_set


def of_classes(counts: list[int]) -> DataSet:
    labels = [f"class {number}" for number, count in enumerate(counts) for _ in range(count)]
    frame = pd.DataFrame({"kind": pd.Series(labels, dtype="str"), "n": range(len(labels))})
    return data_set(frame.sample(frac=1, random_state=1).reset_index(drop=True))


@given(st.lists(st.integers(1, 60), min_size=1, max_size=12), st.integers(1, 80), st.integers(0, 9))
def test_classes_have_their_share(counts: list[int], limit: int, seed: int) -> None:
    ds = of_classes(counts)
    sample = sample_rows(ds, limit, seed=seed)
    assert sample.total_rows == ds.rows
    assert len(sample.frame) == min(limit, ds.rows)
    assert sample.frame.equals(ds.frame.loc[sample.frame.index])
    assert sample.frame.index.is_monotonic_increasing
    assert sample.frame.index.is_unique
    drawn = Counter(sample.frame["kind"])
    if limit >= len(counts):
        assert len(drawn) == len(counts)
        # One row each first, the others by share.
        others = min(limit, ds.rows) - len(counts)
        for number, count in enumerate(counts):
            share = (count - 1) * others / max(1, ds.rows - len(counts))
            assert abs(drawn[f"class {number}"] - 1 - share) < 1
    assert sample_rows(ds, limit, seed=seed).frame.equals(sample.frame)


def test_another_seed_draws_other_rows() -> None:
    ds = of_classes([500, 500])
    drawn = [set(sample_rows(ds, 100, seed=seed).frame.index) for seed in (0, 1)]
    assert len(drawn[0] & drawn[1]) < 50


def test_draw_favours_no_rows() -> None:
    ds = of_classes([40])
    times = Counter(row for seed in range(400) for row in sample_rows(ds, 10, seed=seed).frame.n)
    assert len(times) == 40
    # 100 each are expected, with a standard deviation of 8.7.
    assert 60 < min(times.values()) <= max(times.values()) < 140


def test_limit_out_of_range_is_refused() -> None:
    with pytest.raises(OptionError, match="limit"):
        sample_rows(of_classes([3]), 0)
