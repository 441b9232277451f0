"""A model from elsewhere that is broken or hostile is refused, and changes nothing.

What it says is not believed: nothing in it is run, and it cannot make this machine take more time
or memory than the budget.
"""

from __future__ import annotations

import io
import json
import re
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]
import numpy as np
import pytest

from iris_core.errors import StoreError
from iris_core.model.models import Model
from iris_core.model.prediction import predict
from iris_core.storage.store import ModelStore
from tests.faults.budget import budget
from tests.iris_core.archives import members, zipped
from tests.iris_core.samples import flowers

Members = dict[str, bytes]
KERNEL = "layers/dense/vars/0"


def refused(content: bytes, home: Path) -> str:
    """Return the message of a refusal that left nothing behind."""
    store = ModelStore(home)
    with budget(), pytest.raises(StoreError) as caught:
        store.import_bundle(content)
    message = str(caught.value)
    assert message.startswith("expected a model bundle")
    assert message.endswith("load that file as it is.")
    assert len(message) < 1_000
    assert not list(home.rglob("*.*"))
    assert str(home) not in message
    assert "/tmp" not in message
    return message


def with_card(content: Members, card: bytes) -> bytes:
    return zipped({**content, "card.json": card})


def with_inside(content: Members, changed: Members) -> bytes:
    """The bundle with other files in the network's own archive."""
    inside = {**members(content["model.keras"]), **changed}
    return zipped({**content, "model.keras": zipped(inside, zipfile.ZIP_STORED)})


def with_kernel(make: Callable[[h5py.File, tuple[int, ...]], object]) -> Callable[[Members], bytes]:
    """What makes the bundle with another array in place of the first layer's weights."""

    def changed(content: Members) -> bytes:
        weights = io.BytesIO(members(content["model.keras"])["model.weights.h5"])
        with h5py.File(weights, "r+") as file:
            shape = file[KERNEL].shape
            del file[KERNEL]
            make(file, shape)
        return with_inside(content, {"model.weights.h5": weights.getvalue()})

    return changed


def filled(value: object) -> Callable[[Members], bytes]:
    return with_kernel(lambda file, shape: file.create_dataset(KERNEL, data=np.full(shape, value)))


def unwritten(shape: tuple[int, ...], kind: str) -> Callable[[Members], bytes]:
    """An array that takes no room in the file, for nothing was ever written into it."""
    return with_kernel(
        lambda file, _: file.create_dataset(KERNEL, shape, kind, chunks=True, fillvalue=None)
    )


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


def link(content: Members) -> bytes:
    """A card that is a symbolic link."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("model.keras", content["model.keras"])
        member = zipfile.ZipInfo("card.json")
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, "/etc/passwd")
    return sink.getvalue()


def twice(content: Members, name: str) -> bytes:
    """An archive that has a member twice."""
    sink = io.BytesIO(zipped(content, zipfile.ZIP_STORED))
    with zipfile.ZipFile(sink, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(name, content[name])
    return sink.getvalue()


def swollen(content: Members) -> bytes:
    """A large network of nothing but zeros."""
    card = json.loads(content["card.json"])
    card["spec"]["units"] = [4096] * 3
    zeros = bytes(140_000_000)
    return zipped({"card.json": json.dumps(card).encode(), "model.keras": zeros})


def dictionary(content: Members) -> bytes:
    """A network's archive that asks for 4 GB to be unfolded."""
    inside = members(content["model.keras"])
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, data in inside.items():
            kind = zipfile.ZIP_LZMA if name == "config.json" else zipfile.ZIP_STORED
            archive.writestr(name, data, kind)
    packed = bytearray(sink.getvalue())
    header = packed.index(b"config.json") + len(b"config.json")
    packed[header + 5 : header + 9] = struct.pack("<L", 2**32 - 1)
    return zipped({**content, "model.keras": bytes(packed)})


# What makes a file of a good bundle's members, and a pattern that the message holds.
FILES = [
    pytest.param(lambda _: b"", "not a zip file", id="nothing"),
    pytest.param(lambda _: b"species,length\n", "not a zip file", id="text"),
    pytest.param(lambda _: zipped({}), "it holds 0 files", id="empty archive"),
    pytest.param(
        lambda c: zipped({"card.json": c["card.json"]}), "it holds 1 files", id="one member"
    ),
    pytest.param(lambda c: zipped({**c, "x.py": b"x"}), "it holds 3 files", id="third member"),
    pytest.param(
        lambda c: zipped({"../card.json": c["card.json"], "model.keras": c["model.keras"]}),
        r"it holds 2 files: '\.\./card\.json'",
        id="path",
    ),
    pytest.param(
        lambda c: zipped({f"a/{name}": data for name, data in c.items()}), "'a/", id="folder"
    ),
    pytest.param(bomb, r"model\.keras unfolds to 50,000,000 bytes", id="bomb"),
    pytest.param(inner_bomb, "unfolds to 60,000,000 bytes", id="inner bomb"),
    pytest.param(lying_size, "fault", id="lying size"),
    pytest.param(locked, "encrypted", id="locked"),
    pytest.param(
        lambda c: zipped({**c, "card.json": b" " * 20_000_001}),
        r"card\.json unfolds to 20,000,001 bytes",
        id="large card",
    ),
    pytest.param(
        lambda c: zipped(c, zipfile.ZIP_LZMA),
        "compressed in an unusual way",
        id="unusual compression",
    ),
    pytest.param(
        lambda c: zipped({**c, "model.keras": b"0" * 9_000}),
        "File is not a zip file",
        id="no network",
    ),
    pytest.param(lambda c: zipped(c)[:-300], "not a zip file", id="torn"),
    pytest.param(lambda c: zipped({**c, "card.json": b"[]"}), "not an object", id="card is a list"),
    pytest.param(
        lambda c: zipped({**c, "card.json": b"{"}), "Expecting property name", id="card is no JSON"
    ),
    pytest.param(
        lambda c: zipped({**c, "card.json": b"\xff"}), "can't decode", id="card is no text"
    ),
    pytest.param(
        lambda c: zipped({**c, "card.json": b"[" * 99_999}), "recursion depth", id="deep card"
    ),
    pytest.param(lambda c: zipped(c)[:20], "not a zip file", id="torn at its start"),
    pytest.param(link, "Expecting value", id="card is a link"),
    pytest.param(lambda c: twice(c, "card.json"), "it holds 3 files", id="card twice"),
    pytest.param(swollen, r"model\.keras unfolds to 140,000,000 bytes", id="bomb of zeros"),
    pytest.param(dictionary, "it is compressed", id="inner archive of 4 GB of dictionary"),
    pytest.param(
        lambda c: zipped({**c, "model.keras": twice(members(c["model.keras"]), "config.json")}),
        r"it holds metadata\.json",
        id="inner file twice",
    ),
    pytest.param(lambda c: with_inside(c, {"../x.py": b"x"}), "it holds", id="inner path"),
    pytest.param(
        lambda c: with_inside(c, {"model.weights.h5": bytes(2_000)}),
        "signature not found",
        id="weights are none",
    ),
    pytest.param(filled(np.nan), "a weight is no number", id="NaN weights"),
    pytest.param(filled(-np.inf), "a weight is no number", id="infinite weights"),
    pytest.param(filled(1j), r"\(6, 8\) complex128, is no array", id="complex weights"),
    pytest.param(filled(b"x"), r"\(6, 8\) \|S1, is no array", id="weights of text"),
    pytest.param(
        with_kernel(lambda file, shape: file.create_dataset(KERNEL, data=np.ones(shape[::-1]))),
        "could not be loaded",
        id="weights of another shape",
    ),
    pytest.param(with_kernel(lambda *_: None), "could not be loaded", id="no weights"),
    pytest.param(unwritten((10_000, 50_000), "f4"), "is no array", id="weights of 2 GB in no room"),
    pytest.param(unwritten((10**6, 10**6), "f4"), "is no array", id="weights of 4 TB in no room"),
    pytest.param(unwritten((6, 8), "S50000000"), "is no array", id="weights of 50 MB each"),
    pytest.param(
        with_kernel(
            lambda file, shape: file.create_dataset(
                KERNEL, shape, "f4", external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)]
            )
        ),
        "is no array",
        id="weights in another file",
    ),
    pytest.param(
        with_kernel(lambda file, _: file.__setitem__(KERNEL, h5py.ExternalLink("/x.h5", "x"))),
        "could not be loaded",
        id="weights behind a link to another file",
    ),
    pytest.param(
        with_kernel(lambda file, _: file.__setitem__(KERNEL, h5py.SoftLink(f"/{KERNEL}"))),
        "could not be loaded",
        id="weights behind a link to itself",
    ),
    pytest.param(
        lambda c: with_card(c, c["card.json"].replace(b'"metrics": {', b'"metrics": {"x": 1e999,')),
        "metric 'x'",
        id="metric that overflows",
    ),
    pytest.param(
        lambda c: with_card(c, b"\xef\xbb\xbf" + c["card.json"]), "BOM", id="card with a BOM"
    ),
    pytest.param(
        lambda c: with_card(c, c["card.json"].decode().encode("utf-16")), "decode", id="UTF-16 card"
    ),
]


@pytest.mark.parametrize(("make", "message"), FILES)
def test_file_that_is_no_bundle_is_refused(
    tmp_path: Path, bundle: bytes, make: Callable[[Members], bytes], message: str
) -> None:
    said = refused(make(members(bundle)), tmp_path)
    assert re.search(message, said), said


# What changes a good card, and words that the message holds.
CARDS = [
    pytest.param(lambda card: card.pop("name"), "expected the fields", id="no name"),
    pytest.param(lambda card: card.update(extra=1), "expected the fields", id="further field"),
    pytest.param(lambda card: card.update(name="a\nb"), "name: expected", id="unreadable name"),
    pytest.param(
        lambda card: card.update(name="<b>" * 99),
        "name: expected",
        id="name is markup of any length",
    ),
    pytest.param(
        lambda card: card.update(parent="x" * 1_001), "parent: expected a text", id="long parent"
    ),
    pytest.param(lambda card: card.update(created="today"), "today", id="created in words"),
    pytest.param(
        lambda card: card.update(created="2026-01-01"), "no time zone", id="created without zone"
    ),
    pytest.param(lambda card: card.update(rows=-1), "rows: expected", id="negative rows"),
    pytest.param(lambda card: card.update(rows="many"), "rows: expected", id="rows as words"),
    pytest.param(
        lambda card: card["metrics"].update(accuracy="<b>1</b>"),
        "metric 'accur",
        id="metric is text",
    ),
    pytest.param(
        lambda card: card["metrics"].update(accuracy=True),
        "metric 'accuracy'",
        id="metric is a bool",
    ),
    pytest.param(lambda card: card["metrics"].update(x=[1]), "metric 'x'", id="metric is a list"),
    pytest.param(
        lambda card: card["metrics"].update(loss=float("nan")), "NaN", id="metric is no number"
    ),
    pytest.param(
        lambda card: card["metrics"].update(loss=float("inf")), "Infinity", id="metric is infinite"
    ),
    pytest.param(
        lambda card: card["history"][0].update(loss="1"), "loss of epoch 1", id="history of text"
    ),
    pytest.param(
        lambda card: card["history"][0].update(accuracy=2),
        "accuracy of epoch 1",
        id="history above 1",
    ),
    pytest.param(
        lambda card: card["history"][0].update(val_loss=None),
        "validation loss",
        id="half a validation",
    ),
    pytest.param(
        lambda card: card["history"].reverse(), "number of an epoch", id="epochs out of order"
    ),
    pytest.param(
        lambda card: card["options"].update(epochs=3),
        "planned epochs",
        id="more epochs than planned",
    ),
    pytest.param(
        lambda card: card["history"].append({"n": 1}), "fault", id="epoch of other fields"
    ),
    pytest.param(lambda card: card["history"].append(1), "fault", id="epoch is a number"),
    pytest.param(
        lambda card: card["libraries"].update(numpy=[]), "version of numpy", id="library is a list"
    ),
    pytest.param(
        lambda card: card["spec"].update(units="32"), "units of layer 1", id="units of another kind"
    ),
    pytest.param(
        lambda card: card["spec"].update(units=[4096] * 10),
        "the weights of its card",
        id="huge network",
    ),
    pytest.param(
        lambda card: card["spec"].update(units=[4]),
        "objects could not be loaded",
        id="other network",
    ),
    pytest.param(
        lambda card: card["spec"].update(optimiser="os.system"), "optimiser", id="other optimiser"
    ),
    pytest.param(
        lambda card: card["schema"].update(classes=["a"]), "number of classes", id="one class"
    ),
    pytest.param(
        lambda card: card["schema"].update(classes=["a", "b", "a"]), "comes twice", id="class twice"
    ),
    pytest.param(
        lambda card: card["schema"].update(features=[]), "number of inputs", id="no features"
    ),
    pytest.param(
        lambda card: card["schema"].update(label="length"), "comes twice", id="feature as label"
    ),
    pytest.param(
        lambda card: card["schema"]["features"][3].update(categories=["a", "a", "b"]),
        "categories of 'colour'",
        id="category twice",
    ),
    pytest.param(
        lambda card: card["schema"]["features"][0].update(std=1e999),
        "Infinity",
        id="infinite scale",
    ),
    pytest.param(
        lambda card: card["schema"]["features"][0].update(minimum=9.0, maximum=1.0),
        "ends before it starts",
        id="range reversed",
    ),
    pytest.param(lambda card: card.clear(), "expected the fields", id="no fields"),
    pytest.param(lambda card: card.update(name=5), "name: expected", id="name is a number"),
    pytest.param(lambda card: card.update(schema=[]), "schema: expected", id="schema is a list"),
    pytest.param(lambda card: card.update(metrics=None), "metrics: expected", id="no metrics"),
    pytest.param(
        lambda card: card.update(rows=10**4_000), "rows: expected", id="4,000 digits of rows"
    ),
    pytest.param(
        lambda card: card["metrics"].update(x=10**400), "too large", id="metric of 400 digits"
    ),
    pytest.param(
        lambda card: card.update(metrics={f"m{number}": 1.0 for number in range(100_000)}),
        "number of metrics",
        id="100,000 metrics",
    ),
    pytest.param(
        lambda card: card.update(libraries={f"l{number}": "1" for number in range(1_001)}),
        "number of libraries",
        id="1,001 libraries",
    ),
    pytest.param(
        lambda card: card["libraries"].update({"\ud800": "1"}),
        "surrogates",
        id="half a pair in a library",
    ),
    pytest.param(
        lambda card: card["schema"].update(classes=["a", "\udc00", "b"]),
        "surrogates",
        id="half a pair as a class",
    ),
    pytest.param(
        lambda card: card["schema"].update(classes=["x" * 1_000_000, "y", "z"]),
        "names of 1 to 10,000",
        id="class of a megabyte",
    ),
    pytest.param(
        lambda card: card["schema"].update(classes=["", "y", "z"]),
        "names of 1 to",
        id="class of no letters",
    ),
    pytest.param(
        lambda card: card["schema"].update(classes=[f"c{number}" for number in range(257)]),
        "number of classes",
        id="257 classes",
    ),
    pytest.param(
        lambda card: card["schema"]["features"].append({"name": "more"}),
        "mean",
        id="feature of no kind",
    ),
    pytest.param(
        lambda card: card["schema"]["features"].append("length"), "features", id="feature is text"
    ),
    pytest.param(
        lambda card: card["schema"]["features"][0].update(mean=10**400),
        "too large",
        id="mean of 400 digits",
    ),
    pytest.param(
        lambda card: card["schema"]["features"][0].update(mean="x"),
        "could not convert",
        id="mean is text",
    ),
    pytest.param(
        lambda card: card["schema"]["features"][0].update(std=-1.0),
        "figures",
        id="negative deviation",
    ),
    pytest.param(
        lambda card: card["schema"]["features"].pop(0),
        "could not be loaded",
        id="feature is lacking",
    ),
    pytest.param(
        lambda card: card["schema"]["features"][3].update(categories=["a"] * 2_000),
        "number of categories",
        id="2,000 categories",
    ),
]


@pytest.mark.parametrize(("change", "message"), CARDS)
def test_card_with_a_value_that_none_of_ours_has_is_refused(
    tmp_path: Path, bundle: bytes, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    content = members(bundle)
    card = json.loads(content["card.json"])
    change(card)
    assert message in refused(with_card(content, json.dumps(card).encode()), tmp_path)


LAMBDA = {
    "class_name": "Lambda",
    "module": "keras.layers",
    "config": {"function": {"class_name": "__lambda__", "config": {"code": "4wEAAAAAAAAA evil"}}},
}
SYSTEM = {"module": "os", "class_name": "system", "config": "echo evil"}

# What the network's own files say, which is not looked at.
DESCRIPTIONS = [
    pytest.param({"config.json": json.dumps(LAMBDA).encode()}, id="Lambda layer"),
    pytest.param({"config.json": json.dumps(SYSTEM).encode()}, id="foreign module"),
    pytest.param({"config.json": b"\xffevil"}, id="description is no JSON"),
    pytest.param({"config.json": b"[" * 100_000 + b"evil"}, id="deep description"),
    pytest.param({"metadata.json": b'{"keras_version": "99.evil"}'}, id="version of the future"),
]


@pytest.mark.parametrize("described", DESCRIPTIONS)
def test_code_that_a_network_file_describes_is_neither_run_nor_kept(
    tmp_path: Path, model: Model, bundle: bytes, described: Members
) -> None:
    store = ModelStore(tmp_path)
    hostile = with_inside(members(bundle), described)
    with budget():
        found = store.import_bundle(hostile)
    assert b"evil" not in (tmp_path / "models/flowers-v1/model.keras").read_bytes()
    frame = flowers(9).frame
    assert np.array_equal(predict(found, frame), predict(model, frame))
