"""The Test page compares two runs on the same data record by record."""

from __future__ import annotations

import re
from pathlib import Path

from app.services.model.training import train_model
from app.services.review.verdicts import give_verdict
from app.services.runs.pipeline import run_test
from app.ui import state
from app.ui.visit import visit_workspace
from app.ui.widgets.texts import percent
from aws import retrain_table, run_table
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.records.reason import Reason
from tests.app.driving import is_calm, open_page, texts


def test_runs_on_the_same_data_are_compared_record_by_record(home_with_runs: Path) -> None:
    workspace = visit_workspace()
    newest = next(run_table.runs(workspace.cloud()))
    dataset = workspace.datasets.load(newest.dataset)
    weak = train_model(workspace, dataset, ModelSpec(), options=TrainOptions(epochs=1, seed=3))
    run_test(workspace, weak, dataset)
    app = open_page("test")
    app.session_state[state.pending(state.RUN_VIEW)] = "Compare"
    app.run()
    assert is_calm(app), texts(app)
    assert "This run fixes" in texts(app)
    assert "McNemar" in texts(app)
    metrics, changes, classes, facts, *_ = (table.value for table in app.dataframe)
    assert list(metrics["Metric"]) == [
        "Accuracy", "Balanced accuracy", "Macro F1", "Calibration error",
    ]  # fmt: skip
    assert set(metrics["Records"]) == {newest.rows}
    accuracy = metrics.iloc[0]
    assert accuracy["Baseline"].startswith(percent(newest.accuracy) + " (")
    assert re.fullmatch(r"-\d+\.\d points \(-\d+\.\d to -\d+\.\d\)", accuracy["Difference"])
    assert len(classes) == 2 * len(newest.metrics.classes)
    assert list(classes["Support"][::2]) == [entry.support for entry in newest.metrics.classes]
    # AND nothing is shown that compares the two as if their records were others'
    assert "Accuracy" not in list(facts["Figure"])
    assert "overlap: that may be chance" not in texts(app)
    right = changes[changes["Change"] == "fixed"]
    assert list(right["This run predicts"]) == list(right["True label"])
    assert len(changes) > len(right), "a model that was hardly trained breaks some"


def test_runs_on_labels_that_were_corrected_since_are_compared_by_the_corrected_ones(
    home_with_runs: Path,
) -> None:
    # GIVEN two runs on data of which a label turned out to be wrong
    workspace = visit_workspace()
    newest = next(run_table.runs(workspace.cloud()))
    dataset = workspace.datasets.load(newest.dataset)
    weak = train_model(workspace, dataset, ModelSpec(), options=TrainOptions(epochs=1, seed=3))
    run_test(workspace, weak, dataset)
    app = open_page("test")
    app.session_state[state.pending(state.RUN_VIEW)] = "Compare"
    app.run()
    assert "Go by the corrected labels" not in texts(app)
    wrong = next(
        candidate
        for candidate in retrain_table.candidates(workspace.cloud(), newest)
        if candidate.reason == Reason.WRONG
    )
    give_verdict(workspace, wrong, "relabel", label=wrong.record.class_string)
    # THEN the accuracies against the corrected label come first
    app.run()
    (warning,) = [entry.value for entry in app.warning if "corrected labels" in entry.value]
    assert warning.startswith("Go by the corrected labels: against them the accuracy of this run")
    corrected = round((newest.accuracy or 0.0) * newest.rows) + 1
    assert f"that of the other {percent(corrected / newest.rows)} (" in warning
    assert "1 of its labels were corrected, and 0 records dropped" in warning
