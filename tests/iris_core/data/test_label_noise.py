"""Label noise changes exactly as many labels as asked for, and reports which."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.data.label_noise import add_label_noise
from iris_core.errors import DataError, OptionError
from tests.iris_core.samples import data_set, flowers


@given(st.integers(0, 30), st.integers(0, 2**32 - 1))
def test_exactly_the_reported_rows_get_another_label_of_the_data(rows: int, seed: int) -> None:
    ds = flowers(30)
    noisy, changed = add_label_noise(ds, rows=rows, seed=seed)
    differs = noisy.frame["species"] != ds.frame["species"]
    assert tuple(differs[differs].index) == changed
    assert len(changed) == rows
    assert set(noisy.frame["species"]) <= set(ds.classes)


def test_nothing_but_labels_changes() -> None:
    ds = flowers(30)
    before = ds.frame.copy(deep=True)
    noisy, _ = add_label_noise(ds, rows=10, seed=3)
    pd.testing.assert_frame_equal(noisy.frame.iloc[:, 1:], ds.frame.iloc[:, 1:])
    pd.testing.assert_frame_equal(ds.frame, before)


def test_every_other_class_comes_up() -> None:
    ds = flowers(90)
    noisy, _ = add_label_noise(ds, rows=90, seed=0)
    assert len(set(zip(ds.frame["species"], noisy.frame["species"], strict=True))) == 6


def test_same_seed_changes_the_same_rows() -> None:
    assert (
        add_label_noise(flowers(), rows=9, seed=5)[1]
        == add_label_noise(flowers(), rows=9, seed=5)[1]
    )
    assert (
        add_label_noise(flowers(), rows=9, seed=5)[1]
        != add_label_noise(flowers(), rows=9, seed=6)[1]
    )


@pytest.mark.parametrize("rows", [-1, 91])
def test_more_rows_than_there_are_is_refused(rows: int) -> None:
    with pytest.raises(OptionError, match="rows: expected a whole number from 0 to 90"):
        add_label_noise(flowers(90), rows=rows, seed=0)


def test_label_noise_needs_two_classes() -> None:
    ds = data_set(pd.DataFrame({"kind": ["x", "x"], "a": [1, 2]}))
    with pytest.raises(DataError, match="two classes"):
        add_label_noise(ds, rows=1, seed=0)
