"""The `model.keras` file of a bundle: written completely, and read without running its code.

A Keras file can describe a network of any code. Here the network is built from the model's card,
and nothing but numbers is taken from the file.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np

from iris_core.model.models import ModelCard, build
from iris_core.storage.bundles import broken_file

# What Keras writes, see https://keras.io/guides/serialization_and_saving/.
_WEIGHTS = "model.weights.h5"
_MEMBERS = ("metadata.json", "config.json", _WEIGHTS)
_ROOM_FOR_HEADINGS = 1_000_000

# A file from elsewhere, or a torn one, fails in the ZIP archive, in HDF5, or in Keras.
_UNREADABLE = (
    *(OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error),
    *(ValueError, KeyError, TypeError, AttributeError, IndexError),
)


def write_network(path: Path, network: Any) -> None:
    """Write a network.

    Raises:
        OSError: it could not be written completely.
    """
    network.save(path)
    # On a full disk Keras leaves a few bytes, and does not always say so.
    try:
        _check_archive(path, network)
    except (ValueError, zipfile.BadZipFile) as error:
        raise OSError(f"{path.name} could not be written whole") from error


def read_network(path: Path, card: ModelCard) -> Any:
    """Return the network that the card describes, with the weights of the file.

    Raises:
        StoreError: the file is broken, or is not of that network.
    """
    schema = card.schema
    network = build(card.spec, inputs=schema.width, classes=len(schema.classes))
    try:
        _check_archive(path, network)
        network.load_weights(path)
        if not all(np.isfinite(weights).all() for weights in network.get_weights()):
            raise ValueError("a weight is no number")
    except _UNREADABLE as error:
        raise broken_file(path, str(error).partition("\n")[0]) from error
    return network


def _check_archive(path: Path, network: Any) -> None:
    """Raise `ValueError` or `BadZipFile` unless the file is complete and of the network's size."""
    # Twice four bytes a weight: far below the size that a small archive can decompress to.
    limit = 8 * network.count_params() + _ROOM_FOR_HEADINGS
    with zipfile.ZipFile(path) as archive:
        if sorted(archive.namelist()) != sorted(_MEMBERS):
            raise ValueError(f"it holds {', '.join(archive.namelist()[:5])}")
        size = sum(member.file_size for member in archive.infolist())
        if size > limit:
            raise ValueError(f"it unfolds to {size:,} bytes, at most {limit:,} were expected")
        if any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()):
            raise ValueError("it is compressed")
        if torn := archive.testzip():
            raise ValueError(f"{torn} is torn")
        with archive.open(_WEIGHTS) as file:
            _check_arrays(file, network.count_params(), limit)


def _check_arrays(file: IO[bytes], parameters: int, limit: int) -> None:
    """Raise `ValueError` for an HDF5 file of other than numbers, or of another network's.

    An array takes no room in the file as long as it holds one and the same value, and its content
    may be that of another file. Keras takes the layers that it knows and passes over all others.

    Args:
        file: the file.
        parameters: of the network.
        limit: bytes of all arrays at most.
    """
    import h5py  # type: ignore[import-untyped]

    size = weights_of_layers = 0

    def check(name: str, node: Any) -> None:
        nonlocal size, weights_of_layers
        if isinstance(node, h5py.Dataset):
            size += node.size * node.dtype.itemsize
            if node.dtype.kind not in "fiu" or node.external or node.is_virtual or size > limit:
                raise ValueError(f"{name}, {node.shape} {node.dtype}, is no array of its weights")
            if name.startswith("layers/") and node.dtype.kind == "f":
                weights_of_layers += node.size

    with h5py.File(file) as weights:
        weights.visititems(check)
    if weights_of_layers != parameters:
        raise ValueError(f"it has {weights_of_layers:,} weights, {parameters:,} were expected")
