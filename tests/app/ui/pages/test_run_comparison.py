"""The Test page compares two runs on the same data record by record."""

from __future__ import annotations

from pathlib import Path

from app.services.model.training import train_model
from app.services.runs.pipeline import run_test
from app.ui import state
from app.ui.visit import visit_workspace
from aws import run_table
from iris_core.model.options import ModelSpec, TrainOptions
from tests.app.driving import is_calm, open_page, texts


def test_runs_on_the_same_data_are_compared_record_by_record(home_with_runs: Path) -> None:
    workspace = visit_workspace()
    newest = next(run_table.runs(workspace.cloud()))
    dataset = workspace.datasets.load(newest.dataset)
    weak = train_model(workspace, dataset, ModelSpec(), options=TrainOptions(epochs=1, seed=3))
    run_test(workspace, weak, dataset)
    app = open_page("test")
    app.session_state[state.RUN_VIEW] = "Compare"
    app.run()
    assert is_calm(app), texts(app)
    assert "This run fixes" in texts(app)
    assert "McNemar" in texts(app)
    changes = app.dataframe[0].value
    right = changes[changes["Change"] == "fixed"]
    assert list(right["This run predicts"]) == list(right["True label"])
    assert len(changes) > len(right), "a model that was hardly trained breaks some"
