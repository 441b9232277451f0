"""The file of a model's logistic regression: its weights, 4 bytes each, and a checksum of 8."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

import numpy as np

from iris_core.model.logistic import LogisticRegression
from iris_core.model.models import ModelCard
from iris_core.storage.bundles import broken_file

_CHECKSUM = 8


def logistic_size(card: ModelCard) -> int:
    """Return the bytes of the file that a model of this card has."""
    return 4 * (card.schema.layout.plain_width + 1) * len(card.schema.classes) + _CHECKSUM


def to_bytes(logistic: LogisticRegression) -> bytes:
    """Return the content of a file."""
    weights = logistic.weights.astype("<f4").tobytes()
    return weights + _checksum(weights)


def from_bytes(content: bytes, card: ModelCard) -> LogisticRegression:
    """Return the logistic regression of a file's content.

    Raises:
        ValueError: the content is not one that `to_bytes` returns for a model of this card.
    """
    if len(content) != logistic_size(card):
        raise ValueError(
            f"the logistic regression has {len(content):,} bytes, that of its card "
            f"{logistic_size(card):,}"
        )
    listed, checksum = content[:-_CHECKSUM], content[-_CHECKSUM:]
    if checksum != _checksum(listed):
        raise ValueError("the logistic regression is not the one that was written")
    weights = np.frombuffer(listed, dtype="<f4").astype(np.float32)
    if not np.isfinite(weights).all():
        raise ValueError("a weight of the logistic regression is no number")
    return LogisticRegression(weights.reshape(-1, len(card.schema.classes)))


def read_logistic(path: Path, card: ModelCard, remedy: str) -> LogisticRegression:
    """Return the logistic regression of a file.

    Args:
        path: of the file.
        card: of its model.
        remedy: what to do if it is broken, a sentence.

    Raises:
        StoreError: it cannot be read, or is broken.
    """
    try:
        return from_bytes(path.read_bytes(), card)
    except (OSError, ValueError) as error:
        raise broken_file(path, error, remedy) from error


def _checksum(weights: bytes) -> bytes:
    return blake2b(weights, digest_size=_CHECKSUM).digest()
