"""A review ends by its last twenty rows; suggestions are accepted by a sample of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.label_errors.stopping import acceptance, review_yield, sample_to_review
from iris_core.records.interval import wilson_interval


@pytest.mark.parametrize(
    ("found", "enough"),
    [
        ([], False),
        ([False] * 19, False),
        ([False] * 20, True),
        ([False] * 19 + [True], True),
        ([False] * 18 + [True] * 2, False),
        ([True] * 30 + [False] * 18, False),
        ([True] * 30 + [False] * 19, True),
        ([True] * 30 + [False] * 20, True),
    ],
)
def test_review_is_enough_when_of_the_last_twenty_one_was_wrong(
    found: list[bool], enough: bool
) -> None:
    assert review_yield(found).enough is enough


@given(st.lists(st.booleans(), max_size=60))
def test_only_the_last_twenty_count(found: list[bool]) -> None:
    last = review_yield(found)
    assert last == review_yield([True, *found][-20:]) if len(found) >= 20 else True
    assert last.reviewed == min(20, len(found))
    assert last.wrong == sum(found[-20:])
    assert last.interval == wilson_interval(last.wrong, last.reviewed)


@pytest.mark.parametrize(
    ("right", "wrong", "left", "acceptable"),
    [
        (0, 0, 0, False),
        (0, 0, 5, False),
        (3, 0, 5, False),  # too few looked at
        (3, 0, 0, True),  # all that there are
        (8, 2, 100, True),
        (7, 3, 100, False),
        (9, 0, 1, False),
        (10, 0, 1, True),
    ],
)
def test_suggestions_are_accepted_when_four_in_five_of_a_sample_are_right(
    right: int, wrong: int, left: int, acceptable: bool
) -> None:
    found = acceptance([True] * right + [False] * wrong, left=left)
    assert (found.reviewed, found.right) == (right + wrong, right)
    assert found.acceptable is acceptable
    assert found.interval == wilson_interval(right, right + wrong)


@given(st.integers(0, 50), st.integers(0, 60), st.integers(0, 9))
def test_sample_is_some_of_the_rows_in_their_order(rows: int, size: int, seed: int) -> None:
    every = [3 * row for row in range(rows)]
    chosen = sample_to_review(every, size=size, seed=seed)
    assert chosen == sorted(set(chosen))
    assert len(chosen) == min(size, rows)
    assert set(chosen) <= set(every)
    assert sample_to_review(every, size=size, seed=seed) == chosen
