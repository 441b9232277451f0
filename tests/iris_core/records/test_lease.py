"""A lease lasts until its end, keeps out others alone, and its time compares as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.records.lease import LEASE_SECONDS, NO_LEASE, Lease, new_lease, stored_time


def test_lease_keeps_out_others_until_it_ends() -> None:
    lease = new_lease("ana", 1000.9)
    end = 1000 + LEASE_SECONDS
    assert lease.until == end
    for now, lasts in ((1000.9, True), (end - 0.1, True), (end, False), (end + 1, False)):
        assert lease.is_on(now) is lasts
        assert lease.keeps_out("ben", now) is lasts
        assert not lease.keeps_out("ana", now)


@given(st.text(min_size=1), st.integers(0, 10**11))
def test_lease_is_the_same_after_a_trip_through_its_item(by: str, until: int) -> None:
    assert Lease.from_item(Lease(by, until).to_item()) == Lease(by, until)


@given(st.integers(0, 10**11), st.integers(0, 10**11))
def test_stored_times_compare_as_numbers_do(one: int, other: int) -> None:
    assert (stored_time(one) < stored_time(other)) is (one < other)
    assert NO_LEASE["LeasedUntil"] < stored_time(one)


@pytest.mark.parametrize(
    "item",
    [{}, NO_LEASE, {"LeasedBy": "ana"}, {"LeasedBy": "", "LeasedUntil": "1"},
     {"LeasedBy": "ana", "LeasedUntil": "soon"}],
)  # fmt: skip
def test_item_without_a_whole_lease_has_none(item: dict[str, str]) -> None:
    assert Lease.from_item(item) is None
