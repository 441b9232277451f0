"""A model travels as one file; a file that is broken or hostile changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iris_core.errors import NotFoundError, StoreError
from iris_core.model.models import Model
from iris_core.model.prediction import predict
from iris_core.storage.bundle_files import ELSEWHERE, pack
from iris_core.storage.fingerprint_files import from_bytes, to_bytes
from iris_core.storage.model_store import ModelStore
from tests.iris_core.archives import members, zipped
from tests.iris_core.samples import flowers


def test_model_comes_back_as_it_was(tmp_path: Path, model: Model, bundle: bytes) -> None:
    store = ModelStore(tmp_path)
    again = store.import_bundle(bundle)
    assert again.card.id == "flowers-v1"
    assert again.card == replace(model.card, id="flowers-v1", version=1)
    frame = flowers(50).frame
    for imported in (again, store.load("flowers-v1")):
        assert np.array_equal(predict(imported, frame), predict(model, frame))
        assert imported.trained_on is not None
        assert np.array_equal(imported.trained_on, np.unique(flowers(90).fingerprints))


def test_file_holds_the_members_and_is_the_same_every_time(tmp_path: Path, model: Model) -> None:
    store = ModelStore(tmp_path)
    model_id = store.save(model).card.id
    first = store.export(model_id)
    assert list(members(first)) == [*("model.keras", "card.json", "trained_on.u64", "logistic.f32")]
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


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value in a card."""
    inner: Any = ()
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
    return [path, *(path_to for key, entry in inner for path_to in paths(entry, (*path, key)))]


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
    *path_to, last = data.draw(st.sampled_from(paths(card)[1:]))
    target = card
    for key in path_to:
        target = target[key]
    target[last] = value
    store = ModelStore(tmp_path)
    with suppress(StoreError):
        saved = store.import_bundle(zipped({**content, "card.json": json.dumps(card).encode()}))
        # As if by another process: from what is on the disk.
        assert ModelStore(tmp_path).load(saved.card.id).card == saved.card
    assert store.list().broken == ()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_flipped_byte_is_refused_or_does_no_harm(
    data: st.DataObject, tmp_path: Path, model: Model, bundle: bytes
) -> None:
    broken = bytearray(bundle)
    broken[data.draw(st.integers(0, len(bundle) - 1))] ^= data.draw(st.integers(1, 255))
    # Not every byte of an archive has a meaning.
    with suppress(StoreError):
        imported = ModelStore(tmp_path).import_bundle(bytes(broken))
        assert np.array_equal(predict(imported, flowers(9).frame), predict(model, flowers(9).frame))


def test_packing_is_of_any_content() -> None:
    assert members(pack(b"\0\1", '{"ü": 1}\n', {"trained_on.u64": b"\0" * 8})) == {
        "model.keras": b"\0\1",
        "card.json": '{"ü": 1}\n'.encode(),
        "trained_on.u64": b"\0" * 8,
    }


FEW_ROWS = to_bytes(np.array([9, 5, 7, 5], dtype=np.uint64))


def test_list_of_rows_is_ascending_with_its_checksum() -> None:
    rows = b"".join(number.to_bytes(8, "little") for number in (5, 7, 9))
    assert rows + blake2b(rows, digest_size=8).digest() == FEW_ROWS
    assert from_bytes(FEW_ROWS).tolist() == [5, 7, 9]
    unsorted = rows[8:] + rows[:8]
    with pytest.raises(ValueError, match="ascending"):
        from_bytes(unsorted + blake2b(unsorted, digest_size=8).digest())


def test_bundle_of_an_earlier_version_does_not_say_what_it_was_trained_on(
    tmp_path: Path, bundle: bytes
) -> None:
    earlier = members(bundle)
    del earlier["trained_on.u64"]
    store = ModelStore(tmp_path)
    assert store.import_bundle(zipped(earlier)).trained_on is None
    assert ModelStore(tmp_path).load("flowers-v1").trained_on is None


@pytest.mark.parametrize(
    "content",
    [b"", b"\1" * 7, b"\1" * 16, (6).to_bytes(8, "little") + FEW_ROWS[8:], FEW_ROWS[8:]],
)
def test_broken_list_of_training_rows_is_refused(
    tmp_path: Path, bundle: bytes, content: bytes
) -> None:
    hostile = zipped({**members(bundle), "trained_on.u64": content})
    with pytest.raises(StoreError, match="fingerprints"):
        ModelStore(tmp_path).import_bundle(hostile)
    assert ModelStore(tmp_path).list().cards == ()


def test_logistic_regression_travels_with_its_model(
    tmp_path: Path, model: Model, bundle: bytes
) -> None:
    store = ModelStore(tmp_path)
    assert model.logistic is not None
    for kept in (store.import_bundle(bundle), store.load("flowers-v1")):
        assert kept.logistic is not None
        assert np.array_equal(kept.logistic.weights, model.logistic.weights)
        assert kept.card.class_counts == model.card.class_counts == (30, 30, 30)


def test_bundle_of_an_earlier_version_has_no_logistic_regression(
    tmp_path: Path, bundle: bytes
) -> None:
    content = members(bundle)
    del content["logistic.f32"]
    card = json.loads(content["card.json"])
    del card["class_counts"]
    content["card.json"] = json.dumps(card).encode()
    kept = ModelStore(tmp_path).import_bundle(zipped(content))
    assert (kept.logistic, kept.card.class_counts) == (None, None)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        pytest.param(lambda content: content[:-4], "bytes, that of its card", id="short"),
        pytest.param(lambda content: b"\0" + content[1:], "not the one", id="changed"),
        pytest.param(
            lambda content: (
                (body := b"\0\0\xc0\x7f" + content[4:-8]) + blake2b(body, digest_size=8).digest()
            ),
            "is no number",
            id="not a number",
        ),
    ],
)
def test_broken_logistic_regression_is_refused(
    tmp_path: Path, bundle: bytes, damage: Callable[[bytes], bytes], why: str
) -> None:
    content = members(bundle)
    content["logistic.f32"] = damage(content["logistic.f32"])
    with pytest.raises(StoreError, match=why):
        ModelStore(tmp_path).import_bundle(zipped(content))


@pytest.mark.parametrize("counts", [[1, 2], [1, 2, -3], [1, 2, 3.5], [1, 2, "3"]])
def test_card_with_impossible_class_counts_is_refused(
    tmp_path: Path, bundle: bytes, counts: list[Any]
) -> None:
    content = members(bundle)
    card = {**json.loads(content["card.json"]), "class_counts": counts}
    content["card.json"] = json.dumps(card).encode()
    with pytest.raises(StoreError):
        ModelStore(tmp_path).import_bundle(zipped(content))
