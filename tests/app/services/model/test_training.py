"""A model is measured on rows held out, or says that there are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.services.model.training import load_model, train_model
from app.services.project_data import evaluation_set
from app.services.review.retraining import plan_retraining
from app.services.workspace import Workspace
from aws.settings import Settings
from iris_core.errors import DataError
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.training import train
from tests.iris_core.samples import data_set, flowers

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


def test_ensemble_is_retrained_further_with_the_folds_that_it_had(tmp_path: Path) -> None:
    workspace, dataset = Workspace(tmp_path, Settings()), flowers(60)
    workspace.datasets.add(dataset)
    spec = ModelSpec(units=(4,), members=3, bins=4)
    options = TrainOptions(epochs=2, validation_share=0, patience=1)
    first = train_model(workspace, dataset, spec, options=options).card
    plan = plan_retraining(workspace, first.id, further=True, seed=7)
    assert plan.options.validation_share == 0
    second = train_model(workspace, dataset, spec, options=plan.options, parent=plan.parent).card
    assert second.parent == first.id
    anew = plan_retraining(workspace, first.id)
    assert (anew.parent, anew.options.patience) == (None, 1)
    # THEN both are on disk with a fold for each row that does not evaluate
    parent, child = (load_model(workspace, card.id).out_of_fold for card in (first, second))
    assert parent is not None
    assert child is not None
    assert np.array_equal(child.rows, parent.rows)
    assert np.array_equal(child.folds, parent.folds)
    evaluation = evaluation_set(workspace, dataset.columns.project)
    assert not np.isin(parent.rows, evaluation.fingerprints).any()


def test_row_that_is_trained_on_several_times_has_one_prediction() -> None:
    ds = flowers(30)
    often = ds.with_rows("often", ds.frame.loc[ds.frame.index.repeat(3)])
    spec = ModelSpec(units=(4,), members=3, bins=4)
    model = train(often, spec, options=TrainOptions(epochs=1, validation_share=0))
    assert model.out_of_fold is not None
    assert len(model.out_of_fold.rows) == 30


def test_error_of_the_rows_to_train_on_names_the_data_set(tmp_path: Path) -> None:
    # GIVEN a project in which it is decided which rows evaluate
    workspace = Workspace(tmp_path, Settings())
    data = flowers(60)
    workspace.datasets.add(data)
    train_model(workspace, data, ModelSpec(), options=TrainOptions(epochs=1))
    held_out = evaluation_set(workspace, data.columns.project).frame
    # WHEN all rows of new data but those of one class evaluate
    first, *_ = data.classes
    rows = pd.concat([data.frame[data.frame[data.label] == first], held_out])
    paint = data.with_rows("paint", rows)
    workspace.datasets.add(paint)
    # THEN the error is about the data that were chosen
    with pytest.raises(DataError, match=r"^paint, column") as caught:
        train_model(workspace, paint, ModelSpec(), options=TrainOptions(epochs=1))
    assert "paint-train" not in str(caught.value)
