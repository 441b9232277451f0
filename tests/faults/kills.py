"""Kill a process at every point of what it does to a workspace; then look whether all is whole."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.failpoints import TornWrite, calls, killed
from tests.faults.rows import Row
from tests.faults.trials import Harm, Trial, row, trials

TORN_AT = (0, 1, 60, 150, 200, 300, 500, 800, 1_500, 3_000, 6_000, 20_000)
"""Bytes after which a write is torn: more than 200 kills with the calls that the deeds make."""


def harms(trial: Trial, *, every: int = 1) -> list[Harm]:
    """Kill the deed at each of its points, or at each so-manieth."""
    with trial.home() as home:
        said, passed = calls(trial.deed, home)
    assert len(said) == len(trial.states) - 1
    found = []
    for point in [*passed, *map(TornWrite, TORN_AT)][::every]:
        with trial.home() as home:
            before = killed(trial.deed, home, point)
            if before is not None:
                found.append(trial.look(home, point, acknowledged=len(before), under_way=1))
    return found


def table() -> list[Row]:
    """Kill every deed at every point."""
    with TemporaryDirectory() as room:
        return [row(f"kill: {trial.name}", harms(trial)) for trial in trials(Path(room))]
