"""Where a data set comes from, and what changed from its parent to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.services.projects import lineage
from app.services.workspace import Workspace
from iris_core.data.changes import RowChange, row_changes
from iris_core.storage.cards import DataSetCard


@dataclass(frozen=True, slots=True)
class DataSetOrigin:
    """Where a data set comes from.

    Attributes:
        versions: its card, its parent's and so on, as far as they are there.
        changes: what changed from its parent to it, row by row; None if it has none, or if that is
            gone.
    """

    versions: tuple[DataSetCard, ...]
    changes: tuple[RowChange, ...] | None


def origin_of(workspace: Workspace, dataset_id: str) -> DataSetOrigin:
    """Return where a data set comes from.

    Raises:
        NotFoundError: there is no such data set.
        StoreError: it or its parent is broken.
    """
    workspace.datasets.card(dataset_id)
    versions = tuple(lineage(workspace, dataset_id))
    if len(versions) < 2:
        return DataSetOrigin(versions, None)
    parent = workspace.datasets.load(versions[1].id)
    changes = row_changes(parent, workspace.datasets.load(dataset_id))
    return DataSetOrigin(versions, tuple(changes))


def change_counts(changes: Sequence[RowChange]) -> dict[str, int]:
    """Return how many rows were relabelled, added and dropped."""
    counts = Counter(change.change for change in changes)
    return {name: counts[name] for name in ("relabelled", "added", "dropped")}
