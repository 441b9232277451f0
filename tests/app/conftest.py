"""Workspaces for the tests of the app: made once a session, copied for whoever changes them."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services import workspace as services_module
from app.services.data.datasets import change_labels, default_dataset
from app.services.model.training import train_model
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from aws.settings import Settings
from iris_core.data.datasets import DataSet
from iris_core.model.models import Model
from iris_core.model.options import ModelSpec, TrainOptions
from tests.app.shared_cloud import SharedCloud
from tests.newest import newest_model

WRONG_LABELS = 60
"""Labels that are changed in the data of the newest run of `tested_home`."""


@pytest.fixture(scope="session")
def trained_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the default data and a model of it."""
    workspace = Workspace(tmp_path_factory.mktemp("trained") / "home", Settings())
    train_model(workspace, default_dataset(workspace), ModelSpec(), options=TrainOptions(epochs=15))
    workspace.close()
    return workspace.home


@pytest.fixture(scope="session")
def tested_home(trained_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with two runs: on the true labels, and on data of which some are wrong."""
    home = tmp_path_factory.mktemp("tested") / "home"
    shutil.copytree(trained_home, home)
    workspace = Workspace(home, Settings())
    dataset, model = default_dataset(workspace), newest_model(workspace)
    noisy, _ = change_labels(workspace, dataset, rows=WRONG_LABELS, seed=1)
    run_test(workspace, model, dataset)
    run_test(workspace, model, noisy)
    workspace.close()
    return home


@pytest.fixture(scope="module")
def workspace(trained_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A copy of the trained workspace with a local cloud of its own, shared by a module's tests."""
    home = tmp_path_factory.mktemp("shared") / "home"
    shutil.copytree(trained_home, home)
    made = Workspace(home, Settings())
    yield made
    made.close()


@pytest.fixture(scope="module")
def dataset(workspace: Workspace) -> DataSet:
    """The default data."""
    return default_dataset(workspace)


@pytest.fixture(scope="module")
def model(workspace: Workspace) -> Model:
    """A model of the default data."""
    return newest_model(workspace)


@pytest.fixture(scope="session")
def open_home(tested_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace with a model and two runs that stays open for all tests."""
    home = (tmp_path_factory.mktemp("open") / "home").resolve()
    shutil.copytree(tested_home, home)
    yield home
    close(home)


def close(home: Path) -> None:
    """Close the dashboard's services for a workspace, if it has any."""
    made = services_module._shared.pop(home, None)
    if made is not None:
        made.close()
        atexit.unregister(made.close)


@pytest.fixture
def same_home(open_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with a model and two runs, for tests that leave it as they found it."""
    monkeypatch.setenv("IRIS_HOME", str(open_home))
    return open_home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace of the test's own, still empty, and the dashboard's services for it."""
    home = (tmp_path / "home").resolve()
    monkeypatch.setenv("IRIS_HOME", str(home))
    yield home
    close(home)


@pytest.fixture
def home_with_model(home: Path, trained_home: Path) -> Path:
    """A workspace of the test's own with the default data and a model of it."""
    shutil.copytree(trained_home, home)
    return home


@pytest.fixture(scope="session")
def shared_cloud(
    tested_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SharedCloud]:
    """A local cloud with the two runs of `tested_home`, which tests use one after the other."""
    state = tmp_path_factory.mktemp("shared_cloud") / "cloud"
    shutil.copytree(tested_home / "cloud", state)
    running = SharedCloud(state)
    yield running
    running.close()


@pytest.fixture
def home_with_runs(home: Path, tested_home: Path, shared_cloud: SharedCloud) -> Path:
    """A workspace of the test's own with a model and two runs, on the shared local cloud."""
    shutil.copytree(tested_home, home, ignore=shutil.ignore_patterns("cloud"))
    shared_cloud.put_back()
    (home / "cloud").symlink_to(shared_cloud.state, target_is_directory=True)
    return home
