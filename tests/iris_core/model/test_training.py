"""Training is repeatable, can be watched and cancelled, and never touches another model."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from iris_core.data.datasets import DataSet
from iris_core.errors import Cancelled, DataError, OptionError, SchemaError
from iris_core.model import fitting
from iris_core.model.fitting import Examples, fit
from iris_core.model.models import Epoch, Model, build
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.training import train, train_further
from tests.iris_core.samples import data_set, flowers
from tests.records import records_of

SPEC = ModelSpec(units=(8,), learning_rate=0.05)
SHORT = TrainOptions(epochs=2, batch_size=16)


def weights(model: Model) -> bytes:
    return b"".join(array.tobytes() for array in model.network.get_weights())


def test_model_learns_what_is_easy_to_learn(model: Model) -> None:
    assert model.card.metrics["accuracy"] > 0.95
    assert model.card.metrics["val_accuracy"] > 0.9


def test_card_describes_the_model(model: Model, trained_on: DataSet) -> None:
    card = model.card
    assert (card.id, card.version, card.parent, card.name) == ("", 0, None, "flowers")
    assert (card.dataset_id, card.dataset_name, card.rows) == (trained_on.id, "flowers", 90)
    assert card.schema.classes == trained_on.classes
    assert [epoch.number for epoch in card.history] == list(range(1, 9))
    assert set(card.libraries) == {"python", "tensorflow", "keras", "numpy", "pandas"}
    assert card.created.endswith("+00:00")


def test_same_seed_gives_the_same_weights() -> None:
    spec = replace(SPEC, dropout=0.3)
    first = train(flowers(), spec, options=SHORT)
    assert weights(train(flowers(), spec, options=SHORT)) == weights(first)
    other = train(flowers(), spec, options=replace(SHORT, seed=1))
    assert weights(other) != weights(first)


def test_training_is_not_changed_by_what_ran_on_its_compiled_steps_before() -> None:
    spec = replace(SPEC, dropout=0.3)
    first = train(flowers(), spec, options=SHORT)
    with pytest.raises(Cancelled):
        train(
            flowers(), spec, options=replace(SHORT, seed=1), cancelled=iter([False, True]).__next__
        )
    train(flowers(60), spec, options=replace(SHORT, seed=2, patience=1))
    assert weights(train(flowers(), spec, options=SHORT)) == weights(first)


def test_steps_of_a_large_network_are_not_kept() -> None:
    train(flowers(), replace(SPEC, units=(1_000, 1_000)), options=SHORT)
    assert fitting._compiled_steps.cache_info().currsize == 0


def test_two_trainings_at_once_give_the_weights_of_each_alone() -> None:
    seeds = [replace(SHORT, seed=seed) for seed in (1, 2)]
    alone = [weights(train(flowers(), SPEC, options=options)) for options in seeds]
    with ThreadPoolExecutor(2) as pool:
        concurrent = list(pool.map(lambda options: train(flowers(), SPEC, options=options), seeds))
    assert [weights(model) for model in concurrent] == alone


def test_training_leaves_the_global_generators_alone() -> None:
    np.random.seed(7)
    expected = np.random.random()
    np.random.seed(7)
    train(flowers(), SPEC, options=SHORT)
    assert np.random.random() == expected


def test_progress_is_reported_after_each_epoch() -> None:
    epochs: list[Epoch] = []
    model = train(flowers(), SPEC, options=SHORT, on_epoch=epochs.append)
    assert tuple(epochs) == model.card.history
    assert [(epoch.number, epoch.of) for epoch in epochs] == [(1, 2), (2, 2)]
    assert all(0 <= epoch.accuracy <= 1 and epoch.loss > 0 for epoch in epochs)


def test_without_a_validation_share_there_is_no_validation() -> None:
    model = train(flowers(), SPEC, options=replace(SHORT, validation_share=0))
    assert model.card.history[-1].val_loss is None
    assert set(model.card.metrics) == {"loss", "accuracy"}


def random_labels() -> DataSet:
    """Return rows of which nothing can be learnt, so that the validation loss soon rises."""
    rng = np.random.default_rng(0)
    labels = pd.Series(rng.choice(["x", "y"], 80), dtype="str")
    return data_set(pd.DataFrame({"kind": labels, "a": rng.normal(size=80)}))


def test_early_stopping_keeps_the_best_weights() -> None:
    options = TrainOptions(epochs=200, batch_size=8, validation_share=0.3, patience=2)
    spec = ModelSpec(units=(64,), learning_rate=0.1)
    stopped = train(random_labels(), spec, options=options)
    losses = [epoch.val_loss or 0.0 for epoch in stopped.card.history]
    best = losses.index(min(losses)) + 1
    assert len(losses) == best + 2 < 200
    assert stopped.card.metrics["val_loss"] == min(losses)
    exact = replace(options, epochs=best, patience=None)
    assert weights(train(random_labels(), spec, options=exact)) == weights(stopped)


def test_cancelled_training_ends_at_once() -> None:
    epochs: list[Epoch] = []
    with pytest.raises(Cancelled, match="epoch 3 of 1000"):
        train(
            flowers(),
            SPEC,
            options=TrainOptions(epochs=1000),
            on_epoch=epochs.append,
            cancelled=lambda: len(epochs) == 2,
        )


@pytest.mark.parametrize("validation_share", [0, 0.2])
def test_cancel_in_the_last_epoch_ends_a_training(validation_share: float) -> None:
    epochs: list[Epoch] = []
    with pytest.raises(Cancelled, match="after its last epoch"):
        train(
            flowers(),
            SPEC,
            options=replace(SHORT, validation_share=validation_share),
            on_epoch=epochs.append,
            cancelled=lambda: len(epochs) == SHORT.epochs,
        )
    assert len(epochs) == SHORT.epochs


def test_cancel_after_an_early_stop_ends_a_training() -> None:
    epochs: list[Epoch] = []
    options = TrainOptions(epochs=200, batch_size=8, validation_share=0.3, patience=2)
    spec = ModelSpec(units=(64,), learning_rate=0.1)
    last = len(train(random_labels(), spec, options=options).card.history)
    assert last < options.epochs
    with pytest.raises(Cancelled, match="after its last epoch"):
        train(
            random_labels(),
            spec,
            options=options,
            on_epoch=epochs.append,
            cancelled=lambda: len(epochs) == last,
        )


@pytest.mark.parametrize("epochs_done", [0, 1, SHORT.epochs])
def test_cancelled_further_training_leaves_the_parent_byte_for_byte(
    model: Model, epochs_done: int
) -> None:
    before = weights(model)
    epochs: list[Epoch] = []
    with pytest.raises(Cancelled):
        train_further(
            model,
            flowers(60, seed=5),
            options=SHORT,
            on_epoch=epochs.append,
            cancelled=lambda: len(epochs) == epochs_done,
        )
    assert len(epochs) == epochs_done
    assert weights(model) == before


def test_training_that_waits_for_another_can_be_cancelled() -> None:
    running, release = threading.Event(), threading.Event()

    def hold(_: Epoch) -> None:
        running.set()
        release.wait(30)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(train, flowers(), SPEC, options=SHORT, on_epoch=hold)
        assert running.wait(30)
        with pytest.raises(Cancelled, match="it waited for another one to end"):
            train(flowers(), SPEC, options=SHORT, cancelled=lambda: True)
        release.set()
        assert first.result(30).card.history


def test_learning_rate_that_explodes_is_named() -> None:
    spec = ModelSpec(units=(64,) * 10, activation="elu", optimiser="sgd", learning_rate=1.0)
    with pytest.raises(OptionError, match=r"learning_rate.*received 1.0.*Lower it"):
        train(flowers(), spec, options=TrainOptions(epochs=50))


def test_one_class_is_too_few() -> None:
    ds = data_set(pd.DataFrame({"kind": ["x", "x"], "a": [1, 2]}))
    with pytest.raises(DataError, match="at least two classes"):
        train(ds, SPEC, options=SHORT)


def test_two_rows_are_enough() -> None:
    ds = data_set(pd.DataFrame({"kind": ["x", "y"], "a": [1, 2]}))
    assert train(ds, SPEC, options=SHORT).card.rows == 2


def test_class_of_a_single_row_is_known_to_the_model() -> None:
    ds = data_set(pd.DataFrame({"kind": ["x"] * 9 + ["y"] * 9 + ["z"], "a": range(19)}))
    assert train(ds, SPEC, options=SHORT).card.schema.classes == ("x", "y", "z")


def test_training_further_leaves_the_parent_byte_for_byte(model: Model) -> None:
    before, probabilities = (
        weights(model),
        [record.prob_string for record in records_of(model, flowers(9))],
    )
    further = train_further(model, flowers(60, seed=5), options=SHORT)
    assert weights(further) != before
    assert weights(model) == before
    assert [record.prob_string for record in records_of(model, flowers(9))] == probabilities


def test_training_further_keeps_scales_and_classes_and_names_the_parent(model: Model) -> None:
    parent = Model(replace(model.card, id="flowers-v3"), model.network)
    moved = flowers(60, seed=5).frame.copy()
    moved["length"] += 100
    further = train_further(
        parent,
        data_set(moved[moved["species"] != "setosa"].reset_index(drop=True)),
        options=SHORT,
    )
    assert further.card.schema == model.card.schema
    assert further.card.spec == model.card.spec
    assert (further.card.parent, further.card.name) == ("flowers-v3", "flowers")
    assert further.card.rows == 40


def test_training_further_on_a_new_class_is_refused(model: Model) -> None:
    frame = flowers(30).frame.copy()
    frame.loc[3, "species"] = "tulip"
    with pytest.raises(SchemaError, match=r"received also tulip. Train a new model"):
        train_further(model, data_set(frame), options=SHORT)


def test_training_further_on_other_columns_is_refused(model: Model) -> None:
    with pytest.raises(SchemaError, match="received none for 'width'"):
        train_further(model, data_set(flowers(30).frame.drop(columns="width")), options=SHORT)


@pytest.mark.parametrize("optimiser", ["rmsprop", "sgd"])
def test_every_optimiser_trains(optimiser: str) -> None:
    spec = replace(SPEC, optimiser=optimiser, units=())
    assert len(train(flowers(), spec, options=SHORT).card.history) == 2


@pytest.mark.parametrize("optimiser", ["adam", "rmsprop", "sgd"])
def test_compiled_steps_equal_those_of_keras_fit(optimiser: str) -> None:
    spec = ModelSpec(units=(8, 4), optimiser=optimiser, learning_rate=0.01)
    matrix = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
    classes = np.arange(40) % 3
    ours, theirs = (build(spec, inputs=5, classes=3, seed=1) for _ in range(2))
    options = TrainOptions(epochs=4, batch_size=40)
    history = fit(ours, Examples(matrix, classes), validation=None, spec=spec, options=options)
    theirs.compile(optimiser, "sparse_categorical_crossentropy")
    theirs.optimizer.learning_rate = 0.01
    losses = theirs.fit(matrix, classes, batch_size=40, epochs=4, verbose=0).history["loss"]
    assert [epoch.loss for epoch in history] == pytest.approx(losses, rel=1e-4)
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
