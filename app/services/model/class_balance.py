"""How evenly the classes of a data set are spread, and what to do where they are not."""

from __future__ import annotations

from app.services.workspace import Workspace
from iris_core.data.datasets import DataSet
from iris_core.model.class_weights import IMBALANCED, smallest_class

READ_AT_ONCE = 100_000
"""Rows up to which a page reads a data set for it; a larger one takes seconds."""


def stored_imbalance(workspace: Workspace, dataset_id: str, *, rows: int) -> str:
    """Return what to do about the classes of a stored data set; empty if nothing, or unread.

    Args:
        workspace: that has the data set.
        dataset_id: of the data set.
        rows: its number of rows.
    """
    if rows > READ_AT_ONCE:
        return ""
    return imbalance(workspace.datasets.load(dataset_id))


def imbalance(dataset: DataSet) -> str:
    """Return what to do about imbalanced classes, a sentence or two; empty if they are not.

    They are where the smallest class has less than a fifth of an even share of the rows.
    """
    counts = dataset.frame[dataset.label].value_counts()
    if len(counts) < 2:
        return ""
    number, share = smallest_class(counts.tolist())
    if share >= IMBALANCED:
        return ""
    rows, name = int(counts.iloc[number]), str(counts.index[number])
    return (
        f"Try class weights: the classes are imbalanced. '{name[:40]}' has {rows:,} of "
        f"{dataset.rows:,} rows, {100 * share:.0f} % of an even share; below "
        f"{100 * IMBALANCED:.0f} % a network may do best by never saying it."
    )
