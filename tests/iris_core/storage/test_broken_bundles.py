"""A bundle that is damaged on the disk is refused with its file, and runs no code."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from iris_core.errors import StoreError
from iris_core.model.models import Model, build
from iris_core.model.prediction import predict
from iris_core.storage.model_store import ModelStore
from tests.iris_core.samples import flowers


def append_member(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../evil.py", "x")


def make_zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in ("metadata.json", "config.json", "model.weights.h5"):
            archive.writestr(member, b"0" * 20_000_000)


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


FAULTS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "no network": ("model.keras", Path.unlink),
    "torn network": ("model.keras", lambda path: path.write_bytes(path.read_bytes()[:500])),
    "four bytes": ("model.keras", lambda path: path.write_bytes(b"PK\3\4")),
    "flipped byte": ("model.keras", flip_a_byte),
    "foreign member": ("model.keras", append_member),
    "zip bomb": ("model.keras", make_zip_bomb),
    "other network": ("card.json", lambda path: change(path, "   8\n", "   9\n")),
    "other features": ("card.json", lambda path: change(path, '     "blue",\n', "")),
    "card of another": ("card.json", lambda path: change(path, "flowers-v1", "flowers-v7")),
    "no version": ("card.json", lambda path: change(path, '"version": 1', '"version": "1"')),
    "torn card": ("card.json", lambda path: path.write_text(path.read_text()[:300])),
    "deeply nested card": ("card.json", lambda path: path.write_text("[" * 100_000)),
    "no card": ("card.json", Path.unlink),
}


@pytest.mark.parametrize(("file", "damage"), FAULTS.values(), ids=FAULTS.keys())
def test_broken_bundle_is_refused_with_its_file(
    tmp_path: Path, model: Model, file: str, damage: Callable[[Path], object]
) -> None:
    store = ModelStore(tmp_path)
    store.save(model)
    damage(tmp_path / "models/flowers-v1" / file)
    with pytest.raises(StoreError, match=r"flowers-v1/(model\.keras|card\.json): expected"):
        store.load("flowers-v1")


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path, model: Model) -> None:
    store = ModelStore(tmp_path)
    network = build(model.card.spec, inputs=model.card.schema.width, classes=3)
    network.set_weights([array * np.nan for array in network.get_weights()])
    store.save(Model(model.card, network))
    with pytest.raises(StoreError, match="a weight is no number"):
        store.load("flowers-v1")


def test_network_is_built_from_the_card_whatever_the_file_describes(
    tmp_path: Path, model: Model
) -> None:
    store = ModelStore(tmp_path)
    store.save(model)
    path = tmp_path / "models/flowers-v1/model.keras"
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["config.json"] = b'{"module": "os", "class_name": "system", "config": "touch /tmp/x"}'
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    frame = flowers(9).frame
    assert np.array_equal(predict(store.load("flowers-v1"), frame), predict(model, frame))


def test_broken_bundles_are_listed_with_the_good_ones(tmp_path: Path, model: Model) -> None:
    store = ModelStore(tmp_path)
    for _ in range(3):
        store.save(model)
    (tmp_path / "models/flowers-v1/card.json").write_text("{")
    (tmp_path / "models/flowers-v3/model.keras").unlink()
    listing = store.list()
    assert [card.id for card in listing.cards] == ["flowers-v2"]
    assert len(listing.broken) == 2
    assert "flowers-v1/card.json" in listing.broken[0]
