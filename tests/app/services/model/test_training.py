"""A model is measured on rows held out, or says that there are none."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from app.services.model.training import train_model
from app.services.workspace import Workspace
from aws.settings import Settings
from iris_core.model.options import ModelSpec, TrainOptions
from tests.iris_core.samples import data_set

QUICK = TrainOptions(epochs=1, validation_share=0)


def test_model_of_one_row_a_class_has_no_evaluation_accuracy(tmp_path: Path) -> None:
    frame = pd.DataFrame({"kind": ["a", "b"], "length": [1.0, 2.0]})
    dataset = data_set(frame)
    workspace = Workspace(tmp_path, Settings())
    workspace.datasets.add(dataset)
    card = train_model(workspace, dataset, ModelSpec(units=(4,)), options=QUICK).card
    assert "test_accuracy" not in card.metrics


def test_model_has_the_accuracy_on_the_rows_held_out(tmp_path: Path) -> None:
    frame = pd.DataFrame({"kind": ["a", "b"] * 10, "length": [float(row) for row in range(20)]})
    dataset = data_set(frame)
    workspace = Workspace(tmp_path, Settings())
    workspace.datasets.add(dataset)
    card = train_model(workspace, dataset, ModelSpec(units=(4,)), options=QUICK).card
    assert 0 <= card.metrics["test_accuracy"] <= 1
