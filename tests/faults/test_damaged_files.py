"""A damaged or inaccessible workspace is used as far as possible."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.services import workspace as services_module
from app.services.journal import Journal
from app.services.workspace import Workspace
from app.ui.navigation import script
from aws.errors import LocalCloudError
from aws.settings import Settings
from iris_core.data.label_noise import add_label_noise
from iris_core.errors import StoreError
from iris_core.storage.dataset_store import DataSetStore
from iris_core.storage.model_store import ModelStore
from tests.faults.file_workspace import DELETED, MODEL, NEW_RUN, OLD_RUN, run_of, visible_state
from tests.iris_core.samples import flowers

ROOT = Path(__file__).parents[2]

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda _content: b"",
    "torn": lambda content: content[: len(content) // 2],
    "one byte short": lambda content: content.rstrip()[:-1],
    "other text": lambda _content: "Größe".encode("latin-1"),
}
FILES = {
    "data.csv": f"datasets/{flowers().id}/data.csv",
    "a data set's card": f"datasets/{flowers().id}/card.json",
    "model.keras": f"models/{MODEL}/model.keras",
    "a model's card": f"models/{MODEL}/card.json",
    "a run's note": f"journal/local/{OLD_RUN}.json",
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
    assert "Delete it" in message or "Remove " in message
    assert others <= listed(home)


def add_others(home: Path) -> set[str]:
    """Add one more of each kind, and return their ids."""
    added = DataSetStore(home).add(add_label_noise(flowers(), rows=5, seed=1)[0])
    ModelStore(home).restore(DELETED)
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
    messages = [*datasets.list().broken, *models.list().broken, *journal.broken()]
    loads: dict[str, Callable[[str], object]] = {flowers().id: datasets.load, MODEL: models.load}
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
    for path in (FILES["a data set's card"], FILES["model.keras"], FILES["a run's note"]):
        (home / path).write_bytes(b"\xff")
    (home / "models" / MODEL / "model.keras").unlink()
    (home / "target.txt").write_bytes(b"\xff")
    app = dashboard()
    assert not app.exception
    assert not app.error
    for page, file in (("data", "card.json"), ("train", "card.json"), ("score", "model.keras")):
        app.switch_page(script(page)).run()
        assert not app.exception
        assert not app.error
        assert any(file in warning.value for warning in app.warning)


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
