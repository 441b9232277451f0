"""Copies share a fold, classes are spread over all, and a row stays where it was."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from iris_core.data.datasets import DataSet
from iris_core.model.folds import GroupFolds, KnownFolds, assign_folds
from tests.iris_core.grouped import ROWS, Row, grouped, naive_components
from tests.iris_core.samples import data_set, flowers


def rows_of(labels: list[str], values: list[int]) -> DataSet:
    return data_set(pd.DataFrame({"kind": pd.Series(labels, dtype="str"), "a": values}))


def known_of(ds: DataSet, folds: np.ndarray) -> KnownFolds:
    rows, first = np.unique(ds.fingerprints, return_index=True)
    return KnownFolds(rows, folds[first].astype(np.uint8))


TABLES = st.lists(
    st.tuples(st.sampled_from("xyz"), st.integers(0, 30)), min_size=1, max_size=80
).map(lambda rows: rows_of([label for label, _ in rows], [value for _, value in rows]))


@given(TABLES, st.integers(2, 9), st.integers(0, 99))
def test_copies_share_a_fold_and_the_seed_decides(ds: DataSet, folds: int, seed: int) -> None:
    assigned = assign_folds(ds, folds, seed=seed)
    assert assigned.min() >= 0
    assert assigned.max() < folds
    by_row = pd.Series(assigned).groupby(ds.fingerprints).nunique()
    assert (by_row == 1).all()
    assert np.array_equal(assign_folds(ds, folds, seed=seed), assigned)


@given(st.lists(st.sampled_from("xyz"), min_size=1, max_size=80), st.integers(2, 9))
def test_each_class_is_spread_evenly(labels: list[str], folds: int) -> None:
    ds = rows_of(labels, list(range(len(labels))))
    assigned = assign_folds(ds, folds, seed=0)
    for label in ds.classes:
        of_class = assigned[(ds.frame["kind"] == label).to_numpy()]
        counts = np.bincount(of_class, minlength=folds)
        assert counts.max() - counts.min() <= 1
    sizes = np.bincount(assigned, minlength=folds)
    assert sizes.max() - sizes.min() <= 1


@given(TABLES, TABLES, st.integers(2, 9))
def test_row_keeps_its_fold_when_others_come(first: DataSet, more: DataSet, folds: int) -> None:
    known = known_of(first, assign_folds(first, folds, seed=1))
    both = first.with_rows("both", pd.concat([more.frame, first.frame]))
    assigned = assign_folds(both, folds, seed=2, known=known)
    places = np.searchsorted(known.rows, both.fingerprints).clip(max=len(known.rows) - 1)
    is_known = known.rows[places] == both.fingerprints
    assert np.array_equal(assigned[is_known], known.folds[places[is_known]])
    assert (pd.Series(assigned).groupby(both.fingerprints).nunique() == 1).all()


def test_new_rows_go_where_there_are_least_of_their_class() -> None:
    old = rows_of(["x"] * 6, list(range(6)))
    known = KnownFolds(np.sort(old.fingerprints), np.array([0, 0, 0, 1, 1, 1], np.uint8))
    both = rows_of(["x"] * 9, list(range(9)))
    assigned = assign_folds(both, 3, seed=0, known=known)
    assert np.bincount(assigned).tolist() == [3, 3, 3]


def test_no_known_rows_are_no_help() -> None:
    nothing = KnownFolds(np.empty(0, np.uint64), np.empty(0, np.uint8))
    ds = flowers(30)
    expected = assign_folds(ds, 4, seed=3)
    assert np.array_equal(assign_folds(ds, 4, seed=3, known=nothing), expected)


@given(ROWS, st.integers(2, 9))
def test_rows_of_a_group_share_a_fold(rows: list[Row], folds: int) -> None:
    assigned = assign_folds(grouped(rows), folds, seed=0)
    pairs = set(zip(naive_components(rows), assigned.tolist(), strict=True))
    assert len(pairs) == len(set(naive_components(rows)))


@given(ROWS, ROWS, st.integers(2, 9))
def test_rows_of_a_group_join_the_fold_of_those_that_have_one(
    first: list[Row], more: list[Row], folds: int
) -> None:
    known = known_of(grouped(first), assign_folds(grouped(first), folds, seed=1))
    both = grouped([*first, *more])
    assigned = assign_folds(both, folds, seed=2, known=known)
    # THEN those that have one keep it, though a later row connects them with another
    of_first = known.folds[np.searchsorted(known.rows, both.fingerprints[: len(first)])]
    assert np.array_equal(assigned[: len(first)], of_first)
    by_component = defaultdict(set)
    known_of_component = defaultdict(set)
    for place, component in enumerate(naive_components([*first, *more])):
        by_component[component].add(int(assigned[place]))
        if place < len(first):
            known_of_component[component].add(int(assigned[place]))
    for component, of_component in by_component.items():
        assert of_component == (known_of_component[component] or of_component)
        assert len(of_component) == max(1, len(known_of_component[component]))


@given(ROWS, ROWS, st.integers(2, 9))
def test_new_rows_join_the_fold_of_their_group_without_any_of_its_rows(
    first: list[Row], more: list[Row], folds: int
) -> None:
    before, after = grouped(first), grouped(more)
    assigned = assign_folds(before, folds, seed=1)
    groups = GroupFolds.of(before, assigned)
    known = KnownFolds(np.empty(0, np.uint64), np.empty(0, np.uint8), groups)
    later = assign_folds(after, folds, seed=2, known=known)
    # of each group of the first rows, the fold of its first row
    first_fold: dict[str, int] = {}
    for group, fold in zip(before.frame[str(before.group)], assigned.tolist(), strict=True):
        if not pd.isna(group):
            first_fold.setdefault(group, fold)
    assert sorted(first_fold.values()) == sorted(groups.folds.tolist())
    # THEN a component takes the fold of its first row whose group is known
    expected: dict[int, int] = {}
    for group, component in zip(after.frame[str(after.group)], naive_components(more), strict=True):
        if group in first_fold:
            expected.setdefault(component, first_fold[group])
    for component, fold in zip(naive_components(more), later.tolist(), strict=True):
        assert fold == expected.get(component, fold)


def test_groups_of_several_trainings_keep_their_first_fold() -> None:
    one = GroupFolds(np.array([2, 5], np.uint64), np.array([1, 0], np.uint8))
    two = GroupFolds(np.array([1, 5], np.uint64), np.array([3, 3], np.uint8))
    both = one.updated(two)
    assert (both.groups.tolist(), both.folds.tolist()) == ([1, 2, 5], [3, 1, 0])
