"""A run in a cloud in memory, and the workspaces of those who review it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from app.services.workspace import Workspace
from aws.settings import Target
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key
from iris_core.records.run_metrics import ClassMetrics, RunMetrics
from tests.faults.cloud_workspace import WorkspaceOnCloud
from tests.faults.loop import Loop

OTHERS = ("setosa", "virginica")
"""Classes that a record of the loop can be relabelled to: it is a versicolor."""


def reviewed_loop(rows: int = 60, *, target: Target = "local") -> Loop:
    """Return a run whose candidates are all there, in the local cloud or in one that is shared."""
    loop = Loop(rows)
    loop.cloud.settings = replace(loop.cloud.settings, target=target)
    loop.write()
    loop.mapping.deliver()
    names = ("setosa", "versicolor", "virginica")
    classes = tuple(ClassMetrics(name, 0, 0, 0, 0) for name in names)
    metrics = RunMetrics(classes=classes)
    loop.run = replace(loop.run, found=len(loop.candidates()), metrics=metrics)
    return loop


def workspace_of(loop: Loop, home: Path) -> Workspace:
    """Return a workspace of the loop's cloud."""
    workspace = WorkspaceOnCloud(home, loop.cloud)
    workspace.journal.save(loop.run)
    return workspace


State = tuple[str, str, str, str, str]


def state(candidate: Candidate) -> State | None:
    """Return decision, label, note, reviewer and time of a candidate's verdict."""
    verdict = candidate.verdict
    if verdict is None:
        return None
    return verdict.decision, verdict.label, verdict.note, verdict.who, verdict.at


def states(loop: Loop) -> dict[Key, State | None]:
    """Return the verdict on each candidate of the loop."""
    return {key: state(candidate) for key, candidate in loop.candidates().items()}


def first(loop: Loop, number: int = 1) -> Any:
    """Return the first candidates of the loop as they are; one of them alone."""
    found = list(loop.candidates().values())[:number]
    return found[0] if number == 1 else found
