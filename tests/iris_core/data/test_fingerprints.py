"""A row is known by its feature values: not by its label, its place or the order of columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import as_letters, fingerprints, is_among, union
from iris_core.errors import SchemaError
from iris_core.model.schema import Schema

LABELS = ["a", "b", "a", "b"]
NUMBERS = [5.0, 0.0, np.nan, 1e-30]
TEXTS = ["red", "blue", None, "red"]

numbers = st.floats(-1e30, 1e30, width=64) | st.just(float("nan"))
texts = st.none() | st.text(max_size=3)
rows = st.lists(st.tuples(numbers, texts), min_size=1, max_size=30)


def dataset(
    labels: list[str] = LABELS, lengths: list[float] = NUMBERS, colours: list[str | None] = TEXTS
) -> DataSet:
    frame = pd.DataFrame(
        {
            "species": pd.Series(labels, dtype="str"),
            "length": pd.Series(lengths, dtype="float64"),
            "colour": pd.Series(colours, dtype="str"),
        }
    )
    return DataSet("flowers", "species", frame)


def of(lengths: list[float], colours: list[str | None]) -> list[str]:
    frame = pd.DataFrame(
        {"length": pd.Series(lengths, dtype="float64"), "colour": pd.Series(colours, dtype="str")}
    )
    return as_letters(fingerprints(frame, numeric=["length"], categorical=["colour"]))


PINNED = ["mwlnrnmqpllopmzm", "mlsrqoqlwtzoxulp", "wnrlwxsxwruquvsv", "nxmxolsoksxrsklr"]


def test_they_are_what_earlier_versions_stored() -> None:
    assert as_letters(dataset().fingerprints) == PINNED


def test_the_label_does_not_count() -> None:
    relabelled = dataset(labels=["b", "a", "b", "c"])
    assert (relabelled.fingerprints == dataset().fingerprints).all()


def test_neither_does_the_order_of_columns() -> None:
    ds = dataset()
    turned = DataSet(ds.name, ds.label, ds.frame[["species", "colour", "length"]])
    assert (turned.fingerprints == ds.fingerprints).all()


def test_the_columns_names_count() -> None:
    frame = pd.DataFrame({"length": [1.0, 2.0], "width": [2.0, 1.0]})
    first, second = fingerprints(frame, numeric=["length", "width"], categorical=[])
    assert first != second


@given(rows, st.randoms(use_true_random=False))
def test_a_row_keeps_its_fingerprint_wherever_it_stands(
    content: list[tuple[float, str | None]], chance: object
) -> None:
    order = list(range(len(content)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    before = of(*map(list, zip(*content, strict=True)))
    after = of(*map(list, zip(*(content[row] for row in order), strict=True)))
    assert after == [before[row] for row in order]


@given(rows)
def test_different_rows_differ_and_equal_rows_do_not(
    content: list[tuple[float, str | None]],
) -> None:
    known_by = of(*map(list, zip(*content, strict=True)))
    values = [
        (None if length != length else length + 0.0, colour or None) for length, colour in content
    ]
    # An empty text is one like any other here; in a data set it is missing.
    values = [(pair[0], content[row][1]) for row, pair in enumerate(values)]
    assert len(set(known_by)) == len(set(values))


def test_numbers_count_by_value() -> None:
    whole = pd.DataFrame({"length": pd.Series([5, 0], dtype="int64")})
    decimal = pd.DataFrame({"length": [5.0, -0.0]})
    text = pd.DataFrame({"length": pd.Series(["5", "0.0"], dtype="str")})
    known_by = [
        as_letters(fingerprints(frame, numeric=["length"], categorical=[]))
        for frame in (whole, decimal, text)
    ]
    assert known_by[0] == known_by[1] == known_by[2]


def test_a_code_counts_by_its_text() -> None:
    number = pd.DataFrame({"zone": [2.0, np.nan]})
    text = pd.DataFrame({"zone": pd.Series(["2", None], dtype="str")})
    known_by = [
        as_letters(fingerprints(frame, numeric=[], categorical=["zone"]))
        for frame in (number, text)
    ]
    assert known_by[0] == known_by[1]


def test_every_missing_number_is_the_same() -> None:
    other_bits = np.array([0x7FF8000000000001], dtype=np.uint64).view(np.float64)[0]
    assert len(set(of([np.nan, other_bits], ["red", "red"]))) == 1


def test_a_model_knows_rows_as_their_data_set_does() -> None:
    ds = dataset(lengths=[1.0, 2.0, 3.0, 4.0], colours=["red", "blue", "red", "blue"])
    extra = ds.frame.assign(weight=1.0)
    assert (Schema.fit(ds).fingerprints(extra) == ds.fingerprints).all()


def test_text_among_numbers_is_named() -> None:
    frame = pd.DataFrame({"length": pd.Series(["long"], dtype="str")})
    with pytest.raises(SchemaError, match="'length': expected numbers"):
        fingerprints(frame, numeric=["length"], categorical=[])


@given(st.lists(st.integers(0, 2**64 - 1), unique=True))
def test_letters_distinguish_fingerprints_and_are_no_numbers(values: list[int]) -> None:
    letters = as_letters(np.array(values, dtype=np.uint64))
    assert len(set(letters)) == len(values)
    assert all(len(text) == 16 and text.isalpha() for text in letters)


SETS = st.sets(st.integers(0, 2**64 - 1) | st.integers(0, 9), max_size=12)


@given(SETS, SETS)
def test_ascending_fingerprints_are_looked_up_and_joined(one: set[int], other: set[int]) -> None:
    first, second = (np.array(sorted(rows), dtype=np.uint64) for rows in (one, other))
    assert is_among(first, second).tolist() == [row in other for row in sorted(one)]
    assert union(first, second).tolist() == sorted(one | other)
