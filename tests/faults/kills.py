"""Kill a process at every point of what it does to a workspace; then look whether all is whole.

The invariant: whoever opens the workspace after the kill sees it as it was before the action that
was under way, or as it is after it, nothing between; what was acknowledged is there; every old file
that the action does not replace is there byte for byte; and the action can be done anew.
"""

from __future__ import annotations

import shutil
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from iris_core.errors import NotFoundError
from tests.faults.deeds import DEEDS
from tests.faults.failpoints import Deed, Failpoint, TornWrite, calls, killed
from tests.faults.rows import Row
from tests.faults.workspaces import contents, furnish, seen

TORN_AT = (0, 1, 60, 150, 200, 300, 500, 800, 1_500, 3_000, 6_000, 20_000)
"""Bytes after which a write is torn: more than 200 kills with the calls that the deeds make."""
REPLACED = {
    "delete_data_set": ("datasets/",),
    "rename_model": ("models/flowers-v1/card.json",),
    "note_verdicts": ("journal/",),
}
"""The old files that an action replaces or removes, by how their paths begin."""


@dataclass(frozen=True, slots=True)
class Harm:
    """What a kill did: nothing, if all is well."""

    point: Failpoint
    lost: bool = False
    torn: str = ""
    seconds: float = 0.0
    """From the new start until the action was done anew and the workspace looked through."""


@dataclass(frozen=True)
class Trial:
    """One deed, on copies of one furnished workspace.

    Attributes:
        deed: what is done.
        old: the workspace as it was before, never changed.
        room: a folder for the copies.
    """

    deed: Deed
    old: Path
    room: Path

    def points(self) -> tuple[list[Failpoint], list[dict[str, Any]]]:
        """Every point that the deed passes, and what is seen before it and after each step."""
        home = self._copy()
        said, passed = calls(self.deed, home)
        shutil.rmtree(home)
        home = self._copy()
        # The first is what is seen when it is ready: before its first action.
        states = [seen(home) for _ in self.deed(home)]
        assert len(states) == len(said) + 1
        shutil.rmtree(home)
        return [*passed, *map(TornWrite, TORN_AT)], states

    def harm(self, point: Failpoint, states: Sequence[dict[str, Any]]) -> Harm | None:
        """Kill the deed at a point, and look what is left; None if it did not come there."""
        home = self._copy()
        try:
            said = killed(self.deed, home, point)
            return None if said is None else self._look(home, point, states, len(said))
        finally:
            shutil.rmtree(home)

    def _look(
        self, home: Path, point: Failpoint, states: Sequence[dict[str, Any]], acknowledged: int
    ) -> Harm:
        began = time.perf_counter()
        try:
            found = seen(home)
        except Exception as error:  # noqa: BLE001 - whatever it is, the workspace is not whole
            return Harm(point, torn=repr(error))
        if found not in states[acknowledged : acknowledged + 2]:
            lost = found in states
            return Harm(point, lost=lost, torn="" if lost else f"{found} is none of {states}")
        replaced = REPLACED.get(self.deed.__name__, ())
        kept = {
            content for path, content in contents(self.old).items() if not path.startswith(replaced)
        }
        if gone := kept - set(contents(home).values()):
            return Harm(point, torn=f"{len(gone)} old files are not what they were")
        # What was done before the kill cannot be done twice: it is not there any more.
        with suppress(NotFoundError):
            deque(self.deed(home), maxlen=0)
        again = seen(home)
        # A model that was saved twice has two versions.
        complete = again["models"].items() >= states[-1]["models"].items()
        complete = complete and {**again, "models": 0} == {**states[-1], "models": 0}
        return Harm(point, lost=not complete, seconds=time.perf_counter() - began)

    def _copy(self) -> Path:
        home = self.room / f"home of {self.deed.__name__}"
        shutil.copytree(self.old, home)
        return home


def trials(room: Path, deeds: Sequence[Deed] = DEEDS) -> Iterator[Trial]:
    """A trial for each deed, on one furnished workspace."""
    old = room / "old"
    furnish(old)
    for deed in deeds:
        yield Trial(deed, old, room)


def harms(trial: Trial, *, every: int = 1) -> list[Harm]:
    """Kill the deed at each of its points, or at each so-manieth."""
    points, states = trial.points()
    found = (trial.harm(point, states) for point in points[::every])
    return [harm for harm in found if harm is not None]


def table() -> list[Row]:
    """Kill every deed at every point."""
    with TemporaryDirectory() as room:
        return [_row(trial.deed, harms(trial)) for trial in trials(Path(room))]


def _row(deed: Deed, found: Sequence[Harm]) -> Row:
    return Row(
        f"kill: {deed.__name__.replace('_', ' ')}",
        injected=len(found),
        lost=sum(harm.lost for harm in found),
        torn=sum(bool(harm.torn) for harm in found),
        seconds=max((harm.seconds for harm in found), default=0.0),
    )
