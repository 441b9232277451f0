"""A project is deleted on the Data page: what goes is counted before, and confirmed."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from app.services.data.datasets import import_table
from app.services.job_starters import TRAIN
from app.services.projects import projects
from app.services.workspace import Workspace
from app.ui import state
from app.ui.visit import visit_workspace
from iris_core.data.roles import RoleChoice
from iris_core.records.run import Run
from iris_core.storage.cards import DataSetCard
from tests.app.driving import go_to, is_calm, open_page, press, texts
from tests.files import coffee_csv
from tests.newest import newest_model

CONFIRM = "Yes, delete the project"
RUN = "20260101T000000.000000Z-0123456789abcdef"


@pytest.fixture
def workspace(home: Path, trained_home: Path) -> Workspace:
    """The default data with a model and an interrupted run, and newer data of another project."""
    shutil.copytree(trained_home, home)
    made = visit_workspace()
    model = newest_model(made).card
    made.journal.save(
        Run(
            id=RUN,
            model=model.id,
            dataset=model.dataset_id,
            dataset_name=model.dataset_name,
            rows=1200,
            threshold="0.9",
        )
    )
    import_table(made, coffee_csv(60), name="coffee", choice=RoleChoice("variety"))
    return made


def data_set(workspace: Workspace, name: str) -> DataSetCard:
    return next(card for card in workspace.datasets.list().cards if card.name == name)


def test_project_is_deleted_after_a_confirmation_that_counts_what_goes(
    workspace: Workspace,
) -> None:
    iris = data_set(workspace, "extended_iris")
    app = open_page("data", project=iris.project)
    assert CONFIRM not in [button.label for button in app.button]
    app.session_state[state.DELETE_PROJECT_OPEN] = True
    app.run()
    assert (
        "Delete the project **extended\\_iris · species** for good: 2 data sets, 1 model"
        in texts(app)
    )
    assert "Its 1 run stays in the cloud, with all records and verdicts." in texts(app)
    assert "expected all to be reconciled, found 1 that is not" in texts(app)
    press(app, CONFIRM)
    assert is_calm(app)
    assert app.success[0].value == (
        "Deleted the project extended\\_iris · species\\: 2 data sets, 1 model."
    )
    assert [project.name for project in projects(workspace)] == ["coffee · variety"]
    assert workspace.journal.run(RUN) is not None
    assert "Project: **coffee · variety**" in texts(app)
    assert "60 rows" in texts(app)
    assert "any more" not in texts(app)
    assert CONFIRM not in [button.label for button in app.button]
    for page in ("loop", "train", "score"):
        assert is_calm(go_to(app, page))
        assert "any more" not in texts(app), page


def test_project_that_a_job_needs_is_not_deleted(workspace: Workspace) -> None:
    iris = data_set(workspace, "extended_iris")
    gate = threading.Event()
    workspace.jobs.submit(TRAIN, "Long work", lambda _: gate.wait(60), projects=[iris.project])
    try:
        app = open_page("data", project=iris.project)
        app.session_state[state.DELETE_PROJECT_OPEN] = True
        press(app.run(), CONFIRM)
        assert app.error[0].value.startswith("Wait for 'Long work' to end, or cancel it, then ")
        assert len(projects(workspace)) == 2
    finally:
        gate.set()


def test_project_without_data_can_be_deleted(workspace: Workspace) -> None:
    iris = data_set(workspace, "extended_iris").project
    for card in workspace.datasets.list().cards:
        if card.project == iris:
            workspace.datasets.delete(card.id)
    app = open_page("data", project=iris)
    app.session_state[state.DELETE_PROJECT_OPEN] = True
    press(app.run(), CONFIRM)
    assert is_calm(app)
    assert "0 data sets, 1 model" in app.success[0].value
    assert "Project: **coffee · variety**" in texts(app)


@pytest.mark.usefixtures("home_with_model")
def test_default_data_come_back_when_the_only_project_was_deleted() -> None:
    app = open_page("data")
    app.session_state[state.DELETE_PROJECT_OPEN] = True
    press(app.run(), CONFIRM)
    assert is_calm(app)
    assert "The default data are loaded again" in app.success[0].value
    assert "1,200 rows" in texts(app)
    (left,) = projects(visit_workspace())
    assert (len(left.datasets), left.models, left.evaluation) == (1, (), None)
