"""The Score page starts from any record, and compares its values with the typical ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.services.data.datasets import default_dataset, import_table
from app.services.model.training import train_model
from app.ui.visit import visit_workspace
from iris_core.data.datasets import DataSet
from iris_core.model.options import ModelSpec, TrainOptions
from tests.app.driving import is_calm, open_page, press, texts
from tests.newest import newest_model


def page(**address: str) -> AppTest:
    return open_page("score", **address)


def training_data() -> DataSet:
    """What the newest model was trained on."""
    return visit_workspace().datasets.load(visit_workspace().models.list().cards[0].dataset_id)


def test_record_is_the_starting_point_and_a_change_is_named(same_home: Path) -> None:
    app = page(score_from=training_data().id)
    app.number_input(key="score_row").set_value(1199).run()
    press(app, "Use this record")
    assert is_calm(app), texts(app)
    row = training_data().frame.iloc[1199]
    assert app.number_input(key="number_petal_length").value == row["petal_length"]
    assert f"true label **{row['species']}**" in texts(app)
    app.number_input(key="number_petal_length").set_value(1.0).run()
    assert "Changed: petal" in texts(app)
    press(app, "Averages")
    assert "The averages" in texts(app)
    assert "Changed" not in texts(app)


def test_records_of_the_models_own_data_are_offered_first(home_with_model: Path) -> None:
    older = import_table(visit_workspace(), b"kind,n\na,1\nb,2\n", name="older")
    card = home_with_model / "datasets" / older.id / "card.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"created": "2000-01-01T00:00:00Z"}))
    app = page()
    assert visit_workspace().datasets.list().cards[-1].id == older.id
    assert app.selectbox(key="score_from").value == training_data().id


def test_row_that_was_just_written_is_the_one_that_is_taken(same_home: Path) -> None:
    app = page()
    # In one drawing, as when somebody writes and presses at once.
    app.number_input(key="score_row").set_value(57)
    press(app, "Use this record")
    assert is_calm(app), texts(app)
    assert "Row 57 of" in texts(app)


def test_record_in_the_address_is_the_starting_point(same_home: Path) -> None:
    app = page(record=f"{training_data().id}:3")
    assert is_calm(app), texts(app)
    assert "Row 3 of" in texts(app)


@pytest.mark.parametrize("record", ["x", "x:1", ":", "nothing:0", "../..:0", "x:99999999999"])
def test_nonsense_in_the_address_harms_nothing(same_home: Path, record: str) -> None:
    app = page(record=record)
    assert not app.exception
    assert app.metric


def test_record_of_other_data_leaves_missing_what_it_has_not(home_with_model: Path) -> None:
    other = import_table(
        visit_workspace(), b"kind,petal_length,colour\na,1.5,red\nb,2.5,blue\n", name="other"
    )
    (model,) = visit_workspace().models.list().cards
    app = page(record=f"{other.id}:1", model=model.id)
    assert is_calm(app), texts(app)
    assert app.number_input(key="number_petal_length").value == 2.5
    assert app.number_input(key="number_petal_width").value is None


def test_values_are_compared_with_the_typical_ones(same_home: Path) -> None:
    app = page()
    label = app.metric[0].value
    assert f'z-score vs "{label}"' in app.dataframe[0].value.columns
    assert len(app.dataframe[0].value) == 20


def test_typical_range_is_unknown_without_the_training_data(
    home_with_model: Path,
) -> None:
    visit_workspace().datasets.delete(training_data().id)
    app = page()
    assert is_calm(app), texts(app)
    assert "is not known" in texts(app) or app.dataframe


def test_link_names_the_model_also_where_another_one_was_chosen(home_with_model: Path) -> None:
    workspace = visit_workspace()
    dataset = default_dataset(workspace)
    older = newest_model(workspace)
    train_model(workspace, dataset, ModelSpec(), options=TrainOptions(epochs=1))
    app = open_page("score")
    chooser = app.selectbox(key="model")
    assert chooser.format_func(chooser.value).startswith("Champion")
    app.query_params["model"] = older.card.id
    app.run()
    assert app.selectbox(key="model").value == older.card.id
    app.selectbox(key="model").set_value("").run()
    assert app.selectbox(key="model").value == ""
