"""Verdicts correct a table: relabelled, dropped, and never two labels for one row."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.data.correcting import correct
from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import as_letters, from_letters
from iris_core.records.verdict import RowVerdict


def table(*rows: tuple[str, float]) -> DataSet:
    frame = pd.DataFrame({"kind": [label for label, _ in rows], "size": [size for _, size in rows]})
    return DataSet("sizes", "kind", frame.astype({"kind": "str", "size": "float64"}))


def content(dataset: DataSet) -> list[tuple[str, float]]:
    return list(dataset.frame.itertuples(index=False, name=None))


def name_of(size: float) -> str:
    return as_letters(table(("a", size)).fingerprints)[0]


def relabel(size: float, given: str, label: str) -> RowVerdict:
    return RowVerdict(name_of(size), given, "relabel", label, "2026-11-26T09:00:00+00:00")


def drop(size: float, given: str) -> RowVerdict:
    return RowVerdict(name_of(size), given, "drop", "", "2026-11-26T09:00:00+00:00")


BASE = table(("a", 1.0), ("b", 2.0), ("a", 3.0), ("a", 1.0))


def test_all_copies_are_relabelled_and_rows_dropped() -> None:
    corrected = correct(BASE, [relabel(1.0, "a", "b"), drop(3.0, "a")])
    assert content(corrected.dataset) == [("b", 1.0), ("b", 2.0), ("b", 1.0)]
    assert (corrected.relabelled, corrected.dropped) == (2, 1)
    assert content(BASE)[0] == ("a", 1.0)


def test_verdict_on_another_label_or_row_is_passed_over() -> None:
    corrected = correct(BASE, [relabel(1.0, "c", "b"), drop(2.0, "a"), drop(9.0, "a")])
    assert corrected.dataset.frame.equals(BASE.frame)
    assert (corrected.relabelled, corrected.dropped) == (0, 0)


def test_applying_twice_changes_nothing_more() -> None:
    verdicts = [relabel(1.0, "a", "b"), drop(3.0, "a")]
    once = correct(BASE, verdicts).dataset
    again = correct(once, verdicts)
    assert again.dataset.frame.equals(once.frame)
    assert (again.relabelled, again.dropped) == (0, 0)


def test_copies_with_two_labels_get_one() -> None:
    torn = table(("a", 1.0), ("b", 1.0))
    kept = RowVerdict(name_of(1.0), "a", "right", "a", "2026-11-26T09:00:00+00:00")
    assert content(correct(torn, [kept]).dataset) == [("a", 1.0), ("a", 1.0)]


labels = st.sampled_from("abc")
rows = st.lists(st.tuples(labels, st.integers(0, 8).map(float)), min_size=1, max_size=30)


@given(rows, st.dictionaries(st.integers(0, 10).map(float), st.tuples(labels, labels | st.none())))
def test_every_reviewed_row_has_one_label_or_is_gone(
    before: list[tuple[str, float]], reviewed: dict[float, tuple[str, str | None]]
) -> None:
    verdicts = [
        drop(size, given) if label is None else relabel(size, given, label)
        for size, (given, label) in reviewed.items()
    ]
    after = content(correct(table(*before), verdicts).dataset)
    for size, (given_label, label) in reviewed.items():
        if (given_label, size) in before:
            assert {own for own, row in after if row == size} == ({label} if label else set())
    untouched = [row for row in before if row[1] not in reviewed]
    assert [row for row in after if row[1] not in reviewed] == untouched


@pytest.mark.parametrize("text", ["", "k" * 15, "k" * 17, "a" * 16, "1" * 16, "K" * 16])
def test_other_text_is_no_fingerprint(text: str) -> None:
    with pytest.raises(ValueError, match="16 letters"):
        from_letters([text])


@given(st.lists(st.integers(0, 2**64 - 1)))
def test_letters_give_the_fingerprints_back(values: list[int]) -> None:
    known_by = pd.array(values, dtype="uint64").to_numpy()
    assert (from_letters(as_letters(known_by)) == known_by).all()
