"""Files of row fingerprints: 8 bytes each, little-endian, ascending and without repetitions."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from iris_core.data.fingerprints import Fingerprints
from iris_core.storage.bundles import broken_file

_BYTES = 8


def to_bytes(rows: Fingerprints) -> bytes:
    """Return the content of a file, 8 bytes for each different row."""
    return np.unique(rows).astype("<u8").tobytes()


def from_bytes(content: bytes) -> Fingerprints:
    """Return the rows of a file's content.

    Raises:
        ValueError: the content is not one that `to_bytes` returns.
    """
    if len(content) % _BYTES:
        raise ValueError(f"{len(content):,} bytes are no whole number of fingerprints")
    rows = np.frombuffer(content, dtype="<u8").astype(np.uint64)
    if (rows[1:] <= rows[:-1]).any():
        raise ValueError("the fingerprints are not in ascending order")
    return rows


def read_fingerprints(path: Path) -> Fingerprints:
    """Return the rows of a file.

    Raises:
        StoreError: it cannot be read, or is broken.
    """
    try:
        return from_bytes(path.read_bytes())
    except (OSError, ValueError) as error:
        raise broken_file(path, error) from error
