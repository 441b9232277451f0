"""A row is put beside the rows that are most like it, and where they differ is marked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.label_errors.nearest_rows import MOST, ReferenceRows, subject_of
from iris_core.model.schema import Schema
from tests.iris_core.samples import data_set, flowers


def sample() -> pd.DataFrame:
    """Numbers of mean 3 and standard deviation 2, and a category."""
    return pd.DataFrame(
        {
            "kind": pd.Series(["a", "a", "b", "b"], dtype="str"),
            "size": [1.0, 1.0, 5.0, 5.0],
            "colour": pd.Series(["red", "blue", "red", None], dtype="str"),
        }
    )


def test_marks_say_in_what_a_row_differs() -> None:
    ds = data_set(sample())
    schema = Schema.fit(ds)
    rows = ReferenceRows.of(ds, schema)
    beside = rows.beside(subject_of(ds, 0, schema), [1, 2, 3])
    assert [near.marks for near in beside] == [
        {"colour": "other"},
        {"size": "above"},
        {"size": "above", "colour": "other"},
    ]
    assert [near.label for near in beside] == ["a", "b", "b"]
    assert beside[2].values == {"size": 5.0, "colour": None}
    # Two deviations apart; another category is two inputs of 1 apart, a missing one but one.
    assert [near.distance for near in beside] == pytest.approx([2**0.5, 2.0, 5**0.5])
    (below,) = rows.beside(subject_of(ds, 2, schema), [0])
    assert below.marks == {"size": "below"}


@given(st.integers(0, 60), st.integers(0, 20))
def test_nearest_are_those_of_a_search_by_hand(row: int, seed: int) -> None:
    ds = flowers(61, seed=seed)
    schema = Schema.fit(ds)
    rows = ReferenceRows.of(ds, schema)
    distances = np.linalg.norm(rows.matrix - rows.matrix[row], axis=1)
    distances[ds.fingerprints == ds.fingerprints[row]] = np.inf
    found = rows.nearest(subject_of(ds, row, schema))
    assert len(found) == MOST
    assert distances[found].tolist() == pytest.approx(np.sort(distances)[:MOST].tolist())


def test_row_and_its_copies_are_not_beside_it() -> None:
    ds = data_set(pd.concat([sample()] * 2, ignore_index=True))
    schema = Schema.fit(ds)
    assert set(ReferenceRows.of(ds, schema).nearest(subject_of(ds, 0, schema))) == {1, 2, 3, 5, 6}
    # AND of few rows there are but few
    few = data_set(sample().iloc[:3])
    near = ReferenceRows.of(few, Schema.fit(few)).nearest(subject_of(few, 0, Schema.fit(few)))
    assert sorted(near) == [1, 2]


def test_columns_may_stand_in_another_order_than_in_training() -> None:
    frame = flowers().frame
    schema = Schema.fit(data_set(frame))
    turned = data_set(frame[["species", "width", "colour", "length", "soil"]])
    frame = turned.frame.copy()
    frame.loc[1, "length"] = 100.0
    other = data_set(frame)
    (near,) = ReferenceRows.of(other, schema).beside(subject_of(turned, 1, schema), [1])
    assert near.marks == {"length": "above"}
