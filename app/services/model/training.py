"""Train models of a workspace: on most of the rows, measured on those held out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.services.workspace import Workspace
from iris_core.cancellation import IsCancelled, never
from iris_core.data.datasets import DataSet
from iris_core.data.splitting import split
from iris_core.errors import NotFoundError
from iris_core.evaluation.testing import test
from iris_core.model import training
from iris_core.model.models import Model
from iris_core.model.options import ModelSpec, TrainOptions

HELD_OUT = 0.2
"""Share of the rows that are kept from training, to measure a new model by."""


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
    """Train on four fifths of the rows, measure on the fifth held out, and keep the model.

    The figures `test_accuracy` and `test_loss` on the card are of the rows held out; a data set of
    one row a class has none, and its model no such figures.

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
    fitted, held_out = split(dataset, test_share=HELD_OUT, seed=options.seed)
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
            workspace.models.load(parent),
            fitted,
            options=options,
            on_epoch=on_epoch,
            cancelled=cancelled,
        )
    figures = {}
    if held_out.rows:
        report = test(model, held_out, lambda _record: None, cancelled=cancelled)
        figures = {"test_accuracy": report.accuracy, "test_loss": report.loss}
    card = replace(
        model.card,
        dataset_id=dataset.id,
        dataset_name=dataset.name,
        rows=dataset.rows,
        metrics={**model.card.metrics, **figures},
    )
    return workspace.models.save(Model(card, model.network))


def newest_model(workspace: Workspace) -> Model:
    """Return the model that was trained last.

    Raises:
        NotFoundError: there is none.
    """
    cards = workspace.models.list().cards
    if not cards:
        raise NotFoundError(
            "Train a model first, on the Train page or with `python cli.py train`: there is none."
        )
    return workspace.models.load(cards[0].id)
