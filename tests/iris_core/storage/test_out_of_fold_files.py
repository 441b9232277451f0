"""An ensemble is kept with its out-of-fold predictions, whole and its own, or not at all."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from iris_core.errors import StoreError
from iris_core.model.folds import GroupFolds
from iris_core.model.models import Model, ModelCard
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.out_of_fold import OutOfFold
from iris_core.model.prediction import predict
from iris_core.model.training import train
from iris_core.storage.bundle_files import pack
from iris_core.storage.model_store import ModelStore
from iris_core.storage.out_of_fold_files import from_bytes, largest, to_bytes
from tests.iris_core.archives import members, zipped
from tests.iris_core.samples import data_set, flowers

FILE = "models/flowers-v1/out_of_fold.bin"


@pytest.fixture(scope="module")
def ensemble() -> Model:
    spec = ModelSpec(units=(8,), members=3, bins=4, dropout=0.1)
    return train(flowers(), spec, options=TrainOptions(epochs=2, validation_share=0))


def assert_same(one: Model, other: Model) -> None:
    frame = flowers(50).frame
    assert np.array_equal(predict(one, frame), predict(other, frame))
    assert one.out_of_fold is not None
    assert other.out_of_fold is not None
    rows = flowers().fingerprints
    assert np.array_equal(
        one.out_of_fold.probabilities(rows), other.out_of_fold.probabilities(rows)
    )
    assert np.array_equal(one.out_of_fold.folds, other.out_of_fold.folds)


def test_ensemble_comes_back_as_it_was(tmp_path: Path, ensemble: Model) -> None:
    ModelStore(tmp_path).save(ensemble)
    store = ModelStore(tmp_path)
    assert_same(store.load("flowers-v1"), ensemble)
    bundle = store.export("flowers-v1")
    assert list(members(bundle)) == [
        *("model.keras", "card.json", "trained_on.u64", "logistic.f32", "out_of_fold.bin")
    ]
    assert_same(store.import_bundle(bundle), ensemble)
    assert store.load("flowers-v2").card.spec == ensemble.card.spec


def test_linear_path_comes_back_and_counts_among_the_weights(
    tmp_path: Path, ensemble: Model
) -> None:
    # GIVEN a path of more weights than all other layers, and the headings of their file
    frame = flowers().frame
    for number in range(60):
        frame[f"extra {number}"] = np.random.default_rng(number).normal(size=len(frame))
    spec = ModelSpec(units=(1,), members=64, linear_path=True)
    options = TrainOptions(epochs=1, validation_share=0)
    model = train(data_set(frame), spec, options=options)
    store = ModelStore(tmp_path)
    store.save(model)
    assert np.array_equal(predict(store.load("sample-v1"), frame), predict(model, frame))
    content = members(store.export("sample-v1"))
    again = store.import_bundle(zipped(content))
    assert np.array_equal(predict(again, frame), predict(model, frame))
    # THEN a network without a path is refused as that of a card with one
    content = members(store.export(store.save(ensemble).card.id))
    card = json.loads(content["card.json"])
    card["spec"]["linear_path"] = True
    content["card.json"] = json.dumps(card).encode()
    with pytest.raises(StoreError, match="received one with a fault"):
        store.import_bundle(zipped(content))


@pytest.mark.parametrize("at", [0, 90, -1])
def test_predictions_with_a_changed_byte_are_refused(
    tmp_path: Path, ensemble: Model, at: int
) -> None:
    store = ModelStore(tmp_path)
    store.save(ensemble)
    content = bytearray((tmp_path / FILE).read_bytes())
    content[at] ^= 1
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(StoreError, match=r"out_of_fold\.bin: expected.*train it anew"):
        store.load("flowers-v1")


@pytest.mark.parametrize("file", ["out_of_fold.bin", "trained_on.u64"])
def test_ensemble_without_its_rows_or_predictions_is_refused(
    tmp_path: Path, ensemble: Model, file: str
) -> None:
    store = ModelStore(tmp_path)
    store.save(ensemble)
    parts = members(store.export("flowers-v1"))
    (tmp_path / "models/flowers-v1" / file).unlink()
    with pytest.raises(StoreError, match="without its out-of-fold"):
        ModelStore(tmp_path).load("flowers-v1")
    others = {name: parts[name] for name in ("trained_on.u64", "out_of_fold.bin") if name != file}
    broken = pack(parts["model.keras"], parts["card.json"].decode(), others)
    with pytest.raises(StoreError, match="without its out-of-fold"):
        store.import_bundle(broken)


def test_single_network_with_predictions_is_refused(
    tmp_path: Path, model: Model, ensemble: Model
) -> None:
    assert ensemble.out_of_fold is not None
    store = ModelStore(tmp_path)
    parts = members(store.export(store.save(model).card.id))
    others = {
        "trained_on.u64": parts["trained_on.u64"],
        "out_of_fold.bin": to_bytes(ensemble.out_of_fold),
    }
    broken = pack(parts["model.keras"], parts["card.json"].decode(), others)
    with pytest.raises(StoreError, match="predictions of a single network"):
        store.import_bundle(broken)


def test_predictions_of_other_rows_are_refused(ensemble: Model) -> None:
    assert ensemble.out_of_fold is not None
    rows = ensemble.out_of_fold.rows + np.uint64(1)
    with pytest.raises(ValueError, match="not those that were written for these rows"):
        from_bytes(to_bytes(ensemble.out_of_fold), rows, ensemble.card)


@pytest.mark.parametrize("classes", [2, 12, 13, 256])
def test_file_is_no_larger_than_it_may_be(ensemble: Model, classes: int) -> None:
    rows = np.arange(50, dtype=np.uint64)
    said = np.random.default_rng(0).dirichlet(np.ones(classes), 50).astype(np.float32)
    groups = GroupFolds(rows[:9] + np.uint64(3), np.arange(9, dtype=np.uint8) % 3)
    content = to_bytes(OutOfFold.of(rows, np.arange(50) % 3, said, groups))
    assert len(content) <= largest(50, classes)
    names = tuple(f"class {number}" for number in range(classes))
    card = replace(ensemble.card, schema=replace(ensemble.card.schema, classes=names))
    again = from_bytes(content, rows, card)
    assert np.abs(again.probabilities(rows) - said).max() < 0.05
    assert np.array_equal(again.groups.groups, groups.groups)
    assert np.array_equal(again.groups.folds, groups.folds)
    # AND groups in another order are refused, as is a part of one
    backwards = GroupFolds(groups.groups[::-1], groups.folds)
    with pytest.raises(ValueError, match="ascending"):
        from_bytes(to_bytes(replace(again, groups=backwards)), rows, card)
    half = GroupFolds(groups.groups, groups.folds[:-1])
    with pytest.raises(ValueError, match="are no predictions of 50 rows"):
        from_bytes(to_bytes(replace(again, groups=half)), rows, card)


def test_card_of_an_earlier_version_is_one_of_a_single_network(model: Model) -> None:
    # GIVEN a card as versions before ensembles wrote it
    card: dict[str, Any] = json.loads(json.dumps(asdict(model.card)))
    for name in ("members", "bins", "linear_path"):
        del card["spec"][name]
    for feature in card["schema"]["features"]:
        for name in ("edges", "centre", "flagged"):
            feature.pop(name, None)
    assert ModelCard.from_dict(card) == model.card
