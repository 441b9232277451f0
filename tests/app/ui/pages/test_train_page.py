"""The Train page draws the network, compares trainings, and manages models."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.services.data.datasets import default_dataset, import_table
from app.services.job_starters import TRAIN
from app.services.jobs import Job
from app.ui import state
from app.ui.visit import visit_workspace
from app.ui.widgets.texts import model_name
from iris_core.errors import DataError
from iris_core.model.recipes import RECIPES
from tests.app.driving import (
    choose_network,
    go_to,
    is_calm,
    open_page,
    press,
    says,
    texts,
    until,
)


@pytest.fixture
def app(home_with_model: Path) -> AppTest:
    """The page on a workspace with a model."""
    return open_page("train")


def test_model_is_renamed_under_its_id(app: AppTest) -> None:
    (card,) = visit_workspace().models.list().cards
    app.text_input(key=f"new_name_{card.id}").set_value("my *iris*")
    press(app, "Rename it")
    assert is_calm(app), texts(app)
    assert visit_workspace().models.card(card.id).name == "my *iris*"


def test_name_that_nobody_can_read_is_explained(app: AppTest) -> None:
    (card,) = visit_workspace().models.list().cards
    app.text_input(key=f"new_name_{card.id}").set_value("   ")
    press(app, "Rename it")
    assert app.error
    assert not app.exception
    assert visit_workspace().models.card(card.id).name == card.name


def test_deleted_model_comes_back(app: AppTest) -> None:
    (card,) = visit_workspace().models.list().cards
    press(app, "Delete")
    assert is_calm(app), texts(app)
    assert not visit_workspace().models.list().cards
    assert "Deleted" in texts(app)
    press(app, "Undo")
    assert is_calm(app), texts(app)
    assert visit_workspace().models.list().cards == (card,)


def test_bundle_is_loaded_back_under_an_id_of_its_own(app: AppTest) -> None:
    (card,) = visit_workspace().models.list().cards
    content = visit_workspace().models.export(card.id)
    app.file_uploader[0].set_value((f"{card.id}.zip", content, "application/zip")).run()
    press(app, "Load it")
    assert is_calm(app), texts(app)
    assert len(visit_workspace().models.list().cards) == 2
    assert "Loaded" in texts(app)


def test_bundle_that_is_none_is_explained(app: AppTest) -> None:
    app.file_uploader[0].set_value(("x.zip", b"PK no bundle", "application/zip")).run()
    press(app, "Load it")
    assert "expected a model bundle" in app.error[0].value
    assert not app.exception
    assert len(visit_workspace().models.list().cards) == 1


def test_comparison_follows_the_choice_and_survives_a_deletion(app: AppTest) -> None:
    (card,) = visit_workspace().models.list().cards
    assert app.multiselect(key="compared").value == [card.id]
    app.multiselect(key="compared").set_value([]).run()
    assert "Choose one or more models" in texts(app)
    app.multiselect(key="compared").set_value([card.id]).run()
    press(app, "Delete")
    assert is_calm(app), texts(app)


def test_sketch_of_a_network_that_cannot_be_is_none(app: AppTest) -> None:
    app.text_input(key="units").set_value("32, 99999").run()
    assert "units of layer 2" in app.error[0].value
    assert not app.exception


def test_model_of_one_row_a_class_is_not_measured(home: Path) -> None:
    # GIVEN data of which no row can be held out
    dataset = import_table(visit_workspace(), b"kind,length\na,1.5\nb,2.5\n", name="two.csv")
    app = choose_network(open_page("train", train_on=dataset.id), "plain")
    app.number_input(key="epochs").set_value(1)
    until(press(app, "Train"), says("Evaluation accuracy"))
    # THEN no page gives it an accuracy
    assert "Evaluation accuracy: not measured, for there are too few different rows" in texts(app)
    (card,) = visit_workspace().models.list().cards
    assert "test_accuracy" not in card.metrics
    assert app.dataframe[0].value["Accuracy"].isna().all()
    assert "Without an accuracy: not measured" in texts(app)
    assert model_name(card) == "two v1 · not measured"
    assert any(
        model_name(card) in name for name in go_to(app, "test").selectbox(key="model").options
    )
    assert is_calm(app), texts(app)


def test_forms_follow_the_network_that_is_chosen(app: AppTest) -> None:
    assert app.number_input(key="members").value == 8
    assert app.number_input(key="patience").value == RECIPES["default"].options.patience
    app.text_input(key="units").set_value("7").run()
    choose_network(app, "plain")
    assert app.text_input(key="units").value == "32, 16"
    assert app.number_input(key="members").value == 1
    assert app.number_input(key="batch_size").value == 32
    assert app.number_input(key="patience").value == 0
    choose_network(app, "thorough")
    assert app.text_input(key="units").value == "64, 32"
    assert is_calm(app), texts(app)


def test_default_network_is_wider_for_many_rows(app: AppTest) -> None:
    assert app.text_input(key="units").value == "32, 16"
    rows = "\n".join(f"{'ab'[number % 2]},{number / 8}" for number in range(2_000))
    import_table(visit_workspace(), f"kind,length\n{rows}\n".encode(), name="many.csv")
    many = visit_workspace().datasets.list().cards[0]
    wide = open_page("train", train_on=many.id)
    assert wide.text_input(key="units").value == "64, 32"
    assert wide.checkbox(key="linear_path").value
    assert is_calm(wide), texts(wide)


def test_model_to_start_from_brings_its_network_and_options(app: AppTest) -> None:
    (card,) = visit_workspace().models.list().cards
    app.selectbox(key="parent").set_value(card.id).run()
    assert "stays: 32, 16" in texts(app)
    assert app.number_input(key="epochs").value == card.options.epochs
    assert app.number_input(key="validation_share").value == card.options.validation_share
    assert is_calm(app), texts(app)


def test_default_network_is_trained_with_its_out_of_fold_figures(app: AppTest) -> None:
    app.number_input(key="epochs").set_value(2).run()
    press(app, "Train")
    until(app, lambda _app: len(visit_workspace().models.list().cards) == 2)
    newest = visit_workspace().models.list().cards[0]
    assert newest.spec.members == 8
    assert {"val_loss", "val_accuracy"} <= set(newest.metrics)
    assert "32, 16 (8 members)" in app.run().dataframe[0].value["Units"].tolist()


ONE_KIND = b"size;kind\n" + b"".join(b"%d;red\n" % size for size in range(9))


def test_data_of_one_class_cannot_be_trained_on_and_the_page_says_what_to_do(home: Path) -> None:
    workspace = visit_workspace()
    both = import_table(workspace, ONE_KIND + b"9;blue\n", name="paint")
    data = both.with_rows("paint", both.frame[both.frame["kind"] == "red"])
    workspace.datasets.add(data)
    app = open_page("train", train_on=data.id)
    (train,) = [button for button in app.button if button.label == "Train"]
    assert train.disabled
    assert "Add rows of another class" in app.warning[0].value
    assert "all rows of paint are 'red'" in app.warning[0].value


def test_error_of_a_training_goes_when_other_data_are_chosen(home: Path) -> None:
    workspace = visit_workspace()
    data = import_table(workspace, ONE_KIND + b"99;blue\n", name="paint")
    flowers = default_dataset(workspace)

    def fail(_job: Job) -> None:
        raise DataError("Add rows to paint.")

    job = workspace.jobs.submit(TRAIN, "Training on paint", fail, subject=data.id)
    app = until(open_page("train", train_on=data.id), lambda _app: job.is_over).run()
    assert "Add rows to paint" in app.error[0].value
    set_project(app, flowers.columns.project)
    assert not app.error


def set_project(app: AppTest, project: str) -> None:
    app.selectbox(key=state.PROJECT).set_value(project).run()
