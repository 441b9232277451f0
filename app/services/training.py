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
    """Train on four fifths of the rows, measure on the fifth that is held out, and keep the model.

    With `parent`, a model's id, its network is trained further and `spec` is not looked at; the
    parent stays as it is. The figures `test_accuracy` and `test_loss` on the card are of the rows
    held out.
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
    report = test(model, held_out, lambda _record: None)
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
    """The model trained last; raises `NotFoundError` when there is none."""
    cards = workspace.models.list().cards
    if not cards:
        raise NotFoundError(
            "Expected a model, found none. Train one on the Train page or with "
            "`python cli.py train`."
        )
    return workspace.models.load(cards[0].id)
