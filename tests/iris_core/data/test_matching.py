"""Texts of a file that stand for those that a model knows."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.data.datasets import DataSet
from iris_core.data.matching import check_labels, match_texts, same_numbers
from iris_core.errors import DataError

TEXTS = st.lists(st.text("aAbB .1+", max_size=4), unique=True, max_size=6)


@pytest.mark.parametrize(
    ("value", "known", "expected"),
    [
        (" yes", ["yes", "no"], "yes"),
        (">50K.", [">50K", "<=50K"], ">50K"),
        (" >50K. ", [">50K", "<=50K"], ">50K"),
        ("TRUE", ["True", "False"], "True"),
        ("+1", ["1", "-1"], "1"),
        ("2.0", ["1", "2"], "2"),
        ("01", ["1", "2"], "1"),
    ],
)
def test_other_writing_of_a_known_text_is_that_text(
    value: str, known: list[str], expected: str
) -> None:
    assert match_texts([value], known) == {value: expected}


def test_text_that_may_be_two_known_ones_or_none_stays() -> None:
    assert match_texts(["YES", "x", "", "."], ["yes", "Yes", "no"]) == {}


@given(values=TEXTS, known=TEXTS)
def test_known_texts_never_change_and_matches_are_known(
    values: list[str], known: list[str]
) -> None:
    matches = match_texts(values, known)
    assert set(matches).isdisjoint(known)
    assert set(matches.values()) <= set(known)


def test_texts_of_the_same_number_are_the_shortest_of_them() -> None:
    assert same_numbers(["+1", "1", "1.0", "-1", "a", "2"]) == {"+1": "1", "1.0": "1"}


def test_labels_of_which_a_model_knows_none_are_named_with_the_nearest() -> None:
    frame = pd.DataFrame({"kind": pd.array(["setosas", "virginicas"], "str"), "x": [1.0, 2.0]})
    ds = DataSet("new", "kind", frame)
    with pytest.raises(DataError, match=r"'setosas' \(nearest: 'setosa'\)"):
        check_labels(ds, ("setosa", "virginica"))
    check_labels(ds, ("setosas", "other"))
