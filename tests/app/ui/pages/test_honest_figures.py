"""No accuracy stands alone on a page, and none is green that does not beat its baselines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app.services.data.datasets import import_table
from app.services.journal import Journal
from app.services.model.training import train_model
from app.services.project_data import evaluation_set
from app.services.runs.pipeline import run_test
from app.services.runs.score_curves import run_curves
from app.ui import state
from app.ui.visit import visit_workspace
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.records.keys import new_run_id
from iris_core.records.run import Run
from tests.app.driving import choose_network, go_to, is_calm, open_page, press, says, texts, until


def churn(rows: int, *, share: float, says_something: bool) -> bytes:
    """A table whose label says "yes" in some rows, which its features may show or not."""
    rng = np.random.default_rng(3)
    leaves = rng.random(rows) < share
    frame = pd.DataFrame(
        {
            "churn": np.where(leaves, "yes", "no"),
            "months": rng.normal(30 - 15 * leaves * says_something, 8, rows).round(2),
            "charges": rng.normal(50 + 20 * leaves * says_something, 12, rows).round(2),
        }
    )
    return frame.to_csv(index=False).encode()


def tested_churn(*, says_something: bool) -> Run:
    """A run of a new model on its evaluation set."""
    workspace = visit_workspace()
    content = churn(600, share=0.2, says_something=says_something)
    dataset = import_table(workspace, content, name="churn.csv")
    options = TrainOptions(epochs=15)
    model = train_model(workspace, dataset, ModelSpec(units=(8,)), options=options)
    evaluation = evaluation_set(workspace, dataset.columns.project)
    return run_test(workspace, model, evaluation).run


def accuracy_boxes(app: AppTest) -> tuple[list[str], list[str]]:
    """The green and the yellow boxes that say an accuracy."""
    green, yellow = (
        [box.value.replace("\\", "") for box in boxes if "ccuracy" in box.value]
        for boxes in (app.success, app.warning)
    )
    return green, yellow


@pytest.mark.usefixtures("home")
def test_accuracy_of_a_label_that_nothing_shows_is_never_green() -> None:
    tested_churn(says_something=False)
    app = open_page("test")
    for name in ("test", "loop", "train"):
        go_to(app, name)
        assert is_calm(app), texts(app)
        green, yellow = accuracy_boxes(app)
        assert green == []
        assert len(yellow) == 1, texts(app)
        assert "always saying 'no': " in yellow[0]
        assert "logistic regression: " in yellow[0]
        assert "Look at the balanced accuracy" in yellow[0]


@pytest.mark.usefixtures("home")
def test_two_classes_have_curves_and_a_cut_off_that_costs_least() -> None:
    run = tested_churn(says_something=True)
    app = open_page("test")
    green, _ = accuracy_boxes(app)
    assert "always saying 'no': " in green[0]
    # Curves: the rare class first, its areas with interval and guess.
    app.session_state[state.pending(state.RUN_VIEW)] = "Curves"
    app.run()
    assert is_calm(app), texts(app)
    assert app.selectbox(key=state.part(state.CURVE_CLASS, run.id)).value == "yes"
    figures = {metric.label: metric for metric in app.metric}
    assert float(figures["ROC area"].value) > 0.8
    assert "guess 0.500" in figures["ROC area"].delta
    app.selectbox(key=state.part(state.CURVE_CLASS, run.id)).select("no").run()
    again = {metric.label: metric.value for metric in app.metric}
    assert again["ROC area"] == figures["ROC area"].value
    assert again["Average precision"] != figures["Average precision"].value
    # The cut-off: what 0.5 costs is what the confusion matrix says.
    app.session_state[state.pending(state.RUN_VIEW)] = "Cut-off"
    app.run()
    assert is_calm(app), texts(app)
    assert "nothing is changed" in texts(app)
    table = next(entry.value for entry in app.dataframe if "Misses" in entry.value.columns)
    rows = {row["Rule"]: row for _, row in table.iterrows()}
    confusion = run.metrics.confusion
    stored, chosen = rows["As predicted, from 0.5 on"], rows["Chosen"]
    for half in (stored, chosen):
        assert (half["False alarms"], half["Misses"]) == (confusion[0][1], confusion[1][0])
        mistakes = confusion[0][1] + confusion[1][0]
        assert half["Cost of 1,000"] == pytest.approx(1000 * mistakes / run.tested)
    lowest = rows["Cheapest on these records"]["Cost of 1,000"]
    assert lowest == table["Cost of 1,000"].min()
    assert "are expected to cost" in texts(app)
    key = state.part(state.CUT_OFF, run.id, "yes")
    app.slider(key=key).set_value(0.0).run()
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Misses"] == "0"
    assert shown["Found"] == f"{sum(confusion[1])}"
    assert shown["False alarms"] == f"{sum(confusion[0])}"
    assert shown["Rightly left"] == "0"
    app.number_input(key="miss").set_value(0.0)
    app.number_input(key="false_alarm").set_value(0.0).run()
    assert "Enter a cost above 0" in app.error[0].value


@pytest.mark.usefixtures("home")
def test_run_of_two_classes_without_kept_scores_has_curves_by_its_records() -> None:
    run = tested_churn(says_something=True)
    workspace = visit_workspace()
    kept = run_curves(workspace, run)
    (workspace.home / "journal" / "local" / f"{run.id}.scores").unlink()
    by_records = run_curves(workspace, run)
    assert [curve.name for curve in by_records] == ["no", "yes"]
    for first, second in zip(kept, by_records, strict=True):
        assert first.roc_area.value == pytest.approx(second.roc_area.value, abs=1e-3)
        assert first.positives == second.positives


def test_run_of_three_classes_says_what_is_missing_without_its_scores(
    home_with_runs: Path,
) -> None:
    app = open_page("test")
    app.session_state[state.pending(state.RUN_VIEW)] = "Curves"
    app.run()
    assert is_calm(app), texts(app)
    listed = app.dataframe[0].value
    assert list(listed["Class"]) == ["setosa", "versicolor", "virginica"]
    for path in (home_with_runs / "journal" / "local").glob("*.scores"):
        path.write_text("{}")
    st.cache_data.clear()
    app = open_page("test")
    app.session_state[state.pending(state.RUN_VIEW)] = "Curves"
    app.run()
    assert "Test the model again" in texts(app)
    assert is_calm(app), texts(app)


def test_balanced_accuracy_and_macro_f1_have_their_intervals(same_home: Path) -> None:
    app = open_page("test")
    app.session_state[state.pending(state.RUN_VIEW)] = "Classes"
    app.run()
    assert is_calm(app), texts(app)
    figures = {metric.label: metric for metric in app.metric}
    for name in ("Balanced accuracy", "Macro F1"):
        assert " % to " in figures[name].delta
    assert "Recall, 95 % interval" in app.dataframe[0].value.columns


@pytest.mark.usefixtures("home")
def test_class_weights_are_suggested_for_imbalanced_classes_and_used() -> None:
    content = churn(400, share=0.04, says_something=True)
    dataset = import_table(visit_workspace(), content, name="rare.csv")
    app = open_page("train", train_on=dataset.id)
    assert "the classes are imbalanced" in texts(app)
    app.toggle(key="class_weights").set_value(True).run()
    assert "Try class weights" not in texts(app)
    until(press(app, "Train"), says("Evaluation accuracy"))
    (card,) = visit_workspace().models.list().cards
    assert card.options.class_weights


@pytest.mark.usefixtures("home")
def test_overfitting_is_said_with_its_epoch() -> None:
    content = churn(120, share=0.5, says_something=False)
    dataset = import_table(visit_workspace(), content, name="noise.csv")
    app = choose_network(open_page("train", train_on=dataset.id), "plain")
    app.text_input(key="units").set_value("256, 256")
    app.number_input(key="epochs").set_value(60)
    until(press(app, "Train"), says("Evaluation accuracy"))
    assert "overfitting since epoch " in texts(app)
    assert is_calm(app), texts(app)
    app.number_input(key="epochs").set_value(200)
    app.number_input(key="patience").set_value(80)
    until(press(app, "Train"), says("The model has the weights of epoch"))


def test_scores_that_cannot_be_read_are_none(tmp_path: Path) -> None:
    assert Journal(tmp_path, "local").scores(new_run_id()) is None
