"""Rows whose values training did not have are found by position."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from iris_core.exploration.unfamiliar_rows import unfamiliar_columns


def test_values_out_of_range_and_new_categories_are_named_and_missing_ones_are_not() -> None:
    frame = pd.DataFrame(
        {
            "a": [1.0, 2.0, 2.1, np.nan, 0.9],
            "b": pd.Series(["x", "new", None, "y", "x"], dtype="str"),
            "c": pd.Series(["1", "2", "3", "4", "5"], dtype="str"),
        }
    )
    found = unfamiliar_columns(
        frame, ranges={"a": (1.0, 2.0), "c": (0.0, 1.0), "gone": (0.0, 1.0)}, categories={"b": "xy"}
    )
    assert [(entry.name, entry.expected, entry.rows.tolist()) for entry in found] == [
        ("a", "1 to 2", [2, 4]),
        ("b", "x, y", [1]),
    ]


def test_of_many_categories_some_are_listed() -> None:
    frame = pd.DataFrame({"b": pd.Series(["z"], dtype="str")})
    (found,) = unfamiliar_columns(frame, ranges={}, categories={"b": list("gfedcba")})
    assert found.expected == "a, b, c, d, e and 2 others"


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30),
    st.floats(-10, 10),
    st.floats(-10, 10),
)
def test_rows_are_exactly_those_out_of_the_range(
    values: list[float], one: float, other: float
) -> None:
    low, high = sorted((one, other))
    found = unfamiliar_columns(
        pd.DataFrame({"a": values}), ranges={"a": (low, high)}, categories={}
    )
    rows = found[0].rows.tolist() if found else []
    assert rows == [place for place, value in enumerate(values) if not low <= value <= high]
