"""No group and no copy is on both sides, whatever files come one after the other."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iris_core.data.datasets import DataSet
from iris_core.data.evaluation_split import SHARE, EvaluationSplit
from iris_core.data.splitting import split
from iris_core.errors import DataError
from tests.iris_core.grouped import ROWS, Row, grouped, naive_components


def visits(patients: int, *, rows: int = 6, first: int = 0, label: str | None = None) -> DataSet:
    """Return the rows of patients with different features, each of one class."""
    return grouped(
        [
            (label or "xyz"[patient % 3], patient * rows + row, f"p{patient}")
            for patient in range(first, first + patients)
            for row in range(rows)
        ]
    )


def on_both(split: EvaluationSplit, ds: DataSet) -> set[str]:
    """Return the groups of a data set with rows on both sides."""
    training, evaluation = split.divide(ds)
    return set(training.frame["patient"].dropna()) & set(evaluation.frame["patient"].dropna())


def test_first_data_set_is_split_by_class_in_whole_groups() -> None:
    ds = visits(60)
    decided = EvaluationSplit.of(ds)
    training, evaluation = decided.divide(ds)
    assert not on_both(decided, ds)
    assert evaluation.frame["kind"].value_counts().to_dict() == {"x": 24, "y": 24, "z": 24}
    assert training.rows + evaluation.rows == 360
    turned = ds.with_rows("turned", ds.frame.iloc[::-1])
    assert EvaluationSplit.of(turned).is_same(decided)


def test_rows_of_known_groups_go_to_their_side_and_new_groups_to_either() -> None:
    decided = EvaluationSplit.of(visits(60))
    evaluating = set(decided.divide(visits(60))[1].frame["patient"])
    # WHEN a file has new rows of these patients, and none of the old ones
    more = visits(60)
    more = more.with_rows("more", more.frame.assign(value=more.frame["value"] + 10_000))
    later = decided.extended(more)
    assert set(later.divide(more)[1].frame["patient"]) == evaluating
    # AND another one has new patients
    others = visits(200, first=500)
    last = later.extended(others)
    assert not on_both(last, others)
    assert abs(last.divide(others)[1].rows / others.rows - SHARE) < 0.02
    # THEN asking again changes nothing
    assert last.extended(more).extended(others).is_same(last)


def test_group_that_connects_both_sides_is_counted_and_new_rows_train() -> None:
    decided = EvaluationSplit.of(visits(60))
    training, evaluation = decided.divide(visits(60))
    rows: list[Row] = [
        ("x", int(training.frame["value"].iloc[0]), "new"),
        ("x", int(evaluation.frame["value"].iloc[0]), "new"),
        ("x", 9_000, "new"),
        ("x", 9_001, str(evaluation.frame["patient"].iloc[0])),
    ]
    ds = grouped(rows)
    later = decided.extended(ds)
    assert later.evaluates(ds.fingerprints).tolist() == [False, True, False, True]
    assert later.torn_rows(ds) == (1, 2, 1)
    assert decided.torn_rows(visits(60)) == (0, 0, 0)


def test_groups_of_an_evaluation_set_that_was_brought_never_train() -> None:
    brought = visits(10)
    decided = EvaluationSplit.by(brought)
    more = visits(30)
    more = more.with_rows("more", more.frame.assign(value=more.frame["value"] + 10_000))
    training, evaluation = decided.extended(more).divide(more)
    assert set(evaluation.frame["patient"]) == {f"p{number}" for number in range(10)}
    assert training.frame["patient"].nunique() == 20


def test_project_without_groups_learns_them_and_its_rows_stay() -> None:
    ds = visits(60)
    plain = DataSet("plain", "kind", ds.frame[["kind", "value"]])
    decided = EvaluationSplit.of(plain)
    later = decided.extended(ds)
    assert (later.evaluates(ds.fingerprints) == decided.evaluates(ds.fingerprints)).all()
    assert later.group == "patient"
    assert later.torn_rows(ds)[0] == len(on_both(later, ds)) > 0


@pytest.mark.parametrize(
    "rows",
    [
        [("x", 1, "a"), ("y", 2, "a"), ("x", 3, "a")],
        [("x", 1, "a"), ("x", 2, "a"), ("y", 3, "b"), ("y", 4, "b")],
        [("x", 1, "a"), ("y", 2, "a"), ("x", 2, "b"), ("y", 3, "b")],
    ],
    ids=["one group", "one group a class", "groups that a copy connects"],
)
def test_too_few_groups_are_a_sentence(rows: list[Row]) -> None:
    ds = grouped(rows)
    for divide in (EvaluationSplit.of, split):
        with pytest.raises(DataError, match="sample: choose another group column than 'patient'"):
            divide(ds)


def test_two_trainings_that_agree_are_joined_and_others_are_not() -> None:
    decided = EvaluationSplit.of(visits(30))
    one, other = decided.extended(visits(30, first=100)), decided.extended(visits(30, first=200))
    joined = one.joined(other)
    assert joined is not None
    assert joined.extended(visits(30, first=100)).extended(visits(30, first=200)).is_same(joined)
    assert one.joined(EvaluationSplit(one.training, one.evaluation, SHARE)) is None
    swapped = EvaluationSplit(
        decided.evaluation,
        decided.training,
        SHARE,
        "patient",
        one.training_groups,
        one.evaluation_groups,
    )
    assert decided.joined(swapped) is None
    assert decided.joined(EvaluationSplit(decided.evaluation, decided.training, 0.5)) is None


@settings(max_examples=200)
@given(st.lists(ROWS, min_size=1, max_size=5))
def test_no_copy_and_no_group_straddles_after_any_files(files: list[list[Row]]) -> None:
    decided = EvaluationSplit(
        np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.uint64), SHARE, "patient"
    )
    rows: dict[int, bool] = {}
    groups: dict[str, set[bool]] = defaultdict(set)
    for number, file in enumerate(files):
        ds = grouped(file)
        try:
            decided = decided.extended(ds) if number else EvaluationSplit.of(ds)
        except DataError:
            decided = decided.extended(ds)
        sides = decided.evaluates(ds.fingerprints).tolist()
        # WHEN a component holds what was decided for one side at most, all of it is there
        before: dict[int, set[bool]] = defaultdict(set)
        after: dict[int, set[bool]] = defaultdict(set)
        for component, side, (_, value, group) in zip(
            naive_components(file), sides, file, strict=True
        ):
            before[component] |= {rows[value]} if value in rows else set()
            before[component] |= groups.get(group or "", set())
            after[component].add(side)
        for component, known in before.items():
            if len(known) < 2:
                assert len(after[component]) == 1
                assert known <= after[component]
        # AND a row keeps its side for ever, and so do all its copies
        for side, (_, value, group) in zip(sides, file, strict=True):
            assert rows.setdefault(value, side) == side
            if group is not None:
                groups[group].add(side)
    torn = {group for group, of_group in groups.items() if len(of_group) > 1}
    assert len(decided.torn) == len(torn)


@given(ROWS, st.floats(0.05, 0.95), st.integers(0, 99))
def test_split_by_hand_keeps_groups_together(rows: list[Row], share: float, seed: int) -> None:
    ds = grouped(rows)
    try:
        sides = split(ds, test_share=share, seed=seed)
    except DataError:
        return
    for column in ("patient", "value"):
        train, test = (set(side.frame[column].dropna()) for side in sides)
        assert not train & test
    assert all(side.rows for side in sides)
    both = pd.concat([side.frame for side in sides])
    assert len(both) == len(rows)
    assert set(sides[0].classes) == set(ds.classes)
