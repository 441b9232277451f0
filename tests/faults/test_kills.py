"""A kill at any point leaves the state before the action or after it, and nothing between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.action_checks import ActionCheck
from tests.faults.actions import ACTIONS
from tests.faults.failpoints import Action, Call, TornWrite, calls, killed
from tests.faults.kills import kill_at_each_point

EVERY = 18
"""Every n-th point, so that there are some fifteen kills in all; `make faults` kills at each."""


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.__name__)
def test_killed_action_is_complete_or_undone(action: Action, old: Path, tmp_path: Path) -> None:
    outcomes = kill_at_each_point(ActionCheck(action, old, tmp_path), every=EVERY)
    assert outcomes
    assert [outcome for outcome in outcomes if not outcome.is_clean] == []


def write_two_files(home: Path) -> Iterator[str]:
    """Write two files one after the other: an action that is not atomic."""
    yield "ready"
    (home / "first").write_text("x" * 10)
    yield "first"
    (home / "second").mkdir()
    yield "second"


def test_process_dies_at_the_chosen_point(tmp_path: Path) -> None:
    acknowledged, points = calls(write_two_files, tmp_path)
    assert acknowledged == ["first", "second"]
    assert points == [
        *(Call("io:open", 1, "before"), Call("io:open", 1, "after")),
        *(Call("os:mkdir", 1, "before"), Call("os:mkdir", 1, "after")),
    ]
    (tmp_path / "second").rmdir()
    assert killed(write_two_files, tmp_path, Call("os:mkdir", 1, "before")) == ["first"]
    assert not (tmp_path / "second").exists()
    assert killed(write_two_files, tmp_path, TornWrite(4)) == []
    assert (tmp_path / "first").read_text() == "xxxx"
    assert killed(write_two_files, tmp_path, Call("os:mkdir", 2, "before")) is None
