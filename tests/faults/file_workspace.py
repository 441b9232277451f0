"""A workspace with a project, models, runs and verdicts for faults to damage; its visible state.

A corrected version or an evaluation set that its project does not work with yet is not counted: it
is whole, nothing refers to it, and the action that added it uses it when it is repeated.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]

from app.services.journal import Journal, NotedVerdict
from app.services.model.champion import champion, champion_line
from app.services.projects import Project, projects
from app.services.workspace import Workspace, chosen_target
from aws.settings import Settings
from iris_core.model.models import Model
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.training import train
from iris_core.records.keys import key_of
from iris_core.records.run import Run, RunState
from iris_core.storage.cards import Change
from iris_core.storage.dataset_store import DataSetStore
from iris_core.storage.model_store import ModelStore
from tests.iris_core.samples import flowers
from tests.using import used

OLD_RUN = "20261122T093000.123456Z-0123456789abcdef"
NEW_RUN = "20261122T094500.000000Z-fedcba9876543210"
MODEL = "flowers-v1"
DELETED = "flowers-v2"


@cache
def trained_model() -> Model:
    """Train a small model, once a process; two processes train the same."""
    return train(flowers(), ModelSpec(units=(8,)), options=TrainOptions(epochs=1))


class SavedNetwork:
    """A network that was saved before, to be saved again without Keras."""

    def __init__(self, path: Path) -> None:
        self._content = path.read_bytes()

    def save(self, path: Path) -> None:
        """Write the file."""
        path.write_bytes(self._content)

    def count_params(self) -> int:
        """Return the number of weights in the file."""
        with zipfile.ZipFile(io.BytesIO(self._content)) as archive:
            weights = io.BytesIO(archive.read("model.weights.h5"))
        sizes = []
        with h5py.File(weights) as file:
            file["layers"].visititems(lambda _, node: sizes.append(getattr(node, "size", 0)))
        return sum(sizes)


def run_of(run_id: str, state: RunState = RunState.RUNNING) -> Run:
    """Return a run as the journal notes it."""
    return Run(
        id=run_id,
        model=MODEL,
        dataset=flowers().id,
        dataset_name="flowers",
        rows=90,
        threshold="0.9",
        state=state,
    )


def verdict_on(row: int, *, run: str = OLD_RUN, version: int = 1) -> NotedVerdict:
    """Return a verdict as the journal notes it."""
    return NotedVerdict(*key_of(run, row), "relabel", "setosa", version)


def populate(home: Path) -> None:
    """Put a project, its data, a model, a deleted model, a run and a verdict into a workspace."""
    DataSetStore(home).add(flowers())
    used(Workspace(home, Settings()), flowers())
    models = ModelStore(home)
    for _ in range(2):
        models.save(trained_model())
    models.delete(DELETED)
    journal = Journal(home, "local")
    journal.save(run_of(OLD_RUN, RunState.RECONCILED))
    journal.add_verdicts(OLD_RUN, [verdict_on(3)])


def visible_state(home: Path) -> dict[str, Any]:
    """Return what a workspace shows to whoever opens it.

    Raises:
        Exception: something in it cannot be read.
    """
    datasets, models, journal = DataSetStore(home), ModelStore(home), Journal(home, "local")
    data, networks = datasets.list(), models.list()
    runs = journal.runs()
    workspace = Workspace(home, Settings())
    known = projects(workspace)
    used = {id_ for project in known for id_ in _used(project)}
    loaded = {card.id: (card.name, datasets.load(card.id).id) for card in data.cards}
    damaged = (*workspace.projects.broken(), *workspace.promotions.broken())
    return {
        "broken": [*data.broken, *networks.broken, *journal.broken(), *damaged],
        "data sets": {
            card.id: loaded[card.id]
            for card in data.cards
            if card.change not in (Change.CORRECTED, Change.EVALUATION) or card.id in used
        },
        "projects": {project.id: _project_state(workspace, project) for project in known},
        "models": {
            card.id: (card.name, _weights(models, home, card.id)) for card in networks.cards
        },
        "deleted": sorted(path.name for path in (home / "models" / ".deleted").glob("*")),
        "runs": {run.id: asdict(run) for run in runs},
        "verdicts": [asdict(verdict) for run in runs for verdict in journal.verdicts(run.id)],
        "target": chosen_target(home),
    }


def _used(project: Project) -> set[str | None]:
    """Return the ids of the data sets that a project works with."""
    return {project.trained_on, project.evaluation.id if project.evaluation else None}


def _project_state(workspace: Workspace, project: Project) -> dict[str, Any]:
    """Return what a project works with, which rows evaluate, and its champions so far."""
    split = workspace.projects.split(project.id)
    current = champion(workspace, project)
    line = champion_line(workspace.promotions.entries(project.id))
    return {
        "data": sorted(map(str, _used(project))),
        "split": split and (split.evaluation.tolist(), split.training.tolist(), split.share),
        "champion": current.id if current else None,
        # The first model is the champion before any is promoted, and is noted before the second.
        "line": line or ([current.id] if current else []),
    }


def _weights(models: ModelStore, home: Path, model_id: str) -> str:
    """Return a digest of a model's weights; a file that was read once is not read again."""
    content = (home / "models" / model_id / "model.keras").read_bytes()
    if content not in _digests:
        network = models.load(model_id).network
        joined = b"".join(array.tobytes() for array in network.get_weights())
        _digests[content] = sha256(joined).hexdigest()[:12]
    return _digests[content]


_digests: dict[bytes, str] = {}


def contents(home: Path) -> dict[str, bytes]:
    """Return the content of every file of a workspace, by its path in it."""
    return {
        str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()
    }
