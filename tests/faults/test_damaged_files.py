"""A damaged or inaccessible workspace is used as far as possible."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.services import workspace as services_module
from app.services.journal import Journal
from app.services.model.champion import champion, champion_model, promote
from app.services.project_data import evaluation_set, evaluation_split
from app.services.projects import projects
from app.services.workspace import Workspace
from app.ui.navigation import script
from aws.errors import LocalCloudError
from aws.settings import Settings
from iris_core.data.label_noise import add_label_noise
from iris_core.errors import DataError, StoreError
from iris_core.storage.dataset_store import DataSetStore
from iris_core.storage.model_store import ModelStore
from tests.faults.file_workspace import DELETED, MODEL, NEW_RUN, OLD_RUN, run_of, visible_state
from tests.iris_core.samples import flowers
from tests.using import used

ROOT = Path(__file__).parents[2]

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda _content: b"",
    "torn": lambda content: content[: len(content) // 2],
    "one byte short": lambda content: content.rstrip()[:-1],
    "backwards": lambda content: content[::-1],
    "other text": lambda _content: "Größe".encode("latin-1"),
}
PROJECT = flowers().columns.project
FILES = {
    "data.csv": f"datasets/{flowers().id}/data.csv",
    "a data set's card": f"datasets/{flowers().id}/card.json",
    "model.keras": f"models/{MODEL}/model.keras",
    "a model's card": f"models/{MODEL}/card.json",
    "trained_on.u64": f"models/{MODEL}/trained_on.u64",
    "logistic.f32": f"models/{MODEL}/logistic.f32",
    "a run's note": f"journal/local/{OLD_RUN}.json",
    "a project's card": f"projects/{PROJECT}/card.json",
    "evaluation.u64": f"projects/{PROJECT}/evaluation.u64",
    "training.u64": f"projects/{PROJECT}/training.u64",
    "a promotion": f"promotions/{PROJECT}/000002.json",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("path", FILES.values(), ids=FILES)
def test_damaged_file_is_named_and_the_others_are_listed(
    home: Path, path: str, damage: Callable[[bytes], bytes]
) -> None:
    others = add_others(home)
    (home / path).write_bytes(damage((home / path).read_bytes()))
    (message,) = messages_of(home)
    assert str(home / path) in message
    assert "Delete " in message or "Remove " in message
    assert others <= listed(home)
    # THEN the project has its data, its models and a champion all the same
    workspace = Workspace(home, Settings())
    (project,) = projects(workspace)
    models = {card.id for card in ModelStore(home).list().cards}
    assert {card.id for card in project.models} == models
    assert others & {card.id for card in DataSetStore(home).list().cards} <= {
        card.id for card in project.datasets
    }
    current = champion(workspace, project)
    assert current is not None
    assert current.id in models


def add_others(home: Path) -> set[str]:
    """Add one more of each kind, and return their ids."""
    added = DataSetStore(home).add(add_label_noise(flowers(), rows=5, seed=1)[0])
    ModelStore(home).restore(DELETED)
    promote(Workspace(home, Settings()), DELETED, who="ada")
    Journal(home, "local").save(run_of(NEW_RUN))
    return {added.id, DELETED, NEW_RUN}


def listed(home: Path) -> set[str]:
    """Return the ids of everything that the workspace lists."""
    return {
        *(card.id for card in DataSetStore(home).list().cards),
        *(card.id for card in ModelStore(home).list().cards),
        *(run.id for run in Journal(home, "local").runs()),
    }


def messages_of(home: Path) -> list[str]:
    """Return what the workspace reports as broken, in its lists or on loading."""
    datasets, models, journal = DataSetStore(home), ModelStore(home), Journal(home, "local")
    workspace = Workspace(home, Settings())
    messages = [*datasets.list().broken, *models.list().broken, *journal.broken()]
    messages += [*workspace.projects.broken(), *workspace.promotions.broken()]
    loads: dict[str, Callable[[str], object]] = {
        flowers().id: datasets.load,
        MODEL: models.load,
        PROJECT: workspace.projects.split,
    }
    for id_, load in loads.items():
        try:
            load(id_)
        except StoreError as error:
            messages.append(str(error))
    return sorted(set(messages))


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("name", ["data.csv", "card.json"])
def test_damaged_data_set_is_repaired_by_adding_it_again(
    home: Path, name: str, damage: Callable[[bytes], bytes]
) -> None:
    path = home / "datasets" / flowers().id / name
    path.write_bytes(damage(path.read_bytes()))
    DataSetStore(home).add(flowers())
    assert visible_state(home)["broken"] == []
    assert DataSetStore(home).load(flowers().id).frame.equals(flowers().frame)


def test_deleted_project_is_decided_again_as_before(home: Path) -> None:
    workspace = Workspace(home, Settings())
    before = evaluation_split(workspace, flowers())
    (home / FILES["evaluation.u64"]).write_bytes(b"")
    with pytest.raises(StoreError, match="Delete the project's folder"):
        used(workspace, flowers())
    shutil.rmtree(home / "projects" / PROJECT)
    used(workspace, flowers())
    after = evaluation_split(workspace, flowers())
    assert after.evaluation.tolist() == before.evaluation.tolist()
    assert after.training.tolist() == before.training.tolist()


def test_models_are_promoted_again_once_a_broken_promotion_is_deleted(home: Path) -> None:
    add_others(home)
    workspace = Workspace(home, Settings())
    path = home / f"promotions/{PROJECT}/000001.json"
    path.write_bytes(b"{")
    with pytest.raises(StoreError, match="Delete it, and promote"):
        promote(workspace, MODEL, who="bob")
    with pytest.raises(StoreError, match="Delete it, and promote"):
        champion_model(workspace)
    path.unlink()
    assert promote(workspace, MODEL, who="bob") == DELETED
    assert champion_model(workspace).card.id == MODEL


def test_training_goes_on_without_an_evaluation_set_that_was_deleted(home: Path) -> None:
    workspace = Workspace(home, Settings())
    _, before = used(workspace, flowers())
    assert before is not None
    workspace.datasets.delete(before.id)
    with pytest.raises(DataError, match="Name the data to test on"):
        evaluation_set(workspace, PROJECT)
    _, again = used(workspace, flowers())
    assert again is not None
    assert again.id == before.id == evaluation_set(workspace, PROJECT).id


def test_verdicts_that_cannot_be_read_are_named(home: Path) -> None:
    path = home / f"journal/local/{OLD_RUN}.verdicts.jsonl"
    path.unlink()
    path.mkdir()
    with pytest.raises(StoreError, match=r"Give access to .*verdicts\.jsonl"):
        Journal(home, "local").verdicts(OLD_RUN)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_verdicts_are_skipped(home: Path, damage: Callable[[bytes], bytes]) -> None:
    path = home / f"journal/local/{OLD_RUN}.verdicts.jsonl"
    path.write_bytes(damage(path.read_bytes()))
    assert Journal(home, "local").verdicts(OLD_RUN) == []


@pytest.fixture
def dashboard(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], AppTest]]:
    """Give a function that opens the dashboard on the workspace."""
    monkeypatch.setenv("IRIS_HOME", str(home))
    yield lambda: AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    workspace = services_module._shared.pop(home.resolve(), None)
    if workspace is not None:
        workspace.close()
        atexit.unregister(workspace.close)


def test_dashboard_starts_on_a_damaged_workspace(
    home: Path, dashboard: Callable[[], AppTest]
) -> None:
    add_others(home)
    broken = ("a data set's card", "a project's card", "a promotion", "model.keras", "a run's note")
    for path in map(FILES.__getitem__, broken):
        (home / path).write_bytes(b"\xff")
    (home / "models" / MODEL / "model.keras").unlink()
    (home / "target.txt").write_bytes(b"\xff")
    app = dashboard()
    assert not app.exception
    assert not app.error
    for page, files in {
        "data": ("datasets", "projects"),
        "train": ("datasets", "projects"),
        "score": ("model.keras", "promotions"),
    }.items():
        app.switch_page(script(page)).run()
        assert not app.exception
        assert not app.error, (page, [entry.value for entry in app.error])
        for file in files:
            assert any(file in warning.value for warning in app.warning), (page, file)


@pytest.mark.cloud
def test_dashboard_names_damaged_notes(home: Path, dashboard: Callable[[], AppTest]) -> None:
    (home / FILES["a run's note"]).write_bytes(b"{")
    app = dashboard().switch_page(script("test")).run()
    assert not app.exception
    assert not app.error
    assert any("Remove " in warning.value for warning in app.warning)


@pytest.mark.parametrize("page", ["loop", "data", "train", "score"])
def test_dashboard_starts_though_its_workspace_cannot_be_created(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    blocked = tmp_path / "file" / "home"
    (tmp_path / "file").touch()
    monkeypatch.setenv("IRIS_HOME", str(blocked))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    app.switch_page(script(page)).run()
    workspace = services_module._shared.pop(blocked)
    workspace.close()
    atexit.unregister(workspace.close)
    assert not app.exception
    messages = [error.value for error in app.error]
    assert all("give access" in text or "another workspace" in text for text in messages), messages


def test_local_cloud_without_a_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    workspace = Workspace(tmp_path / "file" / "home", Settings())
    with pytest.raises(LocalCloudError, match="Choose another workspace"):
        workspace.cloud()
