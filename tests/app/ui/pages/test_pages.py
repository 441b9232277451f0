"""Every page, driven as a person would, without a browser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.services.workspace import Workspace
from app.ui.visit import visit_workspace
from app.ui.widgets.error_display import UNEXPECTED
from aws import retrain_table, run_table, stack
from aws.tables import typed
from iris_core.model.backend import keras
from iris_core.records.keys import key_of
from iris_core.records.run import RunState
from tests.app.driving import go_to, is_calm, open_page, press, says, texts, until

pytestmark = pytest.mark.cloud

PAGES = ("loop", "data", "train", "score", "test", "retrain", "cloud")


@pytest.fixture
def app(home: Path) -> AppTest:
    """The dashboard on an empty workspace, at its data."""
    return open_page("data")


@pytest.fixture
def app_with_model(home_with_model: Path) -> AppTest:
    """The dashboard on a workspace that has a model, at its data."""
    return open_page("data")


def trained(app: AppTest) -> AppTest:
    go_to(app, "train")
    return until(press(app, "Train"), says("of the rows held out are right"))


def tested(app: AppTest) -> AppTest:
    go_to(app, "test")
    return until(press(app, "Test"), says("Reconciled: all"))


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
        "cloud": "Every part is there and well.",
    }
    for name in PAGES:
        go_to(app, name)
        assert is_calm(app), texts(app)
        assert app.title[0].value == name.capitalize()
        assert next_step[name] in texts(app)


def test_first_three_pages_do_without_the_local_cloud(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(_workspace: Workspace) -> None:
        raise AssertionError("the cloud is not needed here")

    monkeypatch.setattr(Workspace, "cloud", forbidden)
    for name in ("data", "train", "score"):
        app = open_page(name)
        assert is_calm(app), texts(app)


def test_loop_from_training_to_a_retrained_model(app: AppTest) -> None:
    # GIVEN data in which 40 labels are wrong, and a model that was trained on the right ones
    app.number_input(key="noise_rows").set_value(40).run()
    assert "40 labels were changed" in texts(press(app, "Hack"))
    trained(app)
    # WHEN the model is tested on the hacked data, which is chosen already
    go_to(app, "test")
    assert "hacked" in app.selectbox(key="test_on").format_func(app.selectbox(key="test_on").value)
    tested(app)
    # THEN every record is accounted for, and the candidates are there to be judged
    workspace = visit_workspace()
    (run,) = run_table.runs(workspace.cloud())
    assert (run.state, run.stored, run.found) == ("reconciled", 1200, run.expected)
    assert run.found >= 35
    go_to(app, "retrain")
    assert is_calm(app), texts(app)
    assert len(app.dataframe[0].value) == min(run.found, 50)
    # WHEN one is confirmed, the next relabelled and the next dropped
    decisions = judge_three(app)
    verdicts = [c.verdict for c in retrain_table.candidates(workspace.cloud(), run) if c.verdict]
    assert sorted(verdict.decision for verdict in verdicts) == sorted(decisions)
    assert len(workspace.journal.verdicts(run.id)) == 3
    # THEN a model that was trained further has learnt from two of them
    until(press(app, "Retrain with the reviewed records"), says("rows held out are right"))
    newest, first = workspace.models.list().cards
    assert newest.parent == first.id
    assert newest.rows == first.rows + 2
    # AND it is the one that is tested next, on the same data
    go_to(app, "test")
    assert newest.name in app.selectbox(key="model").options[0]
    assert app.selectbox(key="test_on").value == run.dataset


def judge_three(app: AppTest) -> tuple[str, str, str]:
    (right,) = [button.label for button in app.button if button.label.endswith("is right")]
    press(app, right)
    press(app, "Relabel")
    press(app, "Drop")
    assert is_calm(app), texts(app)
    return "right", "relabel", "drop"


def test_verdict_of_somebody_else_is_not_overwritten(app_with_model: AppTest) -> None:
    # GIVEN a candidate on the screen, and a colleague who judges it first
    app = tested(app_with_model)
    go_to(app, "retrain")
    workspace = visit_workspace()
    (run,) = run_table.runs(workspace.cloud())
    shown = next(retrain_table.candidates(workspace.cloud(), run))
    retrain_table.save_verdict(workspace.cloud(), shown, "drop")
    # WHEN it is judged here too
    (right,) = [button.label for button in app.button if button.label.endswith("is right")]
    press(app, right)
    # THEN it is said, and the colleague's verdict stays
    assert "Load it again" in app.error[0].value
    after = retrain_table.load(workspace.cloud(), shown.key)
    assert after is not None
    assert after.verdict is not None
    assert after.verdict.decision == "drop"


def test_run_of_a_stack_that_was_destroyed_and_deployed_again_is_restored(
    app_with_model: AppTest,
) -> None:
    # GIVEN a tested run, and a stack that was destroyed and deployed again
    app = tested(app_with_model)
    workspace = visit_workspace()
    go_to(app, "cloud")
    assert "IrisExtendedRetrain" in app.checkbox(key="destroy").label
    app.checkbox(key="destroy").check().run()
    until(press(app, "Destroy"), says("parts need something"))
    assert stack.stack_state(workspace.cloud()) is None
    go_to(app, "test")
    assert "Deploy first" in app.error[0].value
    assert UNEXPECTED not in texts(app)
    go_to(app, "cloud")
    until(press(app, "Deploy"), says("Every part is there and well."))
    # WHEN the lost run is restored
    go_to(app, "test")
    assert "does not have" in texts(app)
    until(press(app, "Restore them"), says("Reconciled: all"))
    # THEN it is there again, under its own id
    assert [run.id for run in run_table.runs(workspace.cloud())] == [
        run.id for run in workspace.journal.runs()
    ]


def test_run_that_lacks_records_tells_which_and_is_completed(app_with_model: AppTest) -> None:
    # GIVEN a run of which a record was lost, and the copy of another
    app = tested(app_with_model)
    workspace = visit_workspace()
    cloud, (run,) = workspace.cloud(), run_table.runs(workspace.cloud())
    copied = next(retrain_table.candidates(cloud, run)).key
    for table, key in (
        (cloud.settings.score_table, key_of(run.id, 0)),
        (cloud.settings.retrain_table, copied),
    ):
        cloud.dynamodb.delete_item(TableName=table, Key=typed(key._asdict()))
    run_table.save(cloud, replace(run, state=RunState.INCOMPLETE))
    # WHEN it is looked at
    go_to(app, "test")
    # THEN it is said what is missing
    assert "Not reconciled: some records are not accounted for" in texts(app)
    missing = app.dataframe[0].value
    assert list(missing["What"]) == ["not stored", "not copied"]
    assert list(missing["Record"]) == ["row 0", str(copied)]
    # AND it can be mended
    until(press(app, "Complete this run"), says("Reconciled: all"))


def test_candidates_are_turned_page_by_page(app_with_model: AppTest) -> None:
    app = go_to(app_with_model, "test")
    app.number_input(key="test_threshold").set_value(1.0).run()
    tested(app)
    cloud, (run,) = visit_workspace().cloud(), run_table.runs(visit_workspace().cloud())
    # Nearly all rows: a probability may be 1 to the last bit, on some processors.
    rows = [candidate.key.row for candidate in retrain_table.candidates(cloud, run)]
    assert rows == sorted(set(rows))
    assert len(rows) == run.found > 100
    go_to(app, "retrain")
    assert list(app.dataframe[0].value["Row"]) == rows[:50]
    assert list(press(app, "Next").dataframe[0].value["Row"]) == rows[50:100]
    assert list(press(app, "Back").dataframe[0].value["Row"]) == rows[:50]


def test_link_opens_what_it_names(app_with_model: AppTest) -> None:
    press(app_with_model, "Hack")
    hacked = app_with_model.selectbox(key="dataset").value
    assert app_with_model.query_params["dataset"] == hacked
    # A new session, as after the browser was loaded again.
    assert open_page("data", dataset=str(hacked)).selectbox(key="dataset").value == hacked
    fresh = open_page("data", dataset="gone")
    assert is_calm(fresh)
    assert fresh.selectbox(key="dataset").value != hacked


def test_threshold_is_set_and_counts_in_the_next_run(app_with_model: AppTest) -> None:
    app = go_to(app_with_model, "cloud")
    # A form's values go with its button, not before.
    app.number_input(key="threshold").set_value(0.5)
    assert "The threshold is 0.5 now." in texts(press(app, "Set"))
    tested(app)
    (run,) = run_table.runs(visit_workspace().cloud())
    assert run.threshold == "0.5"
    # AND what the function did is in its log
    go_to(app, "cloud").session_state["log_open"] = True
    assert len(app.run().dataframe[1].value) > 0
    app.text_input(key="log_filter").set_value("no such words").run()
    assert "No such line." in texts(app)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "expected a header and rows, received an empty file"),
        (b"only\n1\n2\n", "expected a label and at least one feature"),
        (b"a,a\n1,2\n3,4\n", "expected distinct headers"),
        (b"PK\x03\x04 workbook", "expected CSV text, received an Excel workbook"),
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
    app.file_uploader[0].set_value(("bad.csv", b"kind,size\na,1\nb,2\nc,x\n", "text/csv"))
    press(app.run(), "Add")
    assert "row 4" in app.error[0].value
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
    assert names[app.session_state["test_on_pending"]] == "extended_iris-test"


def test_choices_stay_over_a_page_switch(app: AppTest) -> None:
    go_to(app, "train").text_input(key="units").set_value("8").run()
    go_to(app, "data")
    assert go_to(app, "train").text_input(key="units").value == "8"


def test_units_that_are_no_numbers_are_explained_beside_the_form(app: AppTest) -> None:
    go_to(app, "train").text_input(key="units").set_value("many").run()
    assert "expected whole numbers such as 32, 16" in app.error[0].value
    assert not app.exception


def test_training_can_be_cancelled(app: AppTest) -> None:
    go_to(app, "train").number_input(key="epochs").set_value(10_000).run()
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
    # A missing number is taken for the average.
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
    press(app, "Yes, work on AWS")
    assert visit_workspace().settings.target == "aws"
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
