"""Actions in a workspace that a fault interrupts.

What comes before the first `yield` is preparation; what is yielded then has been acknowledged.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from app.services.journal import Journal
from app.services.model.champion import promote, roll_back
from app.services.project_data import plan_data, use_data
from app.services.projects import find_project
from app.services.review.applying import apply_to_dataset
from app.services.workspace import Workspace
from aws.settings import Settings
from iris_core.data.datasets import DataSet
from iris_core.data.label_noise import add_label_noise
from iris_core.errors import DataError, NotFoundError
from iris_core.records.run import RunState
from iris_core.storage.dataset_store import DataSetStore
from iris_core.storage.model_store import ModelStore
from tests.faults.cloud_workspace import WorkspaceOnCloud
from tests.faults.file_workspace import (
    DELETED,
    MODEL,
    NEW_RUN,
    OLD_RUN,
    run_of,
    verdict_on,
)
from tests.faults.memory import MemoryCloud
from tests.iris_core.samples import flowers

READY = "ready"


def add_data_set(home: Path) -> Iterator[str]:
    """Add a data set that is not in the store yet."""
    noisy, _ = add_label_noise(flowers(), rows=5, seed=1)
    store = DataSetStore(home)
    yield READY
    yield store.add(noisy).id


def delete_data_set(home: Path) -> Iterator[str]:
    """Delete the data set for good."""
    store = DataSetStore(home)
    yield READY
    store.delete(flowers().id)
    yield "deleted"


def save_model(home: Path) -> Iterator[str]:
    """Save a model under the next version of its name."""
    store = ModelStore(home)
    model = store.load(MODEL)
    yield READY
    yield store.save(model).card.id


def import_model(home: Path) -> Iterator[str]:
    """Import a model from its bundle."""
    store = ModelStore(home)
    content = store.export(MODEL)
    yield READY
    yield store.import_bundle(content).card.id


def rename_model(home: Path) -> Iterator[str]:
    """Give the model another name."""
    store = ModelStore(home)
    yield READY
    yield store.rename(MODEL, "best so far").name


def delete_model(home: Path) -> Iterator[str]:
    """Delete the model, so that it can be restored."""
    store = ModelStore(home)
    yield READY
    store.delete(MODEL)
    yield "deleted"


def restore_model(home: Path) -> Iterator[str]:
    """Restore the deleted model."""
    store = ModelStore(home)
    yield READY
    store.restore(DELETED)
    yield "restored"


def note_run(home: Path) -> Iterator[str]:
    """Note a new run, and then its next state."""
    journal = Journal(home, "local")
    yield READY
    for state in (RunState.RUNNING, RunState.WRITTEN):
        journal.save(run_of(NEW_RUN, state))
        yield state


def note_verdicts(home: Path) -> Iterator[str]:
    """Note three verdicts, one of them on a record that already has one."""
    journal = Journal(home, "local")
    yield READY
    for row in (1, 2, 3):
        journal.add_verdicts(OLD_RUN, [verdict_on(row, version=2)])
        yield str(row)


def choose_target(home: Path) -> Iterator[str]:
    """Choose AWS, then the local cloud again."""
    workspace = Workspace(home, Settings())
    yield READY
    for target in ("aws", "local"):
        workspace.choose_target(target)
        yield target


def decide_project(home: Path) -> Iterator[str]:
    """Decide which rows of a new project evaluate, then work with its data."""
    workspace = Workspace(home, Settings())
    frame = flowers().frame.rename(columns={"width": "breadth"})
    other = DataSet("other flowers", "species", frame)
    workspace.datasets.add(other)
    yield READY
    plan = plan_data(workspace, other)
    # What decides comes first, so it may be there alone.
    workspace.projects.decide(other.columns.project, plan.split)
    yield str(plan.split.share)
    use_data(workspace, plan)
    yield str(plan.training.rows)


def apply_verdicts(home: Path) -> Iterator[str]:
    """Correct data and evaluation set by verdicts, and work with both."""
    workspace = WorkspaceOnCloud(home, MemoryCloud())
    workspace.journal.add_verdicts(OLD_RUN, [verdict_on(row) for row in range(4, 40)])
    yield READY
    yield apply_to_dataset(workspace, flowers().id).dataset.id


def promote_model(home: Path) -> Iterator[str]:
    """Promote the second model of the project, the first promotion."""
    workspace = Workspace(home, Settings())
    with suppress(NotFoundError):
        workspace.models.restore(DELETED)
    yield READY
    with suppress(DataError):  # it is the champion already
        promote(workspace, DELETED, who="ada", why="fewer errors")
    yield DELETED


def roll_back_model(home: Path) -> Iterator[str]:
    """Bring back the first model after the second was promoted."""
    for _ in promote_model(home):
        workspace = Workspace(home, Settings())
    yield READY
    project = find_project(workspace, flowers().columns.project)
    yield roll_back(workspace, project, who="ada")[0]


ACTIONS = (
    *(add_data_set, delete_data_set),
    *(save_model, import_model, rename_model, delete_model, restore_model),
    *(note_run, note_verdicts, choose_target),
    *(decide_project, apply_verdicts, promote_model, roll_back_model),
)
WITHOUT_FILE_WRITES = (delete_data_set, delete_model, restore_model)
"""Those that write no file, so that no limit of a file's size can stop them."""
