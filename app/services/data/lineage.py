"""Where a data set comes from, and what changed from its parent to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.services.projects import lineage
from app.services.workspace import Workspace
from iris_core.data.changes import CHANGES, RowChange, count_changes, row_changes
from iris_core.storage.cards import DataSetCard


@dataclass(frozen=True, slots=True)
class DataSetOrigin:
    """Where a data set comes from.

    Attributes:
        versions: its card, its parent's and so on, as far as they are there.
        changes: what changed from its parent to it, row by row; None if it has none, or if that is
            gone.
        counts: how many rows were relabelled, added and dropped; zero where nothing can be
            compared.
    """

    versions: tuple[DataSetCard, ...]
    changes: tuple[RowChange, ...] | None
    counts: Mapping[str, int]


def origin_of(workspace: Workspace, dataset_id: str, *, most: int | None = None) -> DataSetOrigin:
    """Return where a data set comes from.

    Args:
        workspace: with the data set.
        dataset_id: of the data set.
        most: changes to return, the first ones; None for all.

    Raises:
        NotFoundError: there is no such data set.
        StoreError: it or its parent is broken.
    """
    workspace.datasets.card(dataset_id)
    versions = tuple(lineage(workspace, dataset_id))
    if len(versions) < 2:
        return DataSetOrigin(versions, None, dict.fromkeys(CHANGES, 0))
    parent = workspace.datasets.load(versions[1].id)
    dataset = workspace.datasets.load(dataset_id)
    changes = tuple(row_changes(parent, dataset, most=most))
    return DataSetOrigin(versions, changes, count_changes(parent, dataset))
