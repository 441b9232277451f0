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
    found = profile(data_set(column_of(pd.Series(values, dtype="float64"))))[1]
    known = [value for value in values if value is not None]
    assert found.missing == len(values) - len(known)
    assert found.distinct == len(set(known))
    assert found.minimum == (min(known) if known else None)
    assert found.maximum == (max(known) if known else None)
    assert found.mean == (pytest.approx(np.mean(known), abs=1e-9) if known else None)


@given(words)
def test_profile_of_text_equals_brute_force(values: list[str | None]) -> None:
    found = profile(data_set(column_of(pd.Series(values, dtype="str"))))[1]
    known = [value for value in values if value is not None]
    assert (found.missing, found.distinct) == (len(values) - len(known), len(set(known)))
    assert dict(found.common) == {value: known.count(value) for value in known}
    assert [count for _, count in found.common] == sorted(
        (count for _, count in found.common), reverse=True
    )


def test_only_the_most_common_of_many_categories_are_named() -> None:
    names = [f"c{number}" for number in range(50) for _ in range(1 + (number == 40))]
    found = profile(data_set(column_of(pd.Series(names, dtype="str"))))[1]
    assert (found.distinct, len(found.common)) == (50, COMMON)
    assert found.common[:2] == (("c40", 2), ("c0", 1))


def test_no_digit_of_a_long_whole_number_is_lost() -> None:
    found = profile(data_set(column_of(pd.Series([2**62 + 1, 5]))))[1]
    assert (found.minimum, found.maximum) == (5, 2**62 + 1)
