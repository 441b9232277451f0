"""The Train page compares the champion with a challenger, promotes it and rolls back."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.services.data.datasets import default_dataset
from app.services.model.champion import champion_model, promote
from app.services.model.training import train_model
from app.ui.visit import visit_workspace
from iris_core.model.options import ModelSpec, TrainOptions
from tests.app.driving import is_calm, open_page, press, texts


@pytest.fixture
def challenger(home_with_model: Path) -> str:
    """The id of a second model of the workspace."""
    workspace = visit_workspace()
    return train_model(
        workspace,
        default_dataset(workspace),
        ModelSpec(units=(8,)),
        options=TrainOptions(epochs=2),
    ).card.id


def opened() -> AppTest:
    """The page with the comparison open."""
    app = open_page("train")
    app.session_state["champion_open"] = True
    app.run()
    assert is_calm(app), texts(app)
    return app


def test_only_model_is_the_champion(home_with_model: Path) -> None:
    app = open_page("train")
    assert is_calm(app), texts(app)
    assert "The first model is the champion" in texts(app)
    assert not [button for button in app.button if button.label == "Promote"]


def test_challenger_is_compared_promoted_and_rolled_back(challenger: str) -> None:
    app = opened()
    first = champion_model(visit_workspace()).card.id
    assert "The challenger fixes" in texts(app)
    table = next(entry.value for entry in app.dataframe if "Challenger" in entry.value.columns)
    assert list(table["Metric"]) == [
        "Accuracy",
        "Balanced accuracy",
        "Macro F1",
        "Calibration error",
        "Log loss",
    ]
    assert set(table["Records"]) == {240}
    app.text_input(key="promote_why").set_value("smaller")
    press(app, "Promote")
    assert is_calm(app), texts(app)
    assert champion_model(visit_workspace()).card.id == challenger
    assert "smaller" in texts(app)
    (back,) = [button.label for button in app.button if button.label.startswith("Roll back to")]
    press(app, back)
    assert is_calm(app), texts(app)
    assert champion_model(visit_workspace()).card.id == first
    assert "is the champion again" in texts(app)


def test_promotion_that_came_second_is_explained(challenger: str) -> None:
    app = opened()
    promote(visit_workspace(), challenger, who="ada")
    press(app, "Promote")
    assert not app.exception
    assert "is the champion already" in app.error[0].value
