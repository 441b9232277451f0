"""Kill a process at every point of an action; then check that the workspace is whole."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.action_checks import ActionCheck, FaultOutcome, action_checks, report_row
from tests.faults.failpoints import TornWrite, calls, killed
from tests.faults.report_rows import Row

TORN_AT = (0, 1, 60, 150, 200, 300, 500, 800, 1_500, 3_000, 6_000, 20_000)
"""Bytes after which a write is torn: more than 200 kills with the calls of all actions."""


def kill_at_each_point(check: ActionCheck, *, every: int = 1) -> list[FaultOutcome]:
    """Kill the action at each of its points, or at every n-th of them."""
    with check.home() as home:
        acknowledged, points = calls(check.action, home)
    assert len(acknowledged) == len(check.states) - 1
    outcomes = []
    for point in [*points, *map(TornWrite, TORN_AT)][::every]:
        with check.home() as home:
            before = killed(check.action, home, point)
            if before is not None:
                outcomes.append(check.inspect(home, point, acknowledged=len(before), under_way=1))
    return outcomes


def table() -> list[Row]:
    """Kill every action at every point."""
    with TemporaryDirectory() as room:
        return [
            report_row(f"kill: {check.name}", kill_at_each_point(check))
            for check in action_checks(Path(room))
        ]
