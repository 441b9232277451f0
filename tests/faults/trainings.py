"""Trainings that are killed, and trainings that run at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from app.services.model.training import train_model
from app.services.workspace import Workspace
from aws.settings import Settings
from iris_core.model.models import Epoch, Model
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.training import train
from tests.faults.failpoints import TornWrite
from tests.iris_core.samples import flowers

SPEC = ModelSpec(units=(8,))
OPTIONS = TrainOptions(epochs=3, batch_size=16)
NEVER = TornWrite(1 << 40)
"""A point that no action reaches: this one kills itself."""


def train_until_killed(home: Path) -> Iterator[str]:
    """Train, and die in the second epoch."""
    workspace = Workspace(home, Settings())
    dataset = workspace.datasets.load(flowers().id)
    yield "ready"

    def die(epoch: Epoch) -> None:
        if epoch.number == 2:
            os.kill(os.getpid(), signal.SIGKILL)

    yield train_model(workspace, dataset, SPEC, options=OPTIONS, on_epoch=die).card.id


def digest_of(seed: int) -> str:
    """Train a model, and return the digest of its weights."""
    options = TrainOptions(epochs=2, batch_size=16, seed=seed)
    return digest(train(flowers(), ModelSpec(units=(8,), dropout=0.2), options=options))


def digest(model: Model) -> str:
    """Return a digest of a model's weights, to the last bit."""
    weights = model.network.get_weights()
    return sha256(b"".join(array.tobytes() for array in weights)).hexdigest()
