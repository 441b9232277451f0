"""Broken and hostile variants of a model bundle, and what a refusal must be like."""

from __future__ import annotations

import io
import json
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py  # type: ignore[import-untyped]
import numpy as np
import pytest

from iris_core.errors import StoreError
from iris_core.storage.model_store import ModelStore
from tests.faults.budget import budget
from tests.iris_core.archives import members, zipped

Members = dict[str, bytes]
"""The files of an archive, by name."""
KERNEL = "layers/dense/vars/0"


def refused(content: bytes, home: Path) -> str:
    """Check that a bundle is refused within the budget and leaves nothing behind.

    Returns:
        the message of the error.
    """
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
    """Return the bundle with another card."""
    return zipped({**content, "card.json": card})


def with_network_files(content: Members, changed: Members) -> bytes:
    """Return the bundle with other files in the network's own archive."""
    inside = {**members(content["model.keras"]), **changed}
    return zipped({**content, "model.keras": zipped(inside, zipfile.ZIP_STORED)})


def with_kernel(make: Callable[[h5py.File, tuple[int, ...]], object]) -> Callable[[Members], bytes]:
    """Return a function that replaces the first layer's weights in a bundle."""

    def changed(content: Members) -> bytes:
        weights = io.BytesIO(members(content["model.keras"])["model.weights.h5"])
        with h5py.File(weights, "r+") as file:
            shape = file[KERNEL].shape
            del file[KERNEL]
            make(file, shape)
        return with_network_files(content, {"model.weights.h5": weights.getvalue()})

    return changed


def filled(value: object) -> Callable[[Members], bytes]:
    """Fill the first layer's weights with a value."""
    return with_kernel(lambda file, shape: file.create_dataset(KERNEL, data=np.full(shape, value)))


def unwritten(shape: tuple[int, ...], kind: str) -> Callable[[Members], bytes]:
    """Put an array that takes no space in the file, for nothing was ever written into it."""
    return with_kernel(
        lambda file, _: file.create_dataset(KERNEL, shape, kind, chunks=True, fillvalue=None)
    )


def bomb(content: Members) -> bytes:
    """Return a small archive of a large file."""
    return zipped({**content, "model.keras": b"0" * 50_000_000})


def inner_bomb(content: Members) -> bytes:
    """Return a bundle whose network is a small archive of large files."""
    inside = dict.fromkeys(("metadata.json", "config.json", "model.weights.h5"), b"0" * 20_000_000)
    return zipped({**content, "model.keras": zipped(inside)})


def false_size(content: Members) -> bytes:
    """Return a bomb that claims to be small."""
    data = zipped({"card.json": content["card.json"], "model.keras": b"0" * 50_000_000})
    return data.replace(struct.pack("<L", 50_000_000), struct.pack("<L", 9_000))


def encrypted(content: Members) -> bytes:
    """Return a bundle whose members claim to be encrypted."""
    data = bytearray(zipped(content, zipfile.ZIP_STORED))
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        position = data.find(signature)
        while position >= 0:
            data[position + offset] |= 1
            position = data.find(signature, position + 1)
    return bytes(data)


def link(content: Members) -> bytes:
    """Return a bundle whose card is a symbolic link."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("model.keras", content["model.keras"])
        member = zipfile.ZipInfo("card.json")
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, "/etc/passwd")
    return sink.getvalue()


def twice(content: Members, name: str) -> bytes:
    """Return an archive that has a member twice."""
    sink = io.BytesIO(zipped(content, zipfile.ZIP_STORED))
    with zipfile.ZipFile(sink, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(name, content[name])
    return sink.getvalue()


def zeros(content: Members) -> bytes:
    """Return a large network of nothing but zeros."""
    card = json.loads(content["card.json"])
    card["spec"]["units"] = [4096] * 3
    network = bytes(140_000_000)
    return zipped({"card.json": json.dumps(card).encode(), "model.keras": network})


def huge_dictionary(content: Members) -> bytes:
    """Return a network whose archive claims to need 4 GB for its decompression."""
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
