"""Train a new model on a data set, or an existing one further."""

from __future__ import annotations

import platform
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.cancellation import IsCancelled
from iris_core.checks import check_name
from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import Fingerprints
from iris_core.data.splitting import split
from iris_core.errors import Cancelled, SchemaError
from iris_core.model.backend import keras, tensorflow
from iris_core.model.class_weights import balanced_weights
from iris_core.model.encoding import encode, without_positions
from iris_core.model.ensemble import fit_ensemble
from iris_core.model.fitting import Examples, OnEpoch, fit
from iris_core.model.folds import GroupFolds, assign_folds
from iris_core.model.logistic import fit_logistic
from iris_core.model.models import Epoch, Model, ModelCard, build
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.out_of_fold import OutOfFold
from iris_core.model.schema import Schema

__all__ = ["Epoch", "TrainOptions", "train", "train_further"]

_DEFAULT_OPTIONS = TrainOptions()

# One training at a time: two at once would take as long, and twice the memory.
_lock = threading.Lock()


def train(
    ds: DataSet,
    spec: ModelSpec,
    *,
    options: TrainOptions = _DEFAULT_OPTIONS,
    name: str | None = None,
    on_epoch: OnEpoch | None = None,
    cancelled: IsCancelled | None = None,
) -> Model:
    """Train a new model; the same data, spec and options give the same weights.

    Scales and categories are learnt from the rows that are fitted, not from the validation rows. An
    ensemble has no validation rows: each row is fitted by all members but one, and validated by
    that one.

    Args:
        ds: rows of two classes or more.
        spec: the network.
        options: the training.
        name: of the model; the data set's name by default.
        on_epoch: called after each epoch, on the calling thread.
        cancelled: asked while another training is waited for, several times an epoch, and after
            the last epoch.

    Returns:
        The model, not yet saved.

    Raises:
        DataError: there are fewer than two classes.
        SchemaError: the data has more classes or categories than a model can have.
        OptionError: the name is blank, too long or not printable, or the learning rate is too high
            for this data, or there is patience and nothing to validate on.
        Cancelled: `cancelled` returned True.
    """
    if name is not None:
        check_name(name)
    options.check_patience(spec)
    ds.check_classes()
    schema = Schema.fit(_split_validation(ds, spec, options)[0], bins=spec.input_bins)
    card = _new_card(ds, spec, options, schema=schema, name=name or ds.name)
    return _fit_network(card, ds, parent=None, on_epoch=on_epoch, cancelled=cancelled)


def train_further(
    model: Model,
    ds: DataSet,
    *,
    options: TrainOptions = _DEFAULT_OPTIONS,
    on_epoch: OnEpoch | None = None,
    cancelled: IsCancelled | None = None,
) -> Model:
    """Train a copy of a model further, on the same or other data; the model stays as it is.

    The copy keeps the model's spec, scales, categories and classes, and has it as its parent.

    Args:
        model: the parent.
        ds: rows of the model's label, columns and classes.
        options: the training.
        on_epoch: called after each epoch, on the calling thread.
        cancelled: asked as by `train`.

    Returns:
        The copy, not yet saved.

    Raises:
        SchemaError: the data lacks a column of the model, or has a class that it never saw.
        OptionError: the learning rate is too high for this data, or there is patience and nothing
            to validate on.
        Cancelled: `cancelled` returned True.
    """
    parent = model.card
    options.check_patience(parent.spec)
    parent.schema.check_label(ds)
    unseen = [name for name in ds.classes if name not in parent.schema.classes]
    if unseen:
        raise SchemaError(
            f"{ds.name}: expected the classes {', '.join(parent.schema.classes)}, received also "
            f"{', '.join(unseen[:30])}. Train a new model on this data."
        )
    card = _new_card(ds, parent.spec, options, schema=parent.schema, name=parent.name)
    return _fit_network(
        replace(card, parent=parent.id or None),
        ds,
        parent=model,
        on_epoch=on_epoch,
        cancelled=cancelled,
    )


def _fit_network(
    card: ModelCard,
    ds: DataSet,
    *,
    parent: Model | None,
    on_epoch: OnEpoch | None,
    cancelled: IsCancelled | None,
) -> Model:
    """Fit a new network, starting from the parent's weights if any, and complete its card."""
    schema, spec, options = card.schema, card.spec, card.options
    training, validation = _split_validation(ds, spec, options)
    examples = _examples(schema, training)
    measured = None if validation is None else _examples(schema, validation)
    if options.class_weights:
        counts = np.bincount(examples.classes, minlength=len(schema.classes))
        examples, measured = _weighted(examples, measured, balanced_weights(counts.tolist()))
    with _training_lock(cancelled):
        network = build(spec, inputs=schema.width, classes=len(schema.classes), seed=options.seed)
        if parent is not None:
            network.set_weights(parent.network.get_weights())
        out_of_fold = None
        watch = _Watch(on_epoch, cancelled)
        if spec.is_ensemble:
            history, out_of_fold = _fit_members(network, card, ds, examples, parent, watch)
        else:
            history = fit(
                network,
                examples,
                validation=measured,
                spec=spec,
                options=options,
                on_epoch=on_epoch,
                cancelled=cancelled,
            )
    plain = without_positions(schema.layout, examples.matrix)
    logistic = fit_logistic(plain, examples.classes, count=len(schema.classes))
    done = replace(card, history=history, metrics=_metrics(history, options))
    return Model(done, network, _rows_known(card, ds, parent), logistic, out_of_fold)


def _rows_known(card: ModelCard, ds: DataSet, parent: Model | None) -> Fingerprints | None:
    """Return the rows that a model or its parents were trained on; None if the parents' are not."""
    rows = np.unique(card.schema.fingerprints(ds.frame))
    if parent is None:
        return rows
    return None if parent.trained_on is None else np.union1d(parent.trained_on, rows)


@dataclass(frozen=True, slots=True)
class _Watch:
    """Who watches a training, and may cancel it."""

    on_epoch: OnEpoch | None
    cancelled: IsCancelled | None


def _fit_members(
    network: Any,
    card: ModelCard,
    ds: DataSet,
    examples: Examples,
    parent: Model | None,
    watch: _Watch,
) -> tuple[tuple[Epoch, ...], OutOfFold]:
    """Fit an ensemble; a row stays in the fold that it had in the parent's training."""
    earlier = parent.out_of_fold if parent is not None else None
    folds = assign_folds(
        ds,
        card.spec.members,
        seed=card.options.seed,
        known=earlier.known_folds if earlier is not None else None,
    )
    fitted = fit_ensemble(
        network,
        card.schema,
        examples,
        folds,
        spec=card.spec,
        options=card.options,
        on_epoch=watch.on_epoch,
        cancelled=watch.cancelled,
    )
    rows = card.schema.fingerprints(ds.frame)
    found = OutOfFold.of(rows, folds, fitted.out_of_fold, GroupFolds.of(ds, folds))
    return fitted.history, found if earlier is None else earlier.updated(found)


@contextmanager
def _training_lock(cancelled: IsCancelled | None) -> Iterator[None]:
    """Wait until no other training runs; raises `Cancelled` if cancelled meanwhile."""
    while not _lock.acquire(timeout=0.1):
        if cancelled is not None and cancelled():
            raise Cancelled("Training was cancelled while it waited for another one to end.")
    try:
        yield
    finally:
        _lock.release()


def _split_validation(
    ds: DataSet, spec: ModelSpec, options: TrainOptions
) -> tuple[DataSet, DataSet | None]:
    """Return the rows to fit, and those to measure each epoch on, if any."""
    if spec.is_ensemble or not options.validation_share:
        return ds, None
    training, validation = split(ds, test_share=options.validation_share, seed=options.seed)
    return training, validation if validation.rows else None


def _examples(schema: Schema, ds: DataSet) -> Examples:
    """Return the rows as the network takes them."""
    return Examples(encode(schema, ds.frame).matrix, schema.class_indices(ds.frame[schema.label]))


def _weighted(
    training: Examples, validation: Examples | None, weights: NDArray[np.float32]
) -> tuple[Examples, Examples | None]:
    """Return both parts with the weight of each row's class: `patience` is to stop by the same."""
    if validation is not None:
        validation = replace(validation, weights=weights[validation.classes])
    return replace(training, weights=weights[training.classes]), validation


def _new_card(
    ds: DataSet, spec: ModelSpec, options: TrainOptions, *, schema: Schema, name: str
) -> ModelCard:
    """Return the card of a model that is still to be fitted."""
    numbers = schema.class_indices(ds.frame[ds.label])
    return ModelCard(
        id="",
        name=name,
        version=0,
        parent=None,
        created=datetime.now(UTC).isoformat(timespec="milliseconds"),
        spec=spec,
        options=options,
        schema=schema,
        dataset_id=ds.id,
        dataset_name=ds.name,
        rows=ds.rows,
        history=(),
        metrics={},
        libraries={
            "python": platform.python_version(),
            "tensorflow": tensorflow().__version__,
            "keras": keras().__version__,
            "numpy": np.__version__,
            "pandas": pd.__version__,
        },
        class_counts=tuple(np.bincount(numbers, minlength=len(schema.classes)).tolist()),
    )


def _metrics(history: Sequence[Epoch], options: TrainOptions) -> dict[str, float]:
    """Return the metrics of the epoch whose weights the model has."""
    best = history[-1]
    if options.patience is not None and best.val_loss is not None:
        best = min(history, key=lambda epoch: epoch.val_loss or 0.0)
    metrics = {
        "loss": best.loss,
        "accuracy": best.accuracy,
        "val_loss": best.val_loss,
        "val_accuracy": best.val_accuracy,
    }
    return {name: value for name, value in metrics.items() if value is not None}
