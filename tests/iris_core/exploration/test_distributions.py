"""Bins and categories hold every row once, in the class that it is of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.data.datasets import DataSet
from iris_core.errors import DataError, OptionError
from iris_core.exploration.distributions import category_counts, common_classes, histogram
from tests.iris_core.samples import data_set, flowers

rows = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "d"]),
        st.none() | st.floats(-1e9, 1e9) | st.integers(-20, 20).map(float),
        st.none() | st.sampled_from(["red", "blue", "green", "NA"]),
    ),
    min_size=1,
    max_size=60,
)


def table(values: list[tuple[str, float | None, str | None]]) -> DataSet:
    labels, numbers, words = zip(*values, strict=True)
    return data_set(
        pd.DataFrame(
            {
                "label": pd.Series(labels, dtype="str"),
                "number": pd.Series(numbers, dtype="float64"),
                "word": pd.Series(words, dtype="str"),
            }
        )
    )


@given(rows, st.integers(1, 40), st.integers(0, 5))
def test_histogram_equals_that_of_numpy(
    values: list[tuple[str, float | None, str | None]], bins: int, classes: int
) -> None:
    ds = table(values)
    result = histogram(ds, "number", bins=bins, classes=classes)
    present = [(label, number) for label, number, _ in values if number is not None]
    assert result.missing == len(values) - len(present)
    assert np.all(np.diff(result.edges) > 0)
    assert len(result.edges) <= bins + 1
    assert result.counts.shape == (len(result.classes) + 1, len(result.edges) - 1)
    assert result.other_classes == len(ds.classes) - len(result.classes)
    for index, name in enumerate([*result.classes, None]):
        of_class = [
            number
            for label, number in present
            if (label == name if name else label not in result.classes)
        ]
        expected, _ = np.histogram(of_class, result.edges)
        assert result.counts[index].tolist() == expected.tolist()


def test_few_whole_numbers_have_a_bin_each() -> None:
    ds = data_set(pd.DataFrame({"kind": ["x", "y", "x", "x"], "soil": [3, 5, 3, 4]}))
    result = histogram(ds, "soil")
    assert result.edges.tolist() == [2.5, 3.5, 4.5, 5.5]
    assert result.counts.tolist() == [[2, 1, 0], [0, 0, 1], [0, 0, 0]]


@pytest.mark.parametrize("value", [0.25, -1e30, 2.0**60, 7.0])
def test_constant_is_one_bin(value: float) -> None:
    ds = data_set(pd.DataFrame({"kind": ["x", "y"], "a": [value, value]}))
    result = histogram(ds, "a")
    assert result.counts.sum(axis=0).tolist() == [2]
    assert result.edges[0] < value < result.edges[1]


def test_numbers_that_a_float_hardly_distinguishes_have_fewer_bins() -> None:
    ds = data_set(pd.DataFrame({"kind": ["x", "y"], "a": [2**60, 2**60 + 512]}))
    result = histogram(ds, "a")
    assert result.counts.sum() == 2
    assert len(result.edges) < 5


def test_column_without_a_number_is_all_missing() -> None:
    ds = data_set(pd.DataFrame({"kind": ["x", "y"], "a": [np.nan, np.nan]}))
    assert (histogram(ds, "a").missing, histogram(ds, "a").counts.sum()) == (2, 0)


@given(rows, st.integers(0, 5), st.integers(0, 5))
def test_category_counts_equal_brute_force(
    values: list[tuple[str, float | None, str | None]], categories: int, classes: int
) -> None:
    result = category_counts(table(values), "word", categories=categories, classes=classes)
    for row, name in enumerate([*result.classes, None]):
        for column, category in enumerate([*result.categories, None]):
            assert result.counts[row, column] == sum(
                word is not None
                and (label == name if name else label not in result.classes)
                and (word == category if category else word not in result.categories)
                for label, _, word in values
            )
    totals = result.counts[:, :-1].sum(axis=0).tolist()
    assert totals == sorted(totals, reverse=True)
    assert result.missing == sum(word is None for _, _, word in values)
    assert len(result.categories) + result.other_categories == len(
        {word for _, _, word in values if word is not None}
    )


def test_label_is_counted_like_any_text() -> None:
    result = category_counts(flowers(), "species")
    assert result.counts[:3, :3].tolist() == np.diag([30, 30, 30]).tolist()


def test_most_common_classes_are_counted_separately_in_their_own_order() -> None:
    ds = data_set(pd.DataFrame({"kind": ["c", "c", "a", "b", "b", "b"], "n": range(6)}))
    names, places = common_classes(ds, 2)
    assert names == ("b", "c")
    assert places.tolist() == [1, 1, 2, 0, 0, 0]


def test_as_many_classes_as_rows_are_counted_as_one() -> None:
    names = pd.Series([f"row {number}" for number in range(5_000)], dtype="str")
    ds = data_set(pd.DataFrame({"id": names, "n": np.arange(5_000)}))
    assert histogram(ds, "n").counts.shape == (13, 30)
    assert category_counts(ds, "id").counts.shape == (13, 31)


def test_wrong_column_or_bins_are_refused_in_words() -> None:
    with pytest.raises(DataError, match="expected numbers, received text"):
        histogram(flowers(), "colour")
    with pytest.raises(DataError, match="expected text, received numbers"):
        category_counts(flowers(), "soil")
    with pytest.raises(DataError, match="expected one of its 5 columns, received 'height'"):
        histogram(flowers(), "height")
    with pytest.raises(OptionError, match="bins: expected a whole number from 1 to"):
        histogram(flowers(), "length", bins=0)
