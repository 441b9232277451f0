"""Train models of a workspace, and measure them on the evaluation set of their project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from app.services.projects import find_project, use_data
from app.services.review.ledger import row_verdicts
from app.services.workspace import Workspace
from iris_core.cancellation import IsCancelled, never
from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import Fingerprints
from iris_core.data.splitting import split
from iris_core.errors import NotFoundError
from iris_core.evaluation.testing import test
from iris_core.model import training
from iris_core.model.models import Model, ModelCard
from iris_core.model.options import ModelSpec, TrainOptions

EARLIER_HOLD_OUT = 0.2
"""Share of the rows that earlier versions kept from a training, by its seed."""


def train_model(
    workspace: Workspace,
    dataset: DataSet,
    spec: ModelSpec,
    *,
    options: TrainOptions,
    parent: str | None = None,
    name: str | None = None,
    on_epoch: Callable[[training.Epoch], None] | None = None,
    cancelled: IsCancelled = never,
) -> Model:
    """Train on the rows that do not evaluate, measure on the evaluation set, and keep the model.

    The figures `test_accuracy`, `test_loss` and `test_rows` on the card are of the project's
    evaluation set; data with too few rows have none, and their model no such figures.

    Args:
        workspace: that keeps the model.
        dataset: to train on.
        spec: of the network; not used with `parent`.
        options: of the training.
        parent: id of a model to train further; it stays as it is.
        name: of a new model; by default the data set's.
        on_epoch: called after each epoch.
        cancelled: asked as the training goes on, and while the model is measured.

    Raises:
        Cancelled: `cancelled` said so; no model is kept.
    """
    verdicts = row_verdicts(workspace, dataset.columns.project)
    fitted, evaluation = use_data(workspace, dataset, verdicts=list(verdicts.values()))
    if parent is None:
        model = training.train(
            fitted,
            spec,
            options=options,
            name=name or dataset.name,
            on_epoch=on_epoch,
            cancelled=cancelled,
        )
    else:
        model = training.train_further(
            load_model(workspace, parent),
            fitted,
            options=options,
            on_epoch=on_epoch,
            cancelled=cancelled,
        )
    figures = {}
    if evaluation is not None:
        report = test(model, evaluation, lambda _record: None, cancelled=cancelled)
        figures = {
            "test_accuracy": report.accuracy,
            "test_loss": report.loss,
            "test_rows": float(report.rows),
        }
    card = replace(
        model.card,
        dataset_id=dataset.id,
        dataset_name=dataset.name,
        rows=dataset.rows,
        metrics={**model.card.metrics, **figures},
    )
    return workspace.models.save(replace(model, card=card))


def load_model(workspace: Workspace, model_id: str) -> Model:
    """Return a model with the rows that it was trained on, as far as they are known.

    One of an earlier version has no list of them: it was trained on four fifths of its data, chosen
    by its seed, and on those of its parents.

    Raises:
        NotFoundError: there is no such model.
    """
    model = workspace.models.load(model_id)
    if model.trained_on is not None:
        return model
    return replace(model, trained_on=_rows_of_earlier(workspace, model.card))


def _rows_of_earlier(workspace: Workspace, card: ModelCard) -> Fingerprints | None:
    """Return the rows that a model of an earlier version was trained on; None if unknown."""
    try:
        dataset = workspace.datasets.load(card.dataset_id)
        parent = load_model(workspace, card.parent) if card.parent else None
    except NotFoundError:
        return None
    fitted, _ = split(dataset, test_share=EARLIER_HOLD_OUT, seed=card.options.seed)
    rows = np.unique(card.schema.fingerprints(fitted.frame))
    if parent is None:
        return rows
    return None if parent.trained_on is None else np.union1d(rows, parent.trained_on)


def newest_model(workspace: Workspace, *, project: str | None = None) -> Model:
    """Return the model that was trained last, of a project or of all.

    Raises:
        NotFoundError: there is none, or no such project.
    """
    if project is None:
        cards = workspace.models.list().cards
    else:
        cards = find_project(workspace, project).models
    if not cards:
        raise NotFoundError(
            "Train a model first, on the Train page or with `python cli.py train`: there is none."
        )
    return load_model(workspace, cards[0].id)
