"""A profile is exact, whatever the columns hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.exploration.profiling import COMMON, profile
from tests.iris_core.samples import data_set, flowers

numbers = st.lists(
    st.none() | st.integers(-3, 3).map(float) | st.floats(-1e6, 1e6), min_size=1, max_size=40
)
words = st.lists(st.none() | st.sampled_from(["red", "blue", "NA", " ", "é"]), min_size=1)


def column_of(values: pd.Series) -> pd.DataFrame:
    labels = pd.Series(["x"] * len(values), dtype="str")
    return pd.DataFrame({"label": labels, "column": values})


def test_every_column_is_profiled_in_order_and_by_kind() -> None:
    profiles = profile(flowers())
    assert [(column.name, column.kind) for column in profiles] == [
        ("species", "label"),
        ("length", "number"),
        ("width", "number"),
        ("soil", "number"),
        ("colour", "category"),
    ]
    assert profiles[0].common == (("setosa", 30), ("versicolor", 30), ("virginica", 30))
    assert (profiles[3].minimum, profiles[3].maximum, profiles[3].distinct) == (0, 2, 3)
    assert isinstance(profiles[3].minimum, int)


@given(numbers)
def test_profile_of_numbers_equals_brute_force(values: list[float | None]) -> None:
    column = profile(data_set(column_of(pd.Series(values, dtype="float64"))))[1]
    present = [value for value in values if value is not None]
    assert column.missing == len(values) - len(present)
    assert column.distinct == len(set(present))
    assert column.minimum == (min(present) if present else None)
    assert column.maximum == (max(present) if present else None)
    assert column.mean == (pytest.approx(np.mean(present), abs=1e-9) if present else None)


@given(words)
def test_profile_of_text_equals_brute_force(values: list[str | None]) -> None:
    column = profile(data_set(column_of(pd.Series(values, dtype="str"))))[1]
    present = [value for value in values if value is not None]
    assert (column.missing, column.distinct) == (len(values) - len(present), len(set(present)))
    assert dict(column.common) == {value: present.count(value) for value in present}
    assert [count for _, count in column.common] == sorted(
        (count for _, count in column.common), reverse=True
    )


def test_only_the_most_common_of_many_categories_are_named() -> None:
    names = [f"c{number}" for number in range(50) for _ in range(1 + (number == 40))]
    column = profile(data_set(column_of(pd.Series(names, dtype="str"))))[1]
    assert (column.distinct, len(column.common)) == (50, COMMON)
    assert column.common[:2] == (("c40", 2), ("c0", 1))


def test_no_digit_of_a_long_whole_number_is_lost() -> None:
    column = profile(data_set(column_of(pd.Series([2**62 + 1, 5]))))[1]
    assert (column.minimum, column.maximum) == (5, 2**62 + 1)
