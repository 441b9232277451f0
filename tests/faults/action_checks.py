"""An action checked on copies of one populated workspace, each with another fault.

The invariant: whoever opens the workspace after the fault sees it as it was before the action that
was under way, or as it is after it, nothing between; what was acknowledged is there; every old file
that the action does not replace is there byte for byte; and the action can be repeated.
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
from tests.faults.actions import ACTIONS
from tests.faults.failpoints import Action
from tests.faults.file_workspace import contents, populate, visible_state
from tests.faults.report_rows import Row

REPLACED = {
    "delete_data_set": ("datasets/",),
    "rename_model": ("models/flowers-v1/card.json",),
    "note_verdicts": ("journal/",),
    "apply_verdicts": ("journal/", "projects/"),
}
"""The old files that an action replaces or removes, by the beginning of their paths."""


@dataclass(frozen=True, slots=True)
class FaultOutcome:
    """The outcome of a fault at one point.

    Attributes:
        point: where it was injected.
        lost: whether something that was acknowledged is missing.
        doubled: whether something exists twice.
        torn: what exists in part, or has changed, in words.
        seconds: from the restart until the action was repeated and the workspace checked.
    """

    point: str
    lost: bool = False
    doubled: bool = False
    torn: str = ""
    seconds: float = 0.0

    @property
    def is_clean(self) -> bool:
        """Whether the fault cost nothing but time."""
        return not (self.lost or self.doubled or self.torn)


@dataclass(frozen=True)
class ActionCheck:
    """One action, and the workspace that it is checked in.

    Attributes:
        action: what is done.
        old: the workspace before it, never changed.
        room: a folder for the copies.
    """

    action: Action
    old: Path
    room: Path

    @property
    def name(self) -> str:
        """The action in words."""
        return self.action.__name__.replace("_", " ")

    @contextmanager
    def home(self) -> Iterator[Path]:
        """Give a copy of the workspace, removed after."""
        with TemporaryDirectory(dir=self.room) as folder:
            yield Path(shutil.copytree(self.old, Path(folder) / "home"))

    @cached_property
    def states(self) -> list[dict[str, Any]]:
        """The visible states before the action, and after each of its steps."""
        with self.home() as home:
            # The first state is that of a prepared action, before its first step.
            return [visible_state(home) for _ in self.action(home)]

    def inspect(
        self, home: Path, point: object, *, acknowledged: int, under_way: int
    ) -> FaultOutcome:
        """Check a workspace in which a fault interrupted the action.

        Args:
            home: the workspace.
            point: where the fault was injected.
            acknowledged: how many steps were acknowledged before.
            under_way: how many more may have taken effect.
        """
        began = time.perf_counter()
        try:
            state = visible_state(home)
        except Exception as error:  # noqa: BLE001 - whatever it is, the workspace is not whole
            return FaultOutcome(str(point), torn=repr(error))
        if state not in self.states[acknowledged : acknowledged + 1 + under_way]:
            lost = state in self.states
            torn = "" if lost else f"between two states: {state}"
            return FaultOutcome(str(point), lost=lost, torn=torn)
        if changed := self._unaffected_files() - set(contents(home).values()):
            return FaultOutcome(str(point), torn=f"{len(changed)} old files have changed")
        repeated = self._repeat(home)
        return FaultOutcome(str(point), lost=not repeated, seconds=time.perf_counter() - began)

    def _unaffected_files(self) -> set[bytes]:
        """Return the contents of the old files that the action does not replace."""
        replaced = REPLACED.get(self.action.__name__, ())
        return {
            content for path, content in contents(self.old).items() if not path.startswith(replaced)
        }

    def _repeat(self, home: Path) -> bool:
        """Repeat the action, and return whether all of its effect is there then."""
        # What was deleted before the fault cannot be deleted again.
        with suppress(NotFoundError):
            deque(self.action(home), maxlen=0)
        state, expected = visible_state(home), self.states[-1]
        # A model that was saved twice has two versions.
        if not state["models"].items() >= expected["models"].items():
            return False
        return {**state, "models": None} == {**expected, "models": None}


def action_checks(room: Path, actions: Sequence[Action] = ACTIONS) -> Iterator[ActionCheck]:
    """Make a check for each action, on one populated workspace."""
    old = room / "old"
    populate(old)
    for action in actions:
        yield ActionCheck(action, old, room)


def report_row(fault: str, outcomes: Sequence[FaultOutcome]) -> Row:
    """Sum the outcomes of a fault up to a row of the report."""
    return Row(
        fault,
        injected=len(outcomes),
        lost=sum(outcome.lost for outcome in outcomes),
        doubled=sum(outcome.doubled for outcome in outcomes),
        torn=sum(bool(outcome.torn) for outcome in outcomes),
        seconds=max((outcome.seconds for outcome in outcomes), default=0.0),
    )
