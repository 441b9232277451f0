"""Rows are matched by column name and encoded as the model learned it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.data.csv_reading import read_csv
from iris_core.errors import SchemaError
from iris_core.model.encoding import bin_centres, encode, unfold
from iris_core.model.features import CategoricalFeature, NumericFeature
from iris_core.model.schema import Schema
from tests.iris_core.samples import data_set, flowers

SCHEMA = Schema(
    "kind",
    ("x", "y"),
    (
        NumericFeature("size", 3.0, 2.0, 1.0, 5.0),
        CategoricalFeature("soil", ("0", "1", "2")),
        NumericFeature("fixed", 7.0, 0.0, 7.0, 7.0),
    ),
)


def encoded(**columns: list[object]) -> list[list[float]]:
    matrix: list[list[float]] = encode(SCHEMA, pd.DataFrame(columns)).matrix.tolist()
    return matrix


def test_numbers_are_scaled_and_categories_marked() -> None:
    assert encoded(size=[5.0], soil=["1"], fixed=[7.0]) == [[1, 0, 0, 1, 0]]


def test_order_of_columns_does_not_matter_and_others_are_ignored() -> None:
    frame = pd.DataFrame({"more": [9], "fixed": [7.0], "kind": ["x"], "soil": ["1"], "size": [5.0]})
    assert encode(SCHEMA, frame).matrix.tolist() == [[1, 0, 0, 1, 0]]
    assert SCHEMA.ignored(frame) == ("more",)


def test_column_names_decide_even_if_all_columns_are_swapped() -> None:
    ds = flowers()
    schema = Schema.fit(ds)
    swapped = ds.frame[ds.frame.columns[::-1]]
    assert np.array_equal(encode(schema, swapped).matrix, encode(schema, ds.frame).matrix)


def test_missing_number_is_the_mean_and_missing_category_none() -> None:
    frame = pd.DataFrame({"size": [np.nan, 3.0], "soil": [None, "2"], "fixed": [np.nan, 7.0]})
    result = encode(SCHEMA, frame)
    assert result.matrix.tolist() == [[0, 0, 0, 0, 0], [0, 0, 0, 0, 1]]
    assert result.missing == {"size": 1, "soil": 1, "fixed": 1}
    assert result.unseen == {}


def test_category_never_seen_is_none_and_counted() -> None:
    result = encode(SCHEMA, pd.DataFrame({"size": [3, 3], "soil": ["9", "0"], "fixed": [7, 7]}))
    assert result.matrix.tolist() == [[0, 0, 0, 0, 0], [0, 0, 1, 0, 0]]
    assert result.unseen == {"soil": 1}


def test_constant_column_is_zero_even_if_it_varies_later() -> None:
    assert encoded(size=[3.0], soil=["0"], fixed=[99.0])[0][1] == 0


def test_codes_that_were_read_as_numbers_are_the_categories_they_mean() -> None:
    whole = encoded(size=[3, 3], soil=[0, 2], fixed=[7, 7])
    with_missing = encoded(size=[3, 3, 3], soil=[0.0, 2.0, np.nan], fixed=[7, 7, 7])
    assert [row[2:] for row in whole] == [[1, 0, 0], [0, 0, 1]]
    assert [row[2:] for row in with_missing] == [[1, 0, 0], [0, 0, 1], [0, 0, 0]]


def test_numbers_that_came_as_text_are_numbers() -> None:
    assert encoded(size=["5", None], soil=["1", "1"], fixed=["7", "7"])[0] == [1, 0, 0, 1, 0]


def test_text_where_the_model_learned_numbers_is_refused() -> None:
    ds = read_csv(b"kind,size,soil,fixed\nx,tall,1,7\ny,low,1,7\n")
    with pytest.raises(SchemaError, match=r"column 'size': expected numbers.*received 'tall'"):
        encode(SCHEMA, ds.frame)


def test_missing_columns_are_all_named() -> None:
    with pytest.raises(SchemaError, match=r"received none for 'size', 'fixed'\."):
        encode(SCHEMA, pd.DataFrame({"soil": ["1"]}))


def test_infinite_number_is_refused() -> None:
    with pytest.raises(SchemaError, match="column 'size': expected finite"):
        encoded(size=[float("inf")], soil=["1"], fixed=[7.0])


@given(st.lists(st.floats(allow_infinity=False), min_size=1, max_size=5))
def test_matrix_is_finite_whatever_the_numbers(sizes: list[float]) -> None:
    rows = len(sizes)
    frame = pd.DataFrame({"size": sizes, "soil": ["1"] * rows, "fixed": [7.0] * rows})
    assert np.isfinite(encode(SCHEMA, frame).matrix).all()


BINNED = Schema(
    "kind",
    ("x", "y"),
    (
        NumericFeature("size", 3.0, 2.0, 1.0, 5.0, (1.0, 3.0, 5.0), (0.75, 0.25), flagged=True),
        CategoricalFeature("soil", ("0", "1")),
        NumericFeature("fixed", 7.0, 0.0, 7.0, 7.0),
    ),
)


def test_bins_are_a_position_and_a_missing_number_is_flagged() -> None:
    frame = pd.DataFrame({"size": [4.0, np.nan], "soil": ["1", "0"], "fixed": [7.0, 7.0]})
    # size and fixed scaled, the position of size, its flag, two kinds of soil
    assert encode(BINNED, frame).matrix.tolist() == [[0.5, 0, 1.5, 0, 0, 1], [0, 0, 1, 1, 1, 0]]
    assert (BINNED.layout.encoded_width, BINNED.width) == (6, 7)


def test_position_unfolds_to_half_the_centred_share_of_each_bin() -> None:
    frame = pd.DataFrame({"size": [4.0, np.nan, 9.0], "soil": ["1"] * 3, "fixed": [7.0] * 3})
    matrix = encode(BINNED, frame).matrix
    inputs = unfold(BINNED.layout, matrix, bin_centres(BINNED)).numpy()
    assert inputs[:, 2:4].tolist() == [[0.125, 0.125], [0.125, -0.125], [0.125, 0.375]]
    assert np.array_equal(inputs[:, 4:], matrix[:, 3:])


def test_number_far_off_leaves_the_bins_of_the_others_apart() -> None:
    # GIVEN a number so large that all others are the same number of deviations from the mean
    sizes = np.append(np.arange(40.0), 1e20)
    frame = pd.DataFrame({"kind": pd.Series(["x", "y"] * 20 + ["x"], dtype="str"), "a": sizes})
    schema = Schema.fit(data_set(frame), bins=8)
    matrix = encode(schema, frame).matrix
    assert len(np.unique(matrix[:40, 0])) == 1
    # All but the last bin are as fine as without it.
    assert len(np.unique(matrix[:40, 1])) > 30
