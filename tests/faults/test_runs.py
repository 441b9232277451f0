"""A test run or a review that was killed at any point is brought to its end by a new process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.failpoints import Call
from tests.faults.run_kills import Site, points, review, run_a_test, site

pytestmark = pytest.mark.cloud

SEND = "botocore.httpsession:URLLib3Session.send"
IN_A_RUN = (
    Call("os:replace", 1, "before"),
    Call("os:replace", 1, "after"),
    Call(SEND, 6, "before"),
    Call(SEND, 9, "after"),
    Call("os:replace", 2, "after"),
)
"""Before and after it is noted, while its batches are written, and when all of them are."""
IN_A_REVIEW = (Call(SEND, 1, "before"), Call(SEND, 1, "after"), Call("io:open", 1, "after"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("faults") / "home") as made:
        yield made


@pytest.mark.parametrize("point", IN_A_RUN, ids=str)
def test_killed_run_is_brought_to_its_end(place: Site, point: Call) -> None:
    harm = place.harm_of_run(point)
    assert harm is not None
    assert not harm.lost
    assert not harm.torn


def test_killed_review_is_done_or_undone(place: Site) -> None:
    assert len(points(run_a_test, place)) > 50
    harms = [place.harm_of_review(point) for point in IN_A_REVIEW]
    assert all(harms)
    assert [harm for harm in harms if harm and (harm.lost or harm.torn)] == []
    assert points(review, place)
