"""Agreement of two reviewers, against published values."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.evaluation.agreement import agreement

COHEN = ((88, 10, 2), (14, 40, 6), (18, 10, 12))
"""Cohen 1960: 200 records, kappa .492."""
FLEISS = ((75, 1, 4), (5, 4, 1), (0, 0, 10))
"""Fleiss, "Statistical Methods for Rates and Proportions", 1981: kappa .68, error .087."""
answers = st.sampled_from("abc")


def pairs_of(table: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Return the answers of which a table has the counts."""
    return [
        (one, other)
        for one, row in enumerate(table)
        for other, count in enumerate(row)
        for _ in range(count)
    ]


def test_kappa_is_that_of_cohen() -> None:
    found = agreement(pairs_of(COHEN))
    assert (found.records, found.agreed, found.share) == (200, 140, 0.7)
    assert found.kappa == pytest.approx(0.492, abs=5e-4)


def test_interval_is_that_of_fleiss() -> None:
    found = agreement(pairs_of(FLEISS))
    assert found.kappa == pytest.approx(0.68, abs=5e-3)
    assert found.interval is not None
    # 0.676 plus or minus 1.96 x 0.087
    assert found.interval.low == pytest.approx(0.505, abs=2e-3)
    assert found.interval.high == pytest.approx(0.848, abs=2e-3)


def test_interval_of_two_answers_by_hand() -> None:
    # po .7, pe .5, so kappa .4
    found = agreement(pairs_of(((20, 5), (10, 15))))
    assert found.kappa == pytest.approx(0.4)
    assert found.interval is not None
    half = (found.interval.high - found.interval.low) / 2
    # Rows .5 and .5, columns .6 and .4: A = .4 x .34^2 + .3 x .46^2 = .10972,
    # B = .36 x (.1 x 1.1^2 + .2 x .9^2) = .10188, C = .1^2 = .01
    assert half == pytest.approx(1.959964 * (0.2016 / 50) ** 0.5 / 0.5)


@pytest.mark.parametrize(("records", "is_given"), [(17, False), (18, True)])
def test_too_few_records_have_no_kappa(records: int, is_given: bool) -> None:
    # GIVEN three answers, for which 2 x 3^2 records are needed
    found = agreement([("abc"[row % 3], "abcabb"[row % 6]) for row in range(records)])
    assert found.needed == 18
    assert found.too_few is not is_given
    assert (found.kappa is not None) is is_given
    assert found.share is not None


def test_same_answer_to_all_has_no_kappa() -> None:
    found = agreement([("a", "a")] * 50)
    assert (found.kappa, found.interval, found.too_few, found.share) == (None, None, False, 1.0)


def test_agreement_on_all_has_no_interval() -> None:
    found = agreement([("a", "a"), ("b", "b")] * 20)
    assert (found.kappa, found.interval) == (1.0, None)
    assert found.share_interval.low < 0.95


def test_nothing_seen_by_both_is_no_agreement() -> None:
    found = agreement([])
    assert (found.records, found.share, found.kappa, found.too_few) == (0, None, None, True)


@given(st.lists(st.tuples(answers, answers), min_size=18, max_size=80))
def test_kappa_is_the_same_from_either_side(pairs: list[tuple[str, str]]) -> None:
    one, other = agreement(pairs), agreement([(second, first) for first, second in pairs])
    assert one.kappa == pytest.approx(other.kappa) if one.kappa is not None else True
    if one.interval is not None and one.kappa is not None and other.interval is not None:
        assert one.interval.low == pytest.approx(other.interval.low)
        assert -1 <= one.interval.low <= one.kappa <= one.interval.high <= 1
