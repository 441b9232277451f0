"""The `model.keras` file of a bundle: written whole, and read without running what is in it.

A Keras file can describe a network of any code. Here the network is built from the model's card,
and nothing but numbers is taken from the file.
"""

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from iris_core.bundles import broken
from iris_core.models import ModelCard, build

# What Keras writes, see https://keras.io/guides/serialization_and_saving/.
_MEMBERS = {"metadata.json", "config.json", "model.weights.h5"}
_ROOM_FOR_HEADINGS = 1_000_000

# A file from elsewhere, or a torn one, fails in the ZIP archive, in HDF5, or in Keras.
_UNREADABLE = (
    *(OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error),
    *(ValueError, KeyError, TypeError, AttributeError, IndexError),
)


def write_network(path: Path, network: Any) -> None:
    """Write a network; raises `OSError` if it is not whole on the disk."""
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
        raise broken(path, str(error).partition("\n")[0]) from error
    return network


def _check_archive(path: Path, network: Any) -> None:
    """Raise `ValueError` or `BadZipFile` unless the file is a whole one of the network's size."""
    # Twice four bytes a weight: far from what a small archive can be made to unfold to.
    limit = 8 * network.count_params() + _ROOM_FOR_HEADINGS
    with zipfile.ZipFile(path) as archive:
        if set(archive.namelist()) != _MEMBERS:
            raise ValueError(f"it holds {', '.join(archive.namelist()[:5])}")
        size = sum(member.file_size for member in archive.infolist())
        if size > limit:
            raise ValueError(f"it unfolds to {size:,} bytes, at most {limit:,} were expected")
        if torn := archive.testzip():
            raise ValueError(f"{torn} is torn")
