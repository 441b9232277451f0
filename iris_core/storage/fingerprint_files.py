"""Files of row fingerprints: 8 bytes each, little-endian, ascending and without repetitions.

Another 8 bytes at the end are their checksum, for a part of a list would be a list too, and rows
that evaluate would be trained on.
"""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

import numpy as np

from iris_core.data.fingerprints import Fingerprints
from iris_core.storage.bundles import broken_file

_BYTES = 8


def to_bytes(rows: Fingerprints) -> bytes:
    """Return the content of a file: 8 bytes for each different row, and 8 of their checksum."""
    listed = np.unique(rows).astype("<u8").tobytes()
    return listed + _checksum(listed)


def from_bytes(content: bytes) -> Fingerprints:
    """Return the rows of a file's content.

    Raises:
        ValueError: the content is not one that `to_bytes` returns.
    """
    if len(content) % _BYTES:
        raise ValueError(f"{len(content):,} bytes are no whole number of fingerprints")
    listed, checksum = content[:-_BYTES], content[-_BYTES:]
    if checksum != _checksum(listed):
        raise ValueError("the fingerprints are not those that were written")
    rows = np.frombuffer(listed, dtype="<u8").astype(np.uint64)
    if (rows[1:] <= rows[:-1]).any():
        raise ValueError("the fingerprints are not in ascending order")
    return rows


def read_fingerprints(path: Path, remedy: str) -> Fingerprints:
    """Return the rows of a file.

    Args:
        path: of the file.
        remedy: what to do if it is broken, a sentence.

    Raises:
        StoreError: it cannot be read, or is broken.
    """
    try:
        return from_bytes(path.read_bytes())
    except (OSError, ValueError) as error:
        raise broken_file(path, error, remedy) from error


def _checksum(listed: bytes) -> bytes:
    return blake2b(listed, digest_size=_BYTES).digest()
