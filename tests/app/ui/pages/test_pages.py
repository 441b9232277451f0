"""Every page, driven as a person would, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.services.workspace import Workspace
from app.ui import state
from app.ui.visit import visit_workspace
from app.ui.widgets.error_display import UNEXPECTED
from iris_core.data.csv_file import MAX_CELL
from iris_core.model.backend import keras
from tests.app.driving import (
    choose_network,
    go_to,
    is_calm,
    open_page,
    press,
    says,
    texts,
    trained,
    until,
)

pytestmark = pytest.mark.cloud

PAGES = ("loop", "data", "train", "score", "test", "retrain", "cloud", "lab")


def names_in(app: AppTest, key: str) -> list[str]:
    return list(app.selectbox(key=key).options)


def test_every_page_opens_on_an_empty_workspace_and_names_the_next_step(app: AppTest) -> None:
    next_step = {
        "loop": "no model of it yet",
        "data": "1,200 rows",
        "train": "press Train",
        "score": "Train one first",
        "test": "Train one first",
        "retrain": "Test a model first",
        "cloud": "All 7 resources healthy.",
        "lab": "5 of 7 steps are done.",
    }
    for name in PAGES:
        go_to(app, name)
        assert is_calm(app), texts(app)
        assert app.title[0].value == name.capitalize()
        assert next_step[name] in texts(app)
        assert "press Test" not in texts(app), "there is no such button yet"


def test_first_three_pages_do_without_the_local_cloud(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(_workspace: Workspace) -> None:
        raise AssertionError("the cloud is not needed here")

    monkeypatch.setattr(Workspace, "cloud", forbidden)
    for name in ("data", "train", "score"):
        app = open_page(name)
        assert is_calm(app), texts(app)


def test_link_opens_what_it_names(app_with_model: AppTest) -> None:
    press(app_with_model, "Change labels")
    noisy = app_with_model.selectbox(key="dataset").value
    assert app_with_model.query_params["dataset"] == noisy
    # A new session, as after the browser was loaded again.
    assert open_page("data", dataset=str(noisy)).selectbox(key="dataset").value == noisy
    fresh = open_page("data", dataset="gone")
    assert is_calm(fresh)
    assert fresh.selectbox(key="dataset").value != noisy


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "expected a header and rows, received an empty file"),
        (b"only\n1\n2\n", "expected a label and at least one feature"),
        (b"a,a\n1,2\n3,4\n", "expected distinct headers"),
        (b"PK\x03\x04 workbook", "cannot be read as an Excel workbook"),
    ],
)
def test_bad_upload_is_explained_and_changes_nothing(
    app: AppTest, content: bytes, fault: str
) -> None:
    before = names_in(app, "dataset")
    app.file_uploader[0].set_value(("bad.csv", content, "text/csv"))
    app.run()
    assert fault in app.error[0].value
    assert "bad" in app.error[0].value
    assert names_in(app, "dataset") == before
    assert not app.exception


def test_fault_behind_the_header_is_explained_and_changes_nothing(app: AppTest) -> None:
    before = names_in(app, "dataset")
    long_cell = b"kind,size\na,x\nb,y\na,y\nb," + b"x" * (MAX_CELL + 1)
    app.file_uploader[0].set_value(("bad.csv", long_cell, "text/csv"))
    press(app.run(), "Add")
    assert "row 5" in app.error[0].value
    assert names_in(app, "dataset") == before


def test_uploaded_data_is_chosen_on_every_page_with_the_label_that_was_chosen(
    app: AppTest,
) -> None:
    rows = "".join(f"{n},{'ab'[n % 2]},{'xy'[n % 2]}{n % 4}\n" for n in range(40))
    app.file_uploader[0].set_value(("own *data*.csv", f"n,kind,<b>\n{rows}".encode(), "text/csv"))
    app.run().selectbox(key="upload_label").set_value("kind").run()
    press(app, "Add")
    assert is_calm(app), texts(app)
    card = visit_workspace().datasets.card(str(app.selectbox(key="dataset").value))
    assert (card.name, card.label, card.rows) == ("own *data*", "kind", 40)
    assert go_to(app, "train").selectbox(key="train_on").value == card.id
    # AND a model of it asks for its columns, categories among them
    trained(app)
    go_to(app, "score")
    assert is_calm(app), texts(app)
    assert list(app.selectbox(key="category_<b>").options) == ["x0", "x2", "y1", "y3"]
    app.selectbox(key="category_<b>").set_value(None).run()
    assert is_calm(app), texts(app)


def test_split_parts_are_chosen_where_they_belong(app: AppTest) -> None:
    press(app, "Split")
    names = {card.id: card.name for card in visit_workspace().datasets.list().cards}
    on_train = go_to(app, "train").selectbox(key="train_on").value
    assert names[str(on_train)] == "extended_iris-train"
    assert names[app.session_state[state.pending(state.TEST_ON)]] == "extended_iris-test"


def test_choices_stay_over_a_page_switch(app: AppTest) -> None:
    go_to(app, "train").text_input(key="units").set_value("8").run()
    go_to(app, "data")
    assert go_to(app, "train").text_input(key="units").value == "8"


def test_units_that_are_no_numbers_are_explained_beside_the_form(app: AppTest) -> None:
    go_to(app, "train").text_input(key="units").set_value("many").run()
    assert "expected whole numbers such as 32, 16" in app.error[0].value
    assert not app.exception


def test_training_can_be_cancelled(app: AppTest) -> None:
    choose_network(go_to(app, "train"), "plain")
    app.number_input(key="epochs").set_value(10_000).run()
    press(app, "Train")
    until(app, lambda app: any(button.label == "Cancel" for button in app.button))
    press(app, "Cancel")
    until(app, says("cancelled after"))
    assert not visit_workspace().models.list().cards


def test_score_follows_the_values_and_takes_missing_ones(app_with_model: AppTest) -> None:
    app = go_to(app_with_model, "score")
    assert is_calm(app), texts(app)
    of_averages = (app.metric[0].value, app.metric[0].delta)
    app.number_input(key="number_petal_length").set_value(1.0)
    app.number_input(key="number_petal_width").set_value(0.1).run()
    assert (app.metric[0].value, app.metric[0].delta) != of_averages
    for field in app.number_input:
        field.set_value(None)
    # A missing number is imputed with the average.
    assert is_calm(app.run()), texts(app)
    assert app.metric[0].value == of_averages[0]


def test_model_can_be_trained_further(app_with_model: AppTest) -> None:
    app = go_to(app_with_model, "train")
    (first,) = visit_workspace().models.list().cards
    app.selectbox(key="parent").set_value(first.id).run()
    until(press(app, "Train"), lambda _app: len(visit_workspace().models.list().cards) == 2)
    newest = visit_workspace().models.list().cards[0]
    assert newest.parent == first.id


def test_aws_without_credentials_is_a_sentence_on_every_page(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    go_to(app, "cloud").radio(key="target").set_value("aws").run()
    assert "test runs write their records to DynamoDB" in texts(app)
    assert visit_workspace().settings.target == "local"
    (confirm,) = [button for button in app.button if button.label == "Yes, work on AWS"]
    assert confirm.disabled
    visit_workspace().choose_target("aws")  # as with credentials that have ended since
    for name in ("cloud", "test", "retrain"):
        go_to(app, name)
        assert "No usable AWS credentials" in app.error[0].value
        assert UNEXPECTED not in texts(app)
        assert not app.exception


def test_aws_is_not_chosen_without_a_yes(app: AppTest) -> None:
    go_to(app, "cloud").radio(key="target").set_value("aws").run()
    press(app, "Stay on Local cloud")
    assert visit_workspace().settings.target == "local"
    assert app.radio(key="target").value == "local"


def test_setting_that_cannot_be_meant_is_a_sentence(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IRIS_TARGET", "moon")
    app = open_page("loop")
    assert "Expected 'local' or 'aws' in IRIS\\_TARGET" in app.error[0].value
    assert not app.exception


def test_unexpected_error_is_calm_on_the_page_and_full_in_the_log(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError("the inner reason")

    monkeypatch.setattr(Workspace, "cloud", fail)
    go_to(app, "retrain")
    assert app.error[0].value == UNEXPECTED
    assert "the inner reason" not in texts(app)
    assert any(entry.exc_info for entry in caplog.records)


def test_drawing_a_page_does_not_reset_keras_under_a_training(
    app_with_model: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    resets: list[bool] = []
    monkeypatch.setattr(keras().backend, "clear_session", lambda: resets.append(True))
    go_to(app_with_model, "train")
    assert not resets
