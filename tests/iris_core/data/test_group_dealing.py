"""Whole components are dealt out, each class in its share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.data.group_dealing import (
    ClassCounts,
    classes_of_one_group,
    deal,
    deal_both_sides,
)
from tests.iris_core.grouped import ROWS, Row, grouped, naive_components


def counts_of(sizes: list[dict[int, int]]) -> ClassCounts:
    """Return the counts of components, each given by its rows of each class."""
    rows = [
        (component, number)
        for component, of_class in enumerate(sizes)
        for number, count in of_class.items()
        for _ in range(count)
    ]
    components, classes = np.array(rows, dtype=np.intp).T
    return ClassCounts.of(components, classes, len(sizes))


COMPONENTS = st.lists(
    st.dictionaries(st.integers(0, 3), st.integers(1, 9), min_size=1, max_size=3),
    min_size=1,
    max_size=30,
).map(counts_of)


def test_rows_of_each_class_are_counted() -> None:
    counts = counts_of([{0: 2, 1: 3}, {2: 4}, {1: 1, 2: 1}])
    assert counts.sizes.tolist() == [5, 4, 2]
    # THEN a component counts to its most frequent class, of equals to the first
    assert counts.main_classes.tolist() == [1, 2, 1]


@given(COMPONENTS, st.floats(0.01, 0.99), st.integers(0, 99))
def test_every_class_has_rows_on_the_first_side(
    counts: ClassCounts, share: float, seed: int
) -> None:
    draws = np.random.default_rng(seed).random(counts.count)
    chosen = deal_both_sides(counts, share, draws)
    first = set(counts.classes[~chosen[counts.components]].tolist())
    assert first == set(counts.classes.tolist())
    # AND on the second, if any component may go there without a class being lost
    of_class = np.bincount(counts.classes)
    movable = [
        component
        for component in range(counts.count)
        if (of_class[counts.classes[counts.components == component]] > 1).all()
    ]
    assert chosen.any() == bool(movable)


@given(
    st.lists(st.integers(1, 9), min_size=2, max_size=60),
    st.floats(0.01, 0.99),
    st.integers(0, 99),
)
def test_classes_of_their_own_components_have_their_share(
    sizes: list[int], share: float, seed: int
) -> None:
    counts = counts_of([{number % 2: size} for number, size in enumerate(sizes)])
    chosen = deal_both_sides(counts, share, np.random.default_rng(seed).random(counts.count))
    for number in (0, 1):
        own = chosen[number::2]
        assert own.sum() == min(max(round(share * len(own)), 1), len(own) - 1)


def test_small_and_large_components_are_taken_alike() -> None:
    counts = counts_of([{0: size} for size in (2, 50) * 100])
    chosen = deal_both_sides(counts, 0.2, np.random.default_rng(0).random(200))
    assert (chosen[::2].sum(), chosen[1::2].sum()) == (20, 20)


@pytest.mark.parametrize("components", [1, 3, 40])
def test_few_that_come_at_a_time_are_chosen_as_often_as_many(components: int) -> None:
    counts = counts_of([{0: 3}] * components)
    rng = np.random.default_rng(1)
    times = 6_000 // components
    chosen = [deal(counts, 0.2, rng.random(components)).mean() for _ in range(times)]
    # Six standard deviations of a share of 6,000 independent draws.
    assert abs(np.mean(chosen) - 0.2) < 0.031


@given(ROWS)
def test_class_of_one_group_is_named(rows: list[Row]) -> None:
    components: dict[str, set[int]] = {}
    for component, (label, _, _) in zip(naive_components(rows), rows, strict=True):
        components.setdefault(label, set()).add(component)
    alone = [label for label in sorted(components) if len(components[label]) == 1]
    assert classes_of_one_group(grouped(rows)) == tuple(alone)


def test_class_that_has_no_second_group_is_named() -> None:
    ds = grouped([("x", 1, "a"), ("x", 2, "a"), ("y", 3, "b"), ("y", 4, "c"), ("z", 5, None)])
    assert classes_of_one_group(ds) == ("x", "z")
