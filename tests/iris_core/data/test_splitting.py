"""A split gives each side its share of every class."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.data.splitting import split
from iris_core.errors import OptionError
from tests.iris_core.samples import data_set, flowers

labels = st.lists(st.sampled_from("abcd"), min_size=1, max_size=60)
shares = st.floats(0.01, 0.99)


@given(labels, shares, st.integers(0, 2**32 - 1))
def test_every_row_lands_on_one_side_in_its_old_order(
    kinds: list[str], share: float, seed: int
) -> None:
    ds = data_set(pd.DataFrame({"kind": pd.Series(kinds, dtype="str"), "row": range(len(kinds))}))
    train, test = split(ds, test_share=share, seed=seed)
    sides = [side.frame["row"].tolist() for side in (train, test)]
    assert sorted(sides[0] + sides[1]) == list(range(len(kinds)))
    assert sides == [sorted(side) for side in sides]
    for row, kind in pd.concat([train.frame, test.frame])[["row", "kind"]].to_numpy():
        assert kinds[row] == kind


@given(labels, shares, st.integers(0, 2**32 - 1))
def test_every_class_of_two_rows_is_on_both_sides_in_proportion(
    kinds: list[str], share: float, seed: int
) -> None:
    ds = data_set(pd.DataFrame({"kind": pd.Series(kinds, dtype="str"), "row": range(len(kinds))}))
    _, test = split(ds, test_share=share, seed=seed)
    in_test = Counter(test.frame["kind"])
    for kind, total in Counter(kinds).items():
        if total == 1:
            assert in_test[kind] == 0
        else:
            assert 1 <= in_test[kind] <= total - 1
            assert abs(in_test[kind] - share * total) <= 1


def test_same_seed_gives_the_same_split_and_another_gives_another() -> None:
    ds = flowers()
    assert split(ds, seed=1)[1].id == split(ds, seed=1)[1].id
    assert split(ds, seed=1)[1].id != split(ds, seed=2)[1].id


def test_default_share_is_a_fifth_of_each_class() -> None:
    train, test = split(flowers(90))
    assert (train.rows, test.rows) == (72, 18)
    assert set(Counter(test.frame["species"]).values()) == {6}


@pytest.mark.parametrize("share", [0, 1, -0.1, float("nan"), True, "0.2"])
def test_share_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(OptionError, match=r"test_share: expected a number from 0.01 to 0.99"):
        split(flowers(), test_share=share)


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, True])
def test_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(OptionError, match="seed: expected a whole number"):
        split(flowers(), seed=seed)
