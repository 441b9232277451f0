"""The frequencies of a record's categories, in two classes."""

from __future__ import annotations

from app.ui.figures.evidence import MOST, category_shares
from iris_core.exploration.class_statistics import CategoryShare


def test_shares_stand_with_their_counts_and_in_words() -> None:
    picture = category_shares(
        {
            "<yes>": [CategoryShare("plan", "basic", 3, 4), CategoryShare("region", "north", 1, 4)],
            "no": [CategoryShare("plan", "basic", 1, 4), CategoryShare("region", "north", 0, 0)],
        }
    )
    first, second = picture.figure.data
    # The column that differs most is on top, which plotly draws last.
    assert list(first.y) == ["region = north", "plan = basic"]
    assert list(first.text) == ["1 of 4", "3 of 4"]
    assert list(second.x) == [0.0, 0.25]
    assert first.name == "&lt;yes>"
    assert "<yes>: plan = basic 75.0 %, region = north 25.0 %" in picture.alt
    assert picture.table is not None
    assert picture.table["rows with it"].tolist() == [3, 1, 1, 0]


def test_of_many_columns_those_are_drawn_that_differ_most() -> None:
    many = range(MOST + 5)
    picture = category_shares(
        {
            "a": [CategoryShare(f"c{number}", "x", number, 100) for number in many],
            "b": [CategoryShare(f"c{number}", "x", 0, 100) for number in many],
        }
    )
    assert list(picture.figure.data[0].y)[-1] == f"c{MOST + 4} = x"
    assert len(picture.figure.data[0].y) == MOST
    assert picture.table is not None
    assert len(picture.table) == 2 * (MOST + 5)
