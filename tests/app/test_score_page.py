"""The Score page starts from any record, and says how usual its values are."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import services as services_module
from app.pipeline import default_dataset, import_csv, train_model
from app.services import Services, shared
from aws.settings import Settings
from iris_core.options import ModelSpec, TrainOptions

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a model."""
    services = Services(tmp_path_factory.mktemp("workspace"), Settings())
    options = TrainOptions(epochs=6)
    train_model(services, default_dataset(services), ModelSpec(), options=options)
    services.close()
    return services.home


@pytest.fixture
def home(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of it."""
    home = tmp_path / "home"
    shutil.copytree(workspace, home)
    monkeypatch.setenv("IRIS_HOME", str(home))
    yield home
    services_module._shared.pop(home.resolve()).close()


def page(**address: str) -> AppTest:
    made = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    for name, value in address.items():
        made.query_params[name] = value
    made.run()
    return made.switch_page("app/pages/score.py").run()


def press(app: AppTest, label: str) -> AppTest:
    (button,) = [button for button in app.button if button.label == label]
    return button.click().run()


def texts(app: AppTest) -> str:
    said = (*app.markdown, *app.caption, *app.info, *app.warning, *app.success, *app.error)
    return "\n".join(element.value for element in said)


def is_calm(app: AppTest) -> bool:
    return not app.exception and not app.error


def test_record_is_the_starting_point_and_a_change_is_told(home: Path) -> None:
    app = page()
    app.number_input(key="score_row").set_value(1199).run()
    press(app, "Take it")
    assert is_calm(app), texts(app)
    (card,) = shared().datasets.list().cards
    row = shared().datasets.load(card.id).frame.iloc[1199]
    assert app.number_input(key="number_petal_length").value == row["petal_length"]
    assert f"actually **{row['species']}**" in texts(app)
    app.number_input(key="number_petal_length").set_value(1.0).run()
    assert "Changed: petal" in texts(app)
    press(app, "Averages")
    assert "The averages" in texts(app)
    assert "Changed" not in texts(app)


def test_record_in_the_address_is_the_starting_point(home: Path) -> None:
    (card,) = shared().datasets.list().cards
    app = page(record=f"{card.id}:3")
    assert is_calm(app), texts(app)
    assert "Row 3 of" in texts(app)


@pytest.mark.parametrize("record", ["x", "x:1", ":", "nothing:0", "../..:0", "x:99999999999"])
def test_nonsense_in_the_address_harms_nothing(home: Path, record: str) -> None:
    app = page(record=record)
    assert not app.exception
    assert app.metric


def test_record_of_other_data_leaves_missing_what_it_has_not(home: Path) -> None:
    other = import_csv(shared(), b"kind,petal_length,colour\na,1.5,red\nb,2.5,blue\n", name="other")
    app = page(record=f"{other.id}:1")
    assert is_calm(app), texts(app)
    assert app.number_input(key="number_petal_length").value == 2.5
    assert app.number_input(key="number_petal_width").value is None


def test_values_stand_beside_the_usual(home: Path) -> None:
    app = page()
    label = app.metric[0].value
    assert f"From {label}" in app.dataframe[0].value.columns
    assert len(app.dataframe[0].value) == 20


def test_usual_is_told_to_be_unknown_without_the_training_data(home: Path) -> None:
    (card,) = shared().datasets.list().cards
    shared().datasets.delete(card.id)
    app = page()
    assert is_calm(app), texts(app)
    assert "is not known" in texts(app) or app.dataframe
