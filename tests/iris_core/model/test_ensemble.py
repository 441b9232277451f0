"""An ensemble predicts each of its rows by a member that never saw it, in every training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from iris_core.data.datasets import DataSet
from iris_core.errors import Cancelled, OptionError
from iris_core.evaluation.metrics import cross_entropy
from iris_core.model import ensemble_steps
from iris_core.model.backend import keras
from iris_core.model.encoding import bin_centres, encode, unfold
from iris_core.model.folds import assign_folds
from iris_core.model.models import Epoch, Model, build
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.prediction import predict
from iris_core.model.training import train, train_further
from tests.iris_core.samples import data_set, flowers

SPEC = ModelSpec(units=(8, 4), learning_rate=0.02, members=4, bins=4, dropout=0.1)
SHORT = TrainOptions(epochs=3, batch_size=16, validation_share=0)
BY_HEART = replace(SPEC, units=(64,), dropout=0.0, bins=32, learning_rate=0.05)
"""Members large enough to learn any rows by heart."""


def weights(model: Model) -> bytes:
    return b"".join(array.tobytes() for array in model.network.get_weights())


@pytest.fixture(scope="module")
def four() -> Model:
    """Four members, trained until they know the flowers."""
    return train(flowers(), SPEC, options=replace(SHORT, epochs=40, patience=5))


def no_pattern(rows: int = 80) -> DataSet:
    """Return rows of which nothing can be learnt but by heart."""
    rng = np.random.default_rng(0)
    labels = pd.Series(rng.choice(["x", "y"], 80), dtype="str")
    frame = pd.DataFrame({"kind": labels, "a": rng.normal(size=80)})
    return data_set(frame.iloc[:rows])


def test_ensemble_learns_what_is_easy_to_learn(four: Model) -> None:
    assert four.card.metrics["accuracy"] > 0.9
    assert four.card.metrics["val_accuracy"] > 0.95
    predicted = predict(four, flowers(60, seed=4).frame).argmax(axis=1)
    assert (predicted == np.arange(60) % 3).mean() > 0.95


def test_network_is_the_mean_of_its_members(four: Model) -> None:
    frame = flowers(9).frame
    schema = four.card.schema
    alone = replace(SPEC, members=1)
    said = []
    for member in range(4):
        network = build(alone, inputs=schema.width, classes=3)
        arrays = four.network.get_weights()
        first = [arrays[0][:, member], arrays[1][member]]
        network.set_weights([*first, *(array[member] for array in arrays[2:])])
        of_member = Model(replace(four.card, spec=alone), network)
        said.append(predict(of_member, frame))
    np.testing.assert_allclose(np.mean(said, axis=0), predict(four, frame), atol=1e-6)


def test_every_fourth_member_sees_numbers_without_bins(four: Model) -> None:
    further = train_further(four, flowers(), options=SHORT)
    for model in (four, further):
        layout = model.card.schema.layout
        kernel = model.network.get_weights()[0]
        of_bins = kernel[layout.numbers : layout.numbers + sum(layout.bins)]
        assert (of_bins[:, :3] != 0).any(axis=(0, 2)).all()
        assert (of_bins[:, 3] == 0).all()
        assert (kernel[: layout.numbers] != 0).all()


def test_each_row_is_predicted_by_the_member_that_ignored_it(four: Model) -> None:
    ds = flowers()
    found = four.out_of_fold
    assert found is not None
    schema = four.card.schema
    assert four.trained_on is not None
    assert np.array_equal(found.rows, four.trained_on)
    folds = found.folds[np.searchsorted(found.rows, ds.fingerprints)]
    alone = replace(SPEC, members=1)
    for member in range(4):
        network = build(alone, inputs=schema.width, classes=3)
        arrays = four.network.get_weights()
        network.set_weights(
            [arrays[0][:, member], arrays[1][member], *(array[member] for array in arrays[2:])]
        )
        rows = folds == member
        said = predict(Model(replace(four.card, spec=alone), network), ds.frame[rows])
        np.testing.assert_allclose(found.probabilities(ds.fingerprints[rows]), said, atol=2e-5)


def test_linear_path_takes_no_bins_and_is_learnt_and_predicts_out_of_fold(four: Model) -> None:
    ds = flowers()
    model = train(ds, replace(SPEC, linear_path=True), options=SHORT)
    model = train_further(model, ds, options=SHORT)
    layout = model.card.schema.layout
    path = model.network.get_weights()[-1]
    bins = slice(layout.numbers, layout.numbers + sum(layout.bins))
    assert path.shape == (layout.width, 4, 3)
    assert (path[bins] == 0).all()
    assert (path[: layout.numbers] != 0).all()
    # THEN each row is predicted by the member that ignored it, with its path
    schema = model.card.schema
    inputs = unfold(layout, encode(schema, ds.frame).matrix, bin_centres(schema))
    of_members = keras().Model(model.network.inputs, model.network.get_layer("members").output)
    found = model.out_of_fold
    assert found is not None
    folds = found.folds[np.searchsorted(found.rows, ds.fingerprints)]
    said = of_members(inputs).numpy()[np.arange(ds.rows), folds]
    np.testing.assert_allclose(found.probabilities(ds.fingerprints), said, atol=2e-5)
    assert len(four.network.get_weights()) == len(model.network.get_weights()) - 1


def test_figures_of_the_card_are_out_of_fold(four: Model) -> None:
    ds = flowers()
    assert four.out_of_fold is not None
    said = four.out_of_fold.probabilities(ds.fingerprints)
    assert four.card.metrics["val_accuracy"] == pytest.approx(
        (said.argmax(axis=1) == ds.class_indices).mean()
    )
    loss = cross_entropy(said, ds.class_indices) / ds.rows
    assert four.card.metrics["val_loss"] == pytest.approx(loss, abs=1e-3)


def test_what_cannot_be_learnt_is_not_known_out_of_fold() -> None:
    model = train(no_pattern(), BY_HEART, options=replace(SHORT, epochs=80))
    assert model.card.metrics["accuracy"] > 0.75
    assert model.card.metrics["val_accuracy"] < 0.7


def test_training_further_on_the_rows_keeps_their_folds() -> None:
    parent = train(no_pattern(60), BY_HEART, options=SHORT)
    ds = no_pattern(80)
    child = train_further(parent, ds, options=replace(SHORT, epochs=80, seed=9))
    assert parent.out_of_fold is not None
    assert child.out_of_fold is not None
    kept = np.isin(child.out_of_fold.rows, parent.out_of_fold.rows)
    assert np.array_equal(child.out_of_fold.folds[kept], parent.out_of_fold.folds)
    assert len(child.out_of_fold.rows) == 80
    # THEN what was learnt by heart is still not known out of fold
    assert child.card.metrics["accuracy"] > 0.75
    assert child.card.metrics["val_accuracy"] < 0.7


def test_rows_of_an_earlier_training_keep_their_predictions(four: Model) -> None:
    child = train_further(four, flowers(30, seed=8), options=SHORT)
    assert child.out_of_fold is not None
    assert four.out_of_fold is not None
    assert child.trained_on is not None
    assert np.array_equal(child.out_of_fold.rows, child.trained_on)
    assert len(child.trained_on) == 120
    earlier = flowers().fingerprints
    assert np.array_equal(
        child.out_of_fold.probabilities(earlier), four.out_of_fold.probabilities(earlier)
    )


def test_same_seed_gives_the_same_weights_whatever_ran_before() -> None:
    first = train(flowers(), SPEC, options=SHORT)
    train(flowers(60), SPEC, options=replace(SHORT, seed=2, patience=1))
    again = train(flowers(), SPEC, options=SHORT)
    assert weights(again) == weights(first)
    assert weights(train(flowers(), SPEC, options=replace(SHORT, seed=1))) != weights(first)


def test_early_stopping_keeps_the_best_weights_without_a_validation_share() -> None:
    spec = replace(SPEC, units=(64,), learning_rate=0.05)
    options = replace(SHORT, epochs=100, patience=2)
    stopped = train(no_pattern(), spec, options=options)
    losses = [epoch.val_loss or 0.0 for epoch in stopped.card.history]
    best = losses.index(min(losses)) + 1
    assert len(losses) == best + 2 < 100
    assert stopped.card.metrics["val_loss"] == min(losses)
    exact = replace(options, epochs=best, patience=None)
    assert weights(train(no_pattern(), spec, options=exact)) == weights(stopped)


def test_single_network_needs_a_validation_share_to_stop_by(model: Model) -> None:
    with pytest.raises(OptionError, match="validation_share above 0"):
        train(flowers(), ModelSpec(), options=replace(SHORT, patience=2))
    with pytest.raises(OptionError, match="validation_share above 0"):
        train_further(model, flowers(), options=replace(SHORT, patience=2))


def test_single_network_has_no_bins_whatever_its_spec_says() -> None:
    alone = replace(SPEC, members=1)
    options = TrainOptions(epochs=2, batch_size=16)
    binned, plain = (
        train(flowers(), spec, options=options) for spec in (alone, replace(alone, bins=0))
    )
    assert weights(binned) == weights(plain)
    assert predict(binned, flowers().frame).shape == (flowers().rows, 3)


def test_cancelled_ensemble_ends_at_once() -> None:
    epochs: list[Epoch] = []
    with pytest.raises(Cancelled, match="epoch 3 of 1000"):
        train(
            flowers(),
            SPEC,
            options=replace(SHORT, epochs=1000),
            on_epoch=epochs.append,
            cancelled=lambda: len(epochs) == 2,
        )


def test_learning_rate_that_explodes_is_named() -> None:
    spec = replace(SPEC, units=(64,) * 10, activation="elu", optimiser="sgd", learning_rate=1.0)
    with pytest.raises(OptionError, match=r"learning_rate.*received 1.0.*Lower it"):
        train(flowers(), spec, options=replace(SHORT, epochs=50))


def test_steps_of_a_large_ensemble_are_not_kept() -> None:
    train(flowers(), replace(SPEC, units=(600, 600)), options=replace(SHORT, epochs=1))
    assert ensemble_steps.compiled_steps.cache_info().currsize == 0


@pytest.mark.parametrize("units", [(), (8,)])
@pytest.mark.parametrize("optimiser", ["adam", "rmsprop", "sgd"])
def test_every_optimiser_lowers_the_loss(optimiser: str, units: tuple[int, ...]) -> None:
    spec = replace(SPEC, optimiser=optimiser, units=units, dropout=0.0, learning_rate=0.02)
    history = train(flowers(), spec, options=replace(SHORT, epochs=4)).card.history
    assert history[-1].loss < history[0].loss


@pytest.mark.parametrize("optimiser", ["adam", "rmsprop", "sgd"])
def test_members_learn_as_single_networks_do_in_keras(optimiser: str) -> None:
    # GIVEN a member and Keras on the rows outside of its fold, in one batch
    spec = ModelSpec(units=(8, 4), optimiser=optimiser, learning_rate=0.01, members=2)
    alone = replace(spec, members=1)
    ds = flowers(40)
    options = TrainOptions(epochs=1, batch_size=64, validation_share=0, seed=3)
    ours = train(ds, spec, options=options)
    schema = ours.card.schema
    folds = assign_folds(ds, 2, seed=3)
    start = build(spec, inputs=schema.width, classes=3, seed=3).get_weights()
    theirs = build(alone, inputs=schema.width, classes=3)
    theirs.set_weights([start[0][:, 1], start[1][1], *(array[1] for array in start[2:])])
    theirs.compile(optimiser, "sparse_categorical_crossentropy")
    # One step of the ten over which the rate rises
    theirs.optimizer.learning_rate = 0.001
    rows = folds != 1
    matrix = encode(schema, ds.frame).matrix[rows]
    theirs.fit(matrix, ds.class_indices[rows], batch_size=64, epochs=1, verbose=0)
    now = ours.network.get_weights()
    of_member = [now[0][:, 1], now[1][1], *(array[1] for array in now[2:])]
    for one, other in zip(of_member, theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_two_rows_are_enough() -> None:
    ds = data_set(pd.DataFrame({"kind": ["x", "y"], "a": [1, 2]}))
    model = train(ds, SPEC, options=SHORT)
    assert model.card.rows == 2
    assert model.out_of_fold is not None
    assert np.isfinite(model.out_of_fold.probabilities(ds.fingerprints)).all()
