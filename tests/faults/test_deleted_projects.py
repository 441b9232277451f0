"""A kill at any call of a deletion leaves the project listed, or gone with all that it had."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.services.model.champion import promote
from app.services.project_deletion import delete_project
from app.services.workspace import Workspace
from aws.settings import Settings
from iris_core.errors import NotFoundError
from tests.faults.failpoints import calls, killed
from tests.faults.file_workspace import DELETED, contents, visible_state
from tests.iris_core.samples import flowers

PROJECT = flowers().columns.project
EVERY = 3
"""Every n-th point of a change of the disk, so that there are some twenty kills."""
KEPT = ("runs", "verdicts", "target", "broken")
"""What a deletion does not change."""


def delete_the_project(home: Path) -> Iterator[str]:
    """Delete a project with two models, of which the second was promoted."""
    workspace = Workspace(home, Settings())
    with suppress(NotFoundError):
        workspace.models.restore(DELETED)
        promote(workspace, DELETED, who="ada")
    yield "ready"
    yield delete_project(workspace, PROJECT).id


def kept(state: dict[str, Any]) -> dict[str, Any]:
    return {name: state[name] for name in KEPT}


def test_killed_deletion_is_completed_by_the_next(old: Path, tmp_path: Path) -> None:
    before = visible_state(old)
    done = Path(shutil.copytree(old, tmp_path / "done"))
    _, points = calls(delete_the_project, done)
    after = visible_state(done)
    assert kept(after) == kept(before)
    assert (after["projects"], after["data sets"], after["models"]) == ({}, {}, {})
    assert after["deleted"] == ["flowers-v1", "flowers-v2"]
    listed = 0
    at_changes = [point for point in points if str(point).partition(" of ")[2].startswith("os:")]
    assert len(at_changes) > 20
    for number, point in enumerate(at_changes[::EVERY]):
        home = Path(shutil.copytree(old, tmp_path / str(number)))
        assert killed(delete_the_project, home, point) is not None
        state = visible_state(home)
        assert kept(state) == kept(before), point
        if state["projects"]:
            listed += 1
            assert [*state["projects"]] == [PROJECT], point
            workspace = Workspace(home, Settings())
            assert delete_project(workspace, "flowers · species").id == PROJECT, point
        assert visible_state(home) == after, point
        left = [path for path in contents(home) if PROJECT in Path(path).parts]
        assert left == [], point
    assert 0 < listed < len(at_changes[::EVERY])
