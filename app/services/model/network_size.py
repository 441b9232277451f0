"""How many inputs a network has for a data set, before it is trained."""

from __future__ import annotations

from app.services.workspace import Workspace
from iris_core.model.binning import bins_a_column
from iris_core.model.schema import Schema

READ_AT_ONCE = 100_000
"""Rows up to which a data set is read for it; a larger one takes seconds."""


def input_width(
    workspace: Workspace, dataset_id: str, *, rows: int, columns: int, bins: int
) -> int:
    """Return the number of inputs for a data set; of a large one, an estimate.

    Args:
        workspace: that has the data set.
        dataset_id: of the data set.
        rows: its number of rows.
        columns: its number of columns, the label among them.
        bins: of the network's spec.
    """
    if rows > READ_AT_ONCE:
        return (columns - 1) * (1 + bins_a_column(bins, columns - 1))
    return Schema.fit(workspace.datasets.load(dataset_id), bins=bins).width
