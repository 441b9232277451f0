"""A project is deleted from the command line, once that is confirmed."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.services.data.datasets import change_labels
from app.services.projects import projects
from app.services.workspace import Workspace
from aws.settings import Settings
from tests.commands import answer, run
from tests.faults.file_workspace import OLD_RUN, contents, populate
from tests.iris_core.samples import flowers

PROJECT = flowers().columns.project
DELETE = ("data", "delete-project", "--project", PROJECT)


@pytest.fixture(scope="module")
def populated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with three data sets, a model, a run and a verdict."""
    home = tmp_path_factory.mktemp("populated") / "home"
    populate(home)
    change_labels(Workspace(home, Settings()), flowers(), rows=5, seed=1)
    return home


def test_project_is_deleted_and_its_runs_stay(populated: Path) -> None:
    before = contents(populated)
    asked = run(populated, *DELETE, "--json")
    assert answer(asked, status=2)["kind"] == "OptionError"
    assert asked.stderr == (
        "OptionError: Add --yes to delete the project flowers · species for good: 3 data sets, "
        "1 model; its 1 run stays in the cloud, with all records and verdicts. Expected --yes, "
        "received none; nothing was deleted.\n"
    )
    assert contents(populated) == before
    deleted = answer(run(populated, *DELETE, "--yes", "--json"))
    assert deleted == {"project": PROJECT, "datasets": 3, "models": 1, "runs_kept": 1}
    workspace = Workspace(populated, Settings())
    assert projects(workspace) == []
    assert workspace.journal.run(OLD_RUN) is not None
    assert answer(run(populated, "data", "list", "--json"))["datasets"] == []
    again = run(populated, *DELETE, "--yes")
    assert again.returncode == 2
    assert "Choose a project that is there: expected the id of one, received" in again.stderr


def test_project_is_never_chosen_by_default(populated: Path) -> None:
    with pytest.raises(SystemExit):
        run(populated, "data", "delete-project", "--yes")
