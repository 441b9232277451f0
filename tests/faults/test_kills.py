"""A kill at any point leaves what was there before, or what was to come, and nothing between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.deeds import DEEDS
from tests.faults.failpoints import Call, Deed, TornWrite, calls, killed
from tests.faults.kills import harms
from tests.faults.trials import Trial

EVERY = 9
"""Of the points, so that all deeds together are killed some thirty times."""


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_killed_deed_is_done_or_undone(deed: Deed, old: Path, tmp_path: Path) -> None:
    found = harms(Trial(deed, old, tmp_path), every=EVERY)
    assert found
    assert [harm for harm in found if not harm.is_none] == []


def write_two_files(home: Path) -> Iterator[str]:
    """A deed that keeps nothing of what a deed must keep."""
    yield "ready"
    (home / "first").write_text("x" * 10)
    yield "first"
    (home / "second").mkdir()
    yield "second"


def test_process_dies_where_it_is_told_to(tmp_path: Path) -> None:
    said, passed = calls(write_two_files, tmp_path)
    assert said == ["first", "second"]
    assert passed == [
        *(Call("io:open", 1, "before"), Call("io:open", 1, "after")),
        *(Call("os:mkdir", 1, "before"), Call("os:mkdir", 1, "after")),
    ]
    (tmp_path / "second").rmdir()
    assert killed(write_two_files, tmp_path, Call("os:mkdir", 1, "before")) == ["first"]
    assert not (tmp_path / "second").exists()
    assert killed(write_two_files, tmp_path, TornWrite(4)) == []
    assert (tmp_path / "first").read_text() == "xxxx"
    assert killed(write_two_files, tmp_path, Call("os:mkdir", 2, "before")) is None
