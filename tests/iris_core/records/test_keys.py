"""Keys are unique, in test order, and spread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.errors import OptionError
from iris_core.records.keys import PARTITION_ROWS, Key, check_run_id, key_of, new_run_id, partitions

FROZEN = datetime(2026, 11, 22, 9, 30, 0, 123456, tzinfo=UTC)
rows = st.integers(0, 50_000_000)


def test_run_ids_are_unique_while_the_clock_stands_still() -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: new_run_id(FROZEN), range(10_000)))
    assert len(set(ids)) == 10_000


def test_run_ids_sort_by_start() -> None:
    starts = [FROZEN + timedelta(microseconds=step) for step in (0, 1, 10, 10**6, 10**12)]
    ids = [new_run_id(start) for start in starts]
    assert ids == sorted(ids)


@given(st.lists(rows, min_size=2, max_size=20))
def test_keys_sort_in_test_order(some: list[int]) -> None:
    run = new_run_id(FROZEN)
    assert sorted(key_of(run, row) for row in some) == [key_of(run, row) for row in sorted(some)]


@given(rows)
def test_key_has_its_run_and_row(row: int) -> None:
    run = new_run_id()
    key = key_of(run, row)
    assert (key.run, key.row) == (run, row)
    assert key == key_of(run, row)


@given(st.integers(0, 20_000))
def test_no_partition_takes_more_than_a_block_and_all_are_listed(size: int) -> None:
    run = new_run_id(FROZEN)
    listed = list(partitions(run, size))
    used = dict.fromkeys(key_of(run, row).partition_key for row in range(size))
    assert listed == list(used)
    assert all(key_of(run, block * PARTITION_ROWS) == Key(name, f"{block * PARTITION_ROWS:09d}")
               for block, name in enumerate(listed))  # fmt: skip


@pytest.mark.parametrize("text", ["", "abc", "../runs", "20261122T093000.123456Z-xyz", "runs\n"])
def test_text_that_is_no_run_id_is_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(OptionError, match=r"Expected a run id .* cli.py runs"):
        check_run_id(text)
