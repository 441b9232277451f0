"""Two versions of a table become one, each row with one label; and what changed is named."""

from __future__ import annotations

import pandas as pd
import pytest

from iris_core.data.changes import count_changes, row_changes
from iris_core.data.datasets import DataSet
from iris_core.data.merging import merge
from tests.iris_core.grouped import grouped


def table(*rows: tuple[str, float]) -> DataSet:
    frame = pd.DataFrame({"kind": [label for label, _ in rows], "size": [size for _, size in rows]})
    return DataSet("sizes", "kind", frame.astype({"kind": "str", "size": "float64"}))


def content(dataset: DataSet) -> list[tuple[str, float]]:
    return list(dataset.frame.itertuples(index=False, name=None))


BASE = table(("a", 1.0), ("b", 2.0), ("a", 1.0))
OTHER = table(("b", 3.0), ("c", 1.0), ("a", 3.0))


def test_new_rows_come_last_and_labels_are_taken_over() -> None:
    merged = merge(BASE, OTHER, relabel=True)
    assert content(merged) == [("c", 1.0), ("b", 2.0), ("c", 1.0), ("b", 3.0), ("a", 3.0)]
    assert merged.name == "sizes"


def test_labels_can_stay() -> None:
    merged = merge(BASE, OTHER, relabel=False)
    assert content(merged)[:3] == content(BASE)


def test_merging_with_what_is_there_changes_nothing() -> None:
    assert merge(BASE, BASE, relabel=True).frame.equals(BASE.frame)


def test_changes_are_named_row_by_row() -> None:
    after = table(("c", 1.0), ("d", 4.0), ("b", 2.0))
    before = table(("a", 1.0), ("b", 2.0), ("b", 3.0))
    changes = [
        (change.change, change.row, change.before, change.after)
        for change in row_changes(before, after)
    ]
    assert changes == [
        ("relabelled", 0, "a", "c"),
        ("added", 1, "", "d"),
        ("dropped", 2, "b", ""),
    ]


def test_order_and_number_of_copies_are_no_change() -> None:
    assert row_changes(BASE, table(("b", 2.0), ("a", 1.0))) == []


@pytest.mark.parametrize("most", [0, 1, 2, 3, 9])
def test_first_changes_alone_are_described_and_all_are_counted(most: int) -> None:
    after = table(("c", 1.0), ("d", 4.0), ("b", 2.0))
    before = table(("a", 1.0), ("b", 2.0), ("b", 3.0))
    assert row_changes(before, after, most=most) == row_changes(before, after)[:most]
    assert count_changes(before, after) == {"relabelled": 1, "added": 1, "dropped": 1}


def test_what_the_other_lacks_of_columns_that_are_no_features_is_missing() -> None:
    base = grouped([("x", 1, "a"), ("y", 2, "b")])
    other = DataSet("other", "kind", base.frame[["kind", "value"]].assign(value=[1, 9]))
    merged = merge(base, other, relabel=False)
    assert (merged.group, merged.frame["value"].tolist()) == ("patient", [1, 2, 9])
    assert merged.frame["patient"].fillna("missing").tolist() == ["a", "b", "missing"]
