"""Retraining: a new version of a model on corrected data, with its network and its options."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from app.services.model.training import load_model
from app.services.project_data import evaluation_split
from app.services.workspace import Workspace
from iris_core.errors import DataError
from iris_core.model.options import TrainOptions

PATIENCE = 10
"""Epochs without an improvement after which a fresh training ends, unless the model has its own."""
_VALIDATION_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class RetrainPlan:
    """What a retraining would do.

    Attributes:
        dataset: id of the data set to train on.
        options: of the training.
        parent: id of the model to train further; None to train anew.
        rows: number of rows that are trained on.
        new_rows: number of them that the model was not trained on; None if that is not known.
        evaluation_rows: number of rows of the data that evaluate, and are left out.
    """

    dataset: str
    options: TrainOptions
    parent: str | None
    rows: int
    new_rows: int | None
    evaluation_rows: int


def plan_retraining(
    workspace: Workspace,
    model_id: str,
    *,
    dataset_id: str | None = None,
    further: bool = False,
    seed: int | None = None,
) -> RetrainPlan:
    """Return what a retraining of a model would do, without doing it.

    Args:
        workspace: with the model and its data.
        model_id: whose network and options are used.
        dataset_id: what to train on; by default the data of the project as corrected.
        further: go on from the model's weights; else train anew, which forgets what was learnt
            from wrong labels.
        seed: of the training; by default the model's.

    Raises:
        DataError: the data are of another project, or one class is left.
        NotFoundError: there is no such model or data set.
    """
    model = load_model(workspace, model_id)
    columns = model.card.schema.columns
    card = workspace.projects.card(columns.project)
    chosen = dataset_id or (card.data if card is not None else None) or model.card.dataset_id
    dataset = workspace.datasets.load(chosen)
    if dataset.columns.project != columns.project:
        raise DataError(
            f"Retrain {model_id} on data of its own project: expected the columns that it was "
            f"trained on, received {dataset.name} with others."
        )
    training, evaluation = evaluation_split(workspace, dataset).divide(dataset)
    training.check_classes()
    options = model.card.options
    if not further and options.patience is None:
        share = options.validation_share
        if not model.card.spec.is_ensemble:
            share = share or _VALIDATION_SHARE
        options = replace(options, patience=PATIENCE, validation_share=share)
    new_rows = None
    if model.trained_on is not None:
        new_rows = int((~np.isin(training.fingerprints, model.trained_on)).sum())
    return RetrainPlan(
        chosen,
        options if seed is None else replace(options, seed=seed),
        model_id if further else None,
        training.rows,
        new_rows,
        evaluation.rows,
    )


def what_to_do_first(workspace: Workspace, model_id: str) -> str:
    """Return what has to be done before a model is retrained; empty if nothing has to.

    There is something to learn from in data that the model was not trained on.
    """
    card = workspace.models.card(model_id)
    project = workspace.projects.card(card.schema.columns.project)
    if project is not None and project.data not in (None, card.dataset_id):
        return ""
    return (
        "Apply the verdicts first, and review more candidates if they change nothing: there are "
        f"no data yet that the model {model_id} was not trained on."
    )
