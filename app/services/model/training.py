"""Train models of a workspace, and measure them on the evaluation set of their project."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

import numpy as np

from app.services.baselines import card_metrics
from app.services.project_data import plan_data, use_data
from app.services.review.ledger import row_verdicts
from app.services.workspace import Workspace
from iris_core.cancellation import IsCancelled, never
from iris_core.checks import check_whole
from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import Fingerprints, from_letters
from iris_core.data.splitting import split
from iris_core.errors import NotFoundError, StoreError
from iris_core.evaluation.testing import test
from iris_core.model import training
from iris_core.model.models import Model, ModelCard
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.storage.cards import DataSetCard

MAX_WEIGHT = 10
"""How often a reviewed row is trained on in an epoch at most."""
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
    reviewed_weight: int = 1,
    on_epoch: Callable[[training.Epoch], None] | None = None,
    cancelled: IsCancelled = never,
) -> Model:
    """Train on the rows that do not evaluate, measure on the evaluation set, and keep the model.

    The figures `test_accuracy`, `test_baseline_accuracy`, … on the card are of the project's
    evaluation set; data with too few rows have none, and their model no such figures.

    Args:
        workspace: that keeps the model.
        dataset: to train on.
        spec: of the network; not used with `parent`.
        options: of the training.
        parent: id of a model to train further; it stays as it is.
        name: of a new model; by default the data set's.
        reviewed_weight: how often a row that was reviewed is trained on in an epoch, 1 to 10.
        on_epoch: called after each epoch.
        cancelled: asked as the training goes on, and while the model is measured.

    Raises:
        Cancelled: `cancelled` said so; no model is kept.
    """
    verdicts = row_verdicts(workspace, dataset.columns.project)
    plan = plan_data(workspace, dataset, verdicts=list(verdicts.values()))
    # By the name that people gave it: what is wrong with these rows is wrong with that data set.
    training_rows = replace(plan.training, name=dataset.name)
    fitted = _weighted(training_rows, verdicts, reviewed_weight)
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
    figures: dict[str, float] = {}
    if plan.evaluation is not None:
        report = test(model, plan.evaluation, lambda _record: None, cancelled=cancelled)
        figures = card_metrics(report)
    card = replace(
        model.card,
        dataset_id=dataset.id,
        dataset_name=dataset.name,
        rows=dataset.rows,
        metrics={**model.card.metrics, **figures},
    )
    # Before the model: no later training may decide otherwise which rows it was measured on.
    use_data(workspace, plan)
    return workspace.models.save(replace(model, card=card))


def why_not_trainable(card: DataSetCard) -> str:
    """Return what to do before a model can be trained on a data set; empty if it can be tried."""
    if not card.classes:
        return (
            f"Choose data with labels: {card.name} has none in its column {card.label}. A model "
            "can be tested on it."
        )
    if len(card.classes) == 1:
        return (
            f"Add rows of another class, or choose other data: all rows of {card.name} are "
            f"'{card.classes[0]}', and a model needs two classes at least."
        )
    return ""


def _weighted(fitted: DataSet, verdicts: Collection[str], weight: int) -> DataSet:
    """Return the rows to train on, those that were reviewed `weight` times.

    Raises:
        OptionError: the weight is out of its range.
    """
    check_whole("weight of reviewed rows", weight, low=1, high=MAX_WEIGHT)
    reviewed = np.isin(fitted.fingerprints, from_letters(list(verdicts)))
    if weight == 1 or not reviewed.any():
        return fitted
    times = np.where(reviewed, weight, 1)
    return fitted.with_rows(fitted.name, fitted.frame.loc[fitted.frame.index.repeat(times)])


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
    except (NotFoundError, StoreError):
        return None
    fitted, _ = split(dataset, test_share=EARLIER_HOLD_OUT, seed=card.options.seed)
    rows = np.unique(card.schema.fingerprints(fitted.frame))
    if parent is None:
        return rows
    return None if parent.trained_on is None else np.union1d(rows, parent.trained_on)
