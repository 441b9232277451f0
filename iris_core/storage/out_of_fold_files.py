"""Files of out-of-fold predictions: a row after the other of the training rows' file.

First the fold of each row, a byte; then, of more than `MOST_CLASSES` classes, the most probable
ones of each row, a byte each; then their probabilities, 2 bytes each, little-endian; then, if rows
are in groups, the fingerprint of each group, 8 bytes, little-endian, and the fold of each, a byte.
The last 8 bytes are a checksum of it all and of the rows' fingerprints.
"""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

import numpy as np

from iris_core.data.fingerprints import Fingerprints
from iris_core.model.folds import MAX_GROUPS, GroupFolds
from iris_core.model.models import ModelCard
from iris_core.model.out_of_fold import MOST_CLASSES, TOP, OutOfFold
from iris_core.storage.bundles import broken_file

_CHECKSUM_BYTES = 8
_GROUP_BYTES = 9


def to_bytes(found: OutOfFold) -> bytes:
    """Return the content of a file."""
    top = b"" if found.top is None else found.top.tobytes()
    groups = found.groups.groups.astype("<u8").tobytes() + found.groups.folds.tobytes()
    listed = found.folds.tobytes() + top + found.shares.astype("<u2").tobytes() + groups
    return listed + _checksum(listed, found.rows)


def from_bytes(content: bytes, rows: Fingerprints, card: ModelCard) -> OutOfFold:
    """Return the predictions of a file's content.

    Args:
        content: of the file.
        rows: the rows that the model was trained on.
        card: of the model.

    Raises:
        ValueError: the content is not one that `to_bytes` returns for the rows and the model.
    """
    listed, checksum = content[:-_CHECKSUM_BYTES], content[-_CHECKSUM_BYTES:]
    if checksum != _checksum(listed, rows):
        raise ValueError("the predictions are not those that were written for these rows")
    count, classes = len(rows), len(card.schema.classes)
    kept, top_bytes = (TOP, TOP) if classes > MOST_CLASSES else (classes, 0)
    of_rows = count * (1 + top_bytes + 2 * kept)
    groups, left = divmod(len(listed) - of_rows, _GROUP_BYTES)
    if left or not 0 <= groups <= MAX_GROUPS:
        raise ValueError(f"{len(listed):,} bytes are no predictions of {count:,} rows")
    folds = np.frombuffer(listed, np.uint8, count)
    top = np.frombuffer(listed, np.uint8, count * top_bytes, count).reshape(count, top_bytes)
    shares = np.frombuffer(listed, "<u2", count * kept, count * (1 + top_bytes))
    names = np.frombuffer(listed, "<u8", groups, of_rows).astype(np.uint64)
    group_folds = np.frombuffer(listed, np.uint8, groups, of_rows + 8 * groups)
    if (
        max(folds.max(initial=0), group_folds.max(initial=0)) >= card.spec.members
        or (top >= classes).any()
    ):
        raise ValueError("a fold or a class is one that the model has not")
    if (names[1:] <= names[:-1]).any():
        raise ValueError("its groups are not in ascending order")
    return OutOfFold(
        rows,
        folds,
        classes,
        top if top_bytes else None,
        shares.astype(np.uint16).reshape(count, kept),
        GroupFolds(names, group_folds),
    )


def largest(rows: int, classes: int) -> int:
    """Return the bytes that the file of so many rows and classes has at most."""
    of_row = 1 + TOP + 2 * max(TOP, min(classes, MOST_CLASSES))
    return rows * of_row + _GROUP_BYTES * MAX_GROUPS + _CHECKSUM_BYTES


def check_out_of_fold(card: ModelCard, *, has_file: bool) -> None:
    """Raise `ValueError` unless an ensemble has its file and rows, and a single network no file.

    Without its folds an ensemble could not be trained further honestly.
    """
    if card.spec.is_ensemble and not has_file:
        raise ValueError("an ensemble without its out-of-fold predictions and their rows")
    if has_file and not card.spec.is_ensemble:
        raise ValueError("out-of-fold predictions of a single network")


def read_out_of_fold(
    path: Path, rows: Fingerprints | None, card: ModelCard, remedy: str
) -> OutOfFold | None:
    """Return the predictions of a model's file; None of a single network, which has none.

    Args:
        path: of the file.
        rows: the rows that the model was trained on, None if they are not known.
        card: of the model.
        remedy: what to do if it is broken, a sentence.

    Raises:
        StoreError: it cannot be read, is broken, or is missing.
    """
    try:
        check_out_of_fold(card, has_file=path.exists() and rows is not None)
        if rows is None or not card.spec.is_ensemble:
            return None
        return from_bytes(path.read_bytes(), rows, card)
    except (OSError, ValueError) as error:
        raise broken_file(path, error, remedy) from error


def _checksum(listed: bytes, rows: Fingerprints) -> bytes:
    digest = blake2b(listed, digest_size=_CHECKSUM_BYTES)
    digest.update(rows.astype("<u8").tobytes())
    return digest.digest()
