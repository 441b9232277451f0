"""A deed tried on copies of one furnished workspace, each harmed in another way.

The invariant: whoever opens the workspace after the harm sees it as it was before the action that
was under way, or as it is after it, nothing between; what was acknowledged is there; every old file
that the action does not replace is there byte for byte; and the action can be done anew.
"""

from __future__ import annotations

import shutil
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from iris_core.errors import NotFoundError
from tests.faults.deeds import DEEDS
from tests.faults.failpoints import Deed
from tests.faults.file_workspace import contents, furnish, seen
from tests.faults.rows import Row

REPLACED = {
    "delete_data_set": ("datasets/",),
    "rename_model": ("models/flowers-v1/card.json",),
    "note_verdicts": ("journal/",),
}
"""The old files that an action replaces or removes, by how their paths begin."""


@dataclass(frozen=True, slots=True)
class Harm:
    """What a fault at some point did: nothing, if all is well."""

    point: str
    lost: bool = False
    doubled: bool = False
    torn: str = ""
    seconds: float = 0.0
    """From the new start until the action was done anew and the workspace looked through."""

    @property
    def is_none(self) -> bool:
        """Whether the fault did nothing but take time."""
        return not (self.lost or self.doubled or self.torn)


@dataclass(frozen=True)
class Trial:
    """One deed, to be harmed.

    Attributes:
        deed: what is done.
        old: the workspace as it was before, never changed.
        room: a folder for the copies.
    """

    deed: Deed
    old: Path
    room: Path

    @property
    def name(self) -> str:
        """The deed in words."""
        return self.deed.__name__.replace("_", " ")

    @contextmanager
    def home(self) -> Iterator[Path]:
        """A copy of the workspace, removed after."""
        with TemporaryDirectory(dir=self.room) as folder:
            yield Path(shutil.copytree(self.old, Path(folder) / "home"))

    @cached_property
    def states(self) -> list[dict[str, Any]]:
        """What is seen before the deed, and after each of its steps."""
        with self.home() as home:
            # The first is what is seen when it is ready: before its first action.
            return [seen(home) for _ in self.deed(home)]

    def look(self, home: Path, point: object, *, acknowledged: int, under_way: int) -> Harm:
        """Look what is left after so many steps were acknowledged and others were under way."""
        began = time.perf_counter()
        try:
            found = seen(home)
        except Exception as error:  # noqa: BLE001 - whatever it is, the workspace is not whole
            return Harm(str(point), torn=repr(error))
        if found not in self.states[acknowledged : acknowledged + 1 + under_way]:
            lost = found in self.states
            return Harm(str(point), lost=lost, torn="" if lost else f"never to be seen: {found}")
        if gone := self._kept() - set(contents(home).values()):
            return Harm(str(point), torn=f"{len(gone)} old files are not what they were")
        again = self._done_anew(home)
        return Harm(str(point), lost=not again, seconds=time.perf_counter() - began)

    def _kept(self) -> set[bytes]:
        """The contents of the old files that the deed does not replace."""
        replaced = REPLACED.get(self.deed.__name__, ())
        return {
            content for path, content in contents(self.old).items() if not path.startswith(replaced)
        }

    def _done_anew(self, home: Path) -> bool:
        """Do the deed once more; tell whether all of it is there then."""
        # What was done before the harm cannot be done twice: it is not there any more.
        with suppress(NotFoundError):
            deque(self.deed(home), maxlen=0)
        found, wanted = seen(home), self.states[-1]
        # A model that was saved twice has two versions.
        if not found["models"].items() >= wanted["models"].items():
            return False
        return {**found, "models": None} == {**wanted, "models": None}


def trials(room: Path, deeds: Sequence[Deed] = DEEDS) -> Iterator[Trial]:
    """A trial for each deed, on one furnished workspace."""
    old = room / "old"
    furnish(old)
    for deed in deeds:
        yield Trial(deed, old, room)


def row(fault: str, found: Sequence[Harm]) -> Row:
    """The line of the table for what a fault did, each time it was made."""
    return Row(
        fault,
        injected=len(found),
        lost=sum(harm.lost for harm in found),
        doubled=sum(harm.doubled for harm in found),
        torn=sum(bool(harm.torn) for harm in found),
        seconds=max((harm.seconds for harm in found), default=0.0),
    )
