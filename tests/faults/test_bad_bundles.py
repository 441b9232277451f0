"""A foreign model bundle that is broken or hostile is refused, and changes nothing.

Its content is not trusted: nothing in it is run, and reading it takes no more time or memory than
the budget.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py  # type: ignore[import-untyped]
import numpy as np
import pytest

from iris_core.model.models import Model
from iris_core.model.prediction import predict
from iris_core.storage.model_store import ModelStore
from tests.faults.budget import budget
from tests.faults.bundles import (
    KERNEL,
    Members,
    bomb,
    encrypted,
    false_size,
    filled,
    huge_dictionary,
    inner_bomb,
    link,
    refused,
    twice,
    unwritten,
    with_card,
    with_kernel,
    with_network_files,
    zeros,
)
from tests.iris_core.archives import members, zipped
from tests.iris_core.samples import flowers

# What makes a bad file of the members of a good bundle, and a pattern of the message.
FILES = [
    pytest.param(lambda _: b"", "not a zip file", id="nothing"),
    pytest.param(lambda _: b"species,length\n", "not a zip file", id="text"),
    pytest.param(lambda _: zipped({}), "it holds 0 files", id="empty archive"),
    pytest.param(
        lambda c: zipped({"card.json": c["card.json"]}), "it holds 1 files", id="one member"
    ),
    pytest.param(lambda c: zipped({**c, "x.py": b"x"}), "it holds 5 files", id="fifth member"),
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
    pytest.param(false_size, "fault", id="false size"),
    pytest.param(encrypted, "encrypted", id="encrypted"),
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
    pytest.param(lambda c: twice(c, "card.json"), "it holds 5 files", id="card twice"),
    pytest.param(zeros, r"model\.keras unfolds to 140,000,000 bytes", id="bomb of zeros"),
    pytest.param(huge_dictionary, "it is compressed", id="inner archive of 4 GB of dictionary"),
    pytest.param(
        lambda c: zipped({**c, "model.keras": twice(members(c["model.keras"]), "config.json")}),
        r"it holds metadata\.json",
        id="inner file twice",
    ),
    pytest.param(lambda c: with_network_files(c, {"../x.py": b"x"}), "it holds", id="inner path"),
    pytest.param(
        lambda c: with_network_files(c, {"model.weights.h5": bytes(2_000)}),
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
    pytest.param(with_kernel(lambda *_: None), "has 35 weights, 83 were expected", id="no weights"),
    pytest.param(
        with_kernel(
            lambda file, shape: [
                file.create_dataset(name, data=np.ones(shape))
                for name in (KERNEL, KERNEL.replace("dense", "dense_9"))
            ]
        ),
        "has 131 weights, 83 were expected",
        id="a layer too many",
    ),
    pytest.param(unwritten((10_000, 50_000), "f4"), "is no array", id="2 GB of unwritten weights"),
    pytest.param(unwritten((10**6, 10**6), "f4"), "is no array", id="4 TB of unwritten weights"),
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
        "has 35 weights, 83 were expected",
        id="weights behind a link to another file",
    ),
    pytest.param(
        with_kernel(lambda file, _: file.__setitem__(KERNEL, h5py.SoftLink(f"/{KERNEL}"))),
        "has 35 weights, 83 were expected",
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
    text = refused(make(members(bundle)), tmp_path)
    assert re.search(message, text), text


LAMBDA = {
    "class_name": "Lambda",
    "module": "keras.layers",
    "config": {"function": {"class_name": "__lambda__", "config": {"code": "4wEAAAAAAAAA evil"}}},
}
SYSTEM = {"module": "os", "class_name": "system", "config": "echo evil"}

# Descriptions in the network's own files, which are ignored.
DESCRIPTIONS = [
    pytest.param({"config.json": json.dumps(LAMBDA).encode()}, id="Lambda layer"),
    pytest.param({"config.json": json.dumps(SYSTEM).encode()}, id="foreign module"),
    pytest.param({"config.json": b"\xffevil"}, id="description is no JSON"),
    pytest.param({"config.json": b"[" * 100_000 + b"evil"}, id="deep description"),
    pytest.param({"metadata.json": b'{"keras_version": "99.evil"}'}, id="future version"),
]


@pytest.mark.parametrize("description", DESCRIPTIONS)
def test_code_in_a_network_file_is_neither_run_nor_stored(
    tmp_path: Path, model: Model, bundle: bytes, description: Members
) -> None:
    store = ModelStore(tmp_path)
    hostile = with_network_files(members(bundle), description)
    with budget():
        imported = store.import_bundle(hostile)
    assert b"evil" not in (tmp_path / "models/flowers-v1/model.keras").read_bytes()
    frame = flowers(9).frame
    assert np.array_equal(predict(imported, frame), predict(model, frame))
