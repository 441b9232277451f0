"""Rows that a copy or a group connects, in however many steps, have one key."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from iris_core.data.row_groups import RowGroups, connected, row_keys
from tests.iris_core.grouped import ROWS, Row, grouped, naive_components
from tests.iris_core.samples import flowers


@given(ROWS)
def test_rows_share_a_key_just_if_a_plain_union_find_connects_them(rows: list[Row]) -> None:
    keys = row_keys(grouped(rows)).tolist()
    pairs = set(zip(keys, naive_components(rows), strict=True))
    assert len(pairs) == len(set(keys)) == len(set(naive_components(rows)))


@given(ROWS, st.randoms())
def test_keys_do_not_depend_on_the_order_or_the_labels(rows: list[Row], random: object) -> None:
    turned = [("z", value, group) for _, value, group in rows[::-1]]
    assert row_keys(grouped(turned))[::-1].tolist() == row_keys(grouped(rows)).tolist()


@given(st.integers(1, 60), st.lists(st.tuples(st.integers(0, 59), st.integers(0, 59)), max_size=90))
def test_nodes_of_a_component_have_its_smallest(nodes: int, edges: list[tuple[int, int]]) -> None:
    inside = [(one, other) for one, other in edges if max(one, other) < nodes]
    expected = list(range(nodes))
    for _ in range(nodes):
        for one, other in inside:
            expected[one] = expected[other] = min(expected[one], expected[other])
    ends = np.array(inside, dtype=np.intp).reshape(-1, 2)
    assert connected(nodes, ends[:, 0], ends[:, 1]).tolist() == expected


def test_a_chain_of_many_groups_is_one_component() -> None:
    order = np.random.default_rng(0).permutation(5_000)
    assert not connected(5_000, order[:-1], order[1:]).any()


def test_missing_group_is_a_group_of_its_own_with_its_copies() -> None:
    rows: list[Row] = [("x", 1, None), ("x", 2, None), ("y", 1, None), ("x", 3, "a"), ("x", 2, "a")]
    keys = row_keys(grouped(rows))
    assert keys[0] == keys[2]
    assert keys[1] == keys[3] == keys[4]
    assert len(set(keys.tolist())) == 2


def test_spaces_around_a_name_are_not_of_it() -> None:
    keys = row_keys(grouped([("x", 1, "a"), ("x", 2, " a "), ("x", 3, "A")]))
    assert keys[0] == keys[1] != keys[2]


def test_without_a_group_column_the_key_is_the_fingerprint() -> None:
    ds = flowers(30)
    assert row_keys(ds) is ds.fingerprints
    assert (RowGroups.of(ds).keys == np.unique(ds.fingerprints)).all()


def test_groups_of_another_column_are_others() -> None:
    ds = grouped([("x", 1, "a"), ("x", 2, "b")])
    renamed = replace(ds, frame=ds.frame.rename(columns={"patient": "clinic"}), group="clinic")
    assert not np.isin(RowGroups.of(ds).groups, RowGroups.of(renamed).groups).any()
