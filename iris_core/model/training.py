"""Train a new model on a data set, or an existing one further."""

from __future__ import annotations

import platform
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from iris_core.cancellation import IsCancelled
from iris_core.checks import check_name
from iris_core.data.datasets import DataSet
from iris_core.data.splitting import split
from iris_core.errors import Cancelled, SchemaError
from iris_core.model.backend import keras, tensorflow
from iris_core.model.encoding import encode
from iris_core.model.fitting import Examples, OnEpoch, fit
from iris_core.model.models import Epoch, Model, ModelCard, build
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.schema import Schema

__all__ = ["Epoch", "TrainOptions", "train", "train_further"]

_DEFAULT_OPTIONS = TrainOptions()

# One training at a time: two at once would take as long, and twice the memory.
_turn = threading.Lock()


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

    Scales and categories are learnt from the rows that are fitted, not from those held back.

    Args:
        ds: rows of two classes or more.
        spec: the network.
        options: the training.
        name: what to call the model; the data set's name by default.
        on_epoch: called after each epoch, on the calling thread.
        cancelled: asked often, also while another training is waited for.

    Returns:
        The model, not yet saved.

    Raises:
        DataError: there are fewer than two classes.
        SchemaError: the data has more classes or categories than a model is made for.
        OptionError: nobody could read the name, or the learning rate is too high for this data.
        Cancelled: `cancelled` said so.
    """
    if name is not None:
        check_name(name)
    ds.check_classes()
    parts = _hold_back(ds, options)
    card = _new_card(ds, spec, options, schema=Schema.fit(parts[0]), name=name or ds.name)
    return _fit_network(card, parts, weights=None, on_epoch=on_epoch, cancelled=cancelled)


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

    Raises:
        SchemaError: the data lacks a column of the model, or has a class that it never saw.
        OptionError: the learning rate is too high for this data.
        Cancelled: `cancelled` said so.
    """
    known = model.card
    known.schema.check_label(ds)
    strange = [name for name in ds.classes if name not in known.schema.classes]
    if strange:
        raise SchemaError(
            f"{ds.name}: expected the classes {', '.join(known.schema.classes)}, received also "
            f"{', '.join(strange[:30])}. Train a new model on this data."
        )
    card = _new_card(ds, known.spec, options, schema=known.schema, name=known.name)
    return _fit_network(
        replace(card, parent=known.id or None),
        _hold_back(ds, options),
        weights=model.network.get_weights(),
        on_epoch=on_epoch,
        cancelled=cancelled,
    )


def _fit_network(
    card: ModelCard,
    parts: tuple[DataSet, DataSet | None],
    *,
    weights: Sequence[Any] | None,
    on_epoch: OnEpoch | None,
    cancelled: IsCancelled | None,
) -> Model:
    """Fit a new network, from the given weights if any, and complete its card."""
    schema, options = card.schema, card.options
    fitted, held_back = parts
    with _taking_turns(cancelled):
        network = build(
            card.spec, inputs=schema.width, classes=len(schema.classes), seed=options.seed
        )
        if weights is not None:
            network.set_weights(weights)
        history = fit(
            network,
            _examples(schema, fitted),
            held_back=_examples(schema, held_back) if held_back is not None else None,
            spec=card.spec,
            options=options,
            on_epoch=on_epoch,
            cancelled=cancelled,
        )
    return Model(replace(card, history=history, metrics=_metrics(history, options)), network)


@contextmanager
def _taking_turns(cancelled: IsCancelled | None) -> Iterator[None]:
    """Wait until no other training runs; raises `Cancelled` if that is wished meanwhile."""
    while not _turn.acquire(timeout=0.1):
        if cancelled is not None and cancelled():
            raise Cancelled("Training was cancelled while another one was running.")
    try:
        yield
    finally:
        _turn.release()


def _hold_back(ds: DataSet, options: TrainOptions) -> tuple[DataSet, DataSet | None]:
    """Return the rows to fit and those to watch the fit by, if any."""
    if not options.validation_share:
        return ds, None
    fitted, held_back = split(ds, test_share=options.validation_share, seed=options.seed)
    return fitted, held_back if held_back.rows else None


def _examples(schema: Schema, ds: DataSet) -> Examples:
    """Return the rows as the network takes them."""
    return Examples(encode(schema, ds.frame).matrix, schema.class_numbers(ds.frame[schema.label]))


def _new_card(
    ds: DataSet, spec: ModelSpec, options: TrainOptions, *, schema: Schema, name: str
) -> ModelCard:
    """Return the card of a model that is still to be fitted."""
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
    )


def _metrics(history: Sequence[Epoch], options: TrainOptions) -> dict[str, float]:
    """Return the figures of the epoch whose weights were kept."""
    kept = history[-1]
    if options.patience is not None and kept.val_loss is not None:
        kept = min(history, key=lambda epoch: epoch.val_loss or 0.0)
    figures = {
        "loss": kept.loss,
        "accuracy": kept.accuracy,
        "val_loss": kept.val_loss,
        "val_accuracy": kept.val_accuracy,
    }
    return {name: value for name, value in figures.items() if value is not None}
