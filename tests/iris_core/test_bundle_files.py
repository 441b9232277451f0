"""A model travels as one file; a file that is broken or hostile changes nothing."""

import io
import json
import re
import struct
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iris_core.bundle_files import ELSEWHERE, pack
from iris_core.errors import NotFoundError, StoreError
from iris_core.models import Model
from iris_core.scoring import predict
from iris_core.store import ModelStore
from tests.iris_core.samples import flowers


@pytest.fixture(scope="module")
def bundle(model: Model, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    store = ModelStore(tmp_path_factory.mktemp("home"))
    return store.export(store.save(model).card.id)


def members(bundle: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(content: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", compression) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return sink.getvalue()


def with_card(bundle: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    content = members(bundle)
    card = json.loads(content["card.json"])
    change(card)
    return zipped({**content, "card.json": json.dumps(card).encode()})


def refused(content: bytes, home: Path) -> str:
    """Return the message of a refusal that left nothing behind."""
    store = ModelStore(home)
    with pytest.raises(StoreError) as caught:
        store.import_bundle(content)
    assert not list(home.rglob("*.*"))
    assert str(home) not in str(caught.value)
    assert "/tmp" not in str(caught.value)
    return str(caught.value)


def test_model_comes_back_as_it_was(tmp_path: Path, model: Model, bundle: bytes) -> None:
    store = ModelStore(tmp_path)
    again = store.import_bundle(bundle)
    assert again.card.id == "flowers-v1"
    assert again.card == replace(model.card, id="flowers-v1", version=1)
    frame = flowers(50).frame
    for found in (again, store.load("flowers-v1")):
        assert np.array_equal(predict(found, frame), predict(model, frame))


def test_file_holds_the_two_members_and_is_the_same_every_time(
    tmp_path: Path, model: Model
) -> None:
    store = ModelStore(tmp_path)
    model_id = store.save(model).card.id
    first = store.export(model_id)
    assert list(members(first)) == ["model.keras", "card.json"]
    assert members(first)["card.json"] == (tmp_path / "models/flowers-v1/card.json").read_bytes()
    assert ModelStore(tmp_path).export(model_id) == first


def test_model_that_is_here_already_gets_an_id_of_its_own(
    tmp_path: Path, model: Model, bundle: bytes
) -> None:
    store = ModelStore(tmp_path)
    store.save(model)
    assert store.import_bundle(bundle).card.id == "flowers-v2"
    assert store.import_bundle(bundle).card.version == 3


def test_parent_of_another_workspace_is_no_link(tmp_path: Path, model: Model) -> None:
    store = ModelStore(tmp_path)
    child = Model(replace(model.card, parent="flowers-v1"), model.network)
    carried = store.import_bundle(store.export(store.save(child).card.id)).card
    assert carried.parent == f"flowers-v1{ELSEWHERE}"
    with pytest.raises(NotFoundError):
        store.card(carried.parent)
    assert store.import_bundle(store.export(carried.id)).card.parent == carried.parent


def test_bundle_that_was_packed_anew_is_read(tmp_path: Path, bundle: bytes) -> None:
    assert ModelStore(tmp_path).import_bundle(zipped(members(bundle))).card.name == "flowers"


def test_broken_model_is_not_exported(tmp_path: Path, model: Model) -> None:
    store = ModelStore(tmp_path)
    store.save(model)
    path = tmp_path / "models/flowers-v1/model.keras"
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(StoreError, match=r"model\.keras"):
        store.export("flowers-v1")
    with pytest.raises(NotFoundError):
        store.export("flowers-v9")


def bomb(content: dict[str, bytes]) -> bytes:
    return zipped({**content, "model.keras": b"0" * 50_000_000})


def inner_bomb(content: dict[str, bytes]) -> bytes:
    inside = dict.fromkeys(("metadata.json", "config.json", "model.weights.h5"), b"0" * 20_000_000)
    return zipped({**content, "model.keras": zipped(inside)})


def lying_size(content: dict[str, bytes]) -> bytes:
    """A bomb that says it were small."""
    data = zipped({"card.json": content["card.json"], "model.keras": b"0" * 50_000_000})
    return data.replace(struct.pack("<L", 50_000_000), struct.pack("<L", 9_000))


def locked(content: dict[str, bytes]) -> bytes:
    """Two members that say they were encrypted."""
    data = bytearray(zipped(content, zipfile.ZIP_STORED))
    for sign, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = data.find(sign)
        while place >= 0:
            data[place + offset] |= 1
            place = data.find(sign, place + 1)
    return bytes(data)


FILES: dict[str, tuple[Callable[[dict[str, bytes]], bytes], str]] = {
    "nothing": (lambda _: b"", "not a zip file"),
    "text": (lambda _: b"species,length\n", "not a zip file"),
    "empty archive": (lambda _: zipped({}), "it holds 0 files"),
    "one member": (lambda c: zipped({"card.json": c["card.json"]}), "it holds 1 files"),
    "third member": (lambda c: zipped({**c, "x.py": b"x"}), "it holds 3 files"),
    "path": (
        lambda c: zipped({"../card.json": c["card.json"], "model.keras": c["model.keras"]}),
        r"it holds 2 files: '\.\./card\.json'",
    ),
    "folder": (lambda c: zipped({f"a/{name}": data for name, data in c.items()}), "'a/"),
    "bomb": (bomb, r"model\.keras unfolds to 50,000,000 bytes"),
    "inner bomb": (inner_bomb, "unfolds to 60,000,000 bytes"),
    "lying size": (lying_size, "fault"),
    "locked": (locked, "encrypted"),
    "large card": (
        lambda c: zipped({**c, "card.json": b" " * 20_000_001}),
        r"card\.json unfolds to 20,000,001 bytes",
    ),
    "unusual compression": (lambda c: zipped(c, zipfile.ZIP_LZMA), "compressed in an unusual way"),
    "no network": (
        lambda c: zipped({**c, "model.keras": b"0" * 9_000}),
        "File is not a zip file",
    ),
    "torn": (lambda c: zipped(c)[:-300], "not a zip file"),
    "card is a list": (lambda c: zipped({**c, "card.json": b"[]"}), "not an object"),
    "card is no JSON": (lambda c: zipped({**c, "card.json": b"{"}), "Expecting property name"),
    "card is no text": (lambda c: zipped({**c, "card.json": b"\xff"}), "can't decode"),
    "deep card": (lambda c: zipped({**c, "card.json": b"[" * 99_999}), "recursion depth"),
}


@pytest.mark.parametrize(("make", "message"), FILES.values(), ids=FILES.keys())
def test_file_that_is_no_bundle_is_refused(
    tmp_path: Path, bundle: bytes, make: Callable[[dict[str, bytes]], bytes], message: str
) -> None:
    said = refused(make(members(bundle)), tmp_path)
    assert "expected a model bundle" in said
    assert re.search(message, said), said


CARDS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no name": (lambda card: card.pop("name"), "expected the fields"),
    "further field": (lambda card: card.update(extra=1), "expected the fields"),
    "unreadable name": (lambda card: card.update(name="a\nb"), "name: expected"),
    "name is markup of any length": (lambda card: card.update(name="<b>" * 99), "name: expected"),
    "long parent": (lambda card: card.update(parent="x" * 1_001), "parent: expected a text"),
    "created in words": (lambda card: card.update(created="today"), "today"),
    "created without zone": (lambda card: card.update(created="2026-01-01"), "no time zone"),
    "negative rows": (lambda card: card.update(rows=-1), "rows: expected"),
    "rows as words": (lambda card: card.update(rows="many"), "rows: expected"),
    "metric is text": (lambda card: card["metrics"].update(accuracy="<b>1</b>"), "metric 'accur"),
    "metric is a bool": (lambda card: card["metrics"].update(accuracy=True), "metric 'accuracy'"),
    "metric is a list": (lambda card: card["metrics"].update(x=[1]), "metric 'x'"),
    "metric is no number": (lambda card: card["metrics"].update(loss=float("nan")), "NaN"),
    "metric is infinite": (lambda card: card["metrics"].update(loss=float("inf")), "Infinity"),
    "history of text": (lambda card: card["history"][0].update(loss="1"), "loss of epoch 1"),
    "history above 1": (lambda card: card["history"][0].update(accuracy=2), "accuracy of epoch 1"),
    "half a validation": (lambda card: card["history"][0].update(val_loss=None), "validation loss"),
    "epochs out of order": (lambda card: card["history"].reverse(), "number of an epoch"),
    "more epochs than planned": (lambda card: card["options"].update(epochs=3), "planned epochs"),
    "epoch of other fields": (lambda card: card["history"].append({"n": 1}), "fault"),
    "epoch is a number": (lambda card: card["history"].append(1), "fault"),
    "library is a list": (lambda card: card["libraries"].update(numpy=[]), "version of numpy"),
    "units of another kind": (lambda card: card["spec"].update(units="32"), "units of layer 1"),
    "huge network": (
        lambda card: card["spec"].update(units=[4096] * 10),
        "the weights of its card",
    ),
    "other network": (lambda card: card["spec"].update(units=[4]), "objects could not be loaded"),
    "other optimiser": (lambda card: card["spec"].update(optimiser="os.system"), "optimiser"),
    "one class": (lambda card: card["schema"].update(classes=["a"]), "number of classes"),
    "class twice": (lambda card: card["schema"].update(classes=["a", "b", "a"]), "comes twice"),
    "no features": (lambda card: card["schema"].update(features=[]), "number of inputs"),
    "feature as label": (lambda card: card["schema"].update(label="length"), "comes twice"),
    "category twice": (
        lambda card: card["schema"]["features"][3].update(categories=["a", "a", "b"]),
        "categories of 'colour'",
    ),
    "infinite scale": (lambda card: card["schema"]["features"][0].update(std=1e999), "Infinity"),
    "range reversed": (
        lambda card: card["schema"]["features"][0].update(minimum=9.0, maximum=1.0),
        "ends before it starts",
    ),
}


@pytest.mark.parametrize(("change", "message"), CARDS.values(), ids=CARDS.keys())
def test_card_with_a_value_that_none_of_ours_has_is_refused(
    tmp_path: Path, bundle: bytes, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    assert message in refused(with_card(bundle, change), tmp_path)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value in a card."""
    inner: Any = ()
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
    return [path, *(way for key, entry in inner for way in places(entry, (*path, key)))]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), value=values)
def test_any_value_in_a_card_is_refused_or_loads_again(
    data: st.DataObject, value: object, tmp_path: Path, bundle: bytes
) -> None:
    content = members(bundle)
    card = json.loads(content["card.json"])
    *way, last = data.draw(st.sampled_from(places(card)[1:]))
    target = card
    for key in way:
        target = target[key]
    target[last] = value
    store = ModelStore(tmp_path)
    with suppress(StoreError):
        saved = store.import_bundle(zipped({**content, "card.json": json.dumps(card).encode()}))
        # As if by another process: from what is on the disk.
        assert ModelStore(tmp_path).load(saved.card.id).card == saved.card
    assert store.list().broken == ()


def test_number_too_large_for_a_float_is_refused(tmp_path: Path, bundle: bytes) -> None:
    content = members(bundle)
    text = content["card.json"].replace(b'"metrics": {', b'"metrics": {"x": 1e999,')
    assert "metric 'x'" in refused(zipped({**content, "card.json": text}), tmp_path)


def test_code_that_a_network_file_describes_is_neither_run_nor_kept(
    tmp_path: Path, bundle: bytes
) -> None:
    content = members(bundle)
    inside = members(content["model.keras"])
    inside["config.json"] = b'{"module": "os", "class_name": "system", "config": "echo evil"}'
    hostile = zipped({**content, "model.keras": zipped(inside, zipfile.ZIP_STORED)})
    ModelStore(tmp_path).import_bundle(hostile)
    kept = (tmp_path / "models/flowers-v1/model.keras").read_bytes()
    assert b"evil" not in kept


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_flipped_byte_is_refused_or_does_no_harm(
    data: st.DataObject, tmp_path: Path, model: Model, bundle: bytes
) -> None:
    broken = bytearray(bundle)
    broken[data.draw(st.integers(0, len(bundle) - 1))] ^= data.draw(st.integers(1, 255))
    # Not every byte of an archive has a meaning.
    with suppress(StoreError):
        found = ModelStore(tmp_path).import_bundle(bytes(broken))
        assert np.array_equal(predict(found, flowers(9).frame), predict(model, flowers(9).frame))


def test_packing_is_of_any_content() -> None:
    assert members(pack(b"\0\1", '{"ü": 1}\n')) == {
        "model.keras": b"\0\1",
        "card.json": '{"ü": 1}\n'.encode(),
    }
