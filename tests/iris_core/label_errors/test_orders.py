"""Each order puts first what it says, and only orders."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from iris_core.label_errors import orders
from iris_core.label_errors.orders import (
    ORDERS,
    in_test_order,
    least_certain,
    lowest_self_confidence,
    mislabelled_within,
    most_diverse,
    most_likely_mislabelled,
)
from tests.iris_core.label_errors.samples import suspicion_of

EVERY = np.arange(4)


@given(
    st.lists(st.tuples(st.floats(0.01, 0.99), st.booleans()), min_size=1, max_size=30),
    st.sampled_from(sorted(ORDERS)),
    st.randoms(use_true_random=False),
)
def test_order_is_one_of_the_rows_asked_about(rows, order, random) -> None:  # type: ignore[no-untyped-def]
    values = [[share, 1 - share] for share, _ in rows]
    suspicion = suspicion_of(
        values,
        [0] * len(rows),
        contradicted=[wrong for _, wrong in rows],
        matrix=[[share, 0] for share, _ in rows],
    )
    some = np.array(sorted(random.sample(range(len(rows)), random.randint(1, len(rows)))))
    ordered = ORDERS[order](suspicion, some)
    assert sorted(ordered.tolist()) == some.tolist()
    assert np.array_equal(ordered, ORDERS[order](suspicion, some))


def test_most_likely_mislabelled_begins_with_what_is_called_wrong() -> None:
    suspicion = suspicion_of(
        [[0.5, 0.5]] * 4,
        [0] * 4,
        contradicted=[False, True, False, True],
        score=[0.9, 0.2, 0.1, 0.3],
    )
    assert most_likely_mislabelled(suspicion, EVERY).tolist() == [3, 1, 0, 2]


@given(doubtful=st.integers(0, 40), budget=st.integers(1, 60))
def test_doubtful_rows_are_drawn_where_not_all_of_them_will_be_seen(
    doubtful: int, budget: int
) -> None:
    rows = np.arange(100)
    suspicion = suspicion_of(
        [[0.5, 0.5]] * 100,
        [0] * 100,
        contradicted=[row < doubtful for row in range(100)],
        score=[(100 - row) / 100 for row in range(100)],
    )
    ordered = mislabelled_within(suspicion, rows, budget)
    # THEN in any case the doubtful ones come first, the others by their suspicion
    assert sorted(ordered[:doubtful].tolist()) == list(range(doubtful))
    assert ordered[doubtful:].tolist() == list(range(doubtful, 100))
    # AND a handful, or all, are those that are suspected most
    by_suspicion = most_likely_mislabelled(suspicion, rows)
    if budget < 3 or budget >= doubtful:
        assert np.array_equal(ordered, by_suspicion)
    elif doubtful > 5:
        assert not np.array_equal(ordered, by_suspicion)
    # AND a row keeps its place among the others from round to round
    left = ordered[1:doubtful]
    if 3 <= budget < len(left):
        assert np.array_equal(mislabelled_within(suspicion, np.sort(left), budget), left)
    assert np.array_equal(mislabelled_within(suspicion, rows, None), by_suspicion)


def test_lowest_self_confidence_and_least_certain_differ() -> None:
    suspicion = suspicion_of([[0.05, 0.95], [0.5, 0.5], [0.9, 0.1], [0.4, 0.6]], [0, 0, 0, 1])
    assert lowest_self_confidence(suspicion, EVERY).tolist() == [0, 1, 3, 2]
    assert least_certain(suspicion, EVERY).tolist() == [1, 3, 2, 0]


def test_most_diverse_takes_a_row_of_each_place_first() -> None:
    # Three places with ten rows each, all suspected alike
    matrix = [[100.0 * (row % 3), 0.001 * row] for row in range(30)]
    suspicion = suspicion_of([[0.5, 0.5]] * 30, [0] * 30, matrix=matrix, score=[0.5] * 30)
    first = most_diverse(suspicion, np.arange(30))[:3]
    assert sorted(first % 3) == [0, 1, 2]


def test_most_diverse_prefers_what_is_suspected() -> None:
    matrix = [[float(row), 0.0] for row in range(40)]
    score = [1.0 if row % 8 == 0 else 0.0 for row in range(40)]
    suspicion = suspicion_of([[0.5, 0.5]] * 40, [0] * 40, matrix=matrix, score=score)
    assert (most_diverse(suspicion, np.arange(40))[:5] % 8 == 0).all()


def test_rows_that_are_all_the_same_are_in_the_order_of_suspicion(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    suspicion = suspicion_of([[0.5, 0.5]] * 4, [0] * 4, score=[0.1, 0.4, 0.3, 0.2])
    monkeypatch.setattr(orders, "MOST_DRAWN", 0)
    assert most_diverse(suspicion, EVERY).tolist() == [1, 2, 3, 0]
    monkeypatch.setattr(orders, "MOST_DRAWN", 9)
    ordered = most_diverse(suspicion, EVERY).tolist()
    assert ordered[1:] == [row for row in [1, 2, 3, 0] if row != ordered[0]]


def test_test_order_is_that_of_the_table() -> None:
    suspicion = suspicion_of([[0.5, 0.5]] * 4, [0] * 4)
    assert in_test_order(suspicion, np.array([3, 0, 2])).tolist() == [0, 2, 3]
