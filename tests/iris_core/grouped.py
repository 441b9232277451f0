"""Data sets with a group column, and what a plain union-find says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
from hypothesis import strategies as st

from iris_core.data.datasets import DataSet
from tests.iris_core.samples import data_set

Row = tuple[str, int, str | None]
"""A row: its label, its only feature, and its group."""

ROWS = st.lists(
    st.tuples(
        st.sampled_from("xyz"),
        st.integers(0, 25),
        st.one_of(st.none(), st.sampled_from("abcdefghijkl")),
    ),
    min_size=1,
    max_size=40,
)


def grouped(rows: Sequence[Row]) -> DataSet:
    """Return rows as a data set."""
    labels, values, groups = zip(*rows, strict=True)
    frame = pd.DataFrame(
        {
            "kind": pd.Series(labels, dtype="str"),
            "value": pd.Series(values, dtype="int64"),
            "patient": pd.Series(groups, dtype="str"),
        }
    )
    return replace(data_set(frame), group="patient")


def naive_components(rows: Sequence[Row]) -> list[int]:
    """Return a number for each row: rows that a value or a group connects have the same."""
    parents = list(range(len(rows)))

    def root(row: int) -> int:
        while parents[row] != row:
            row = parents[row]
        return row

    for number, (_, value, group) in enumerate(rows):
        for other in range(number):
            if value == rows[other][1] or (group is not None and group == rows[other][2]):
                parents[root(number)] = root(other)
    return [root(row) for row in range(len(rows))]
