"""Merge two versions of a table: the rows of both, each with one label."""

from __future__ import annotations

import numpy as np
import pandas as pd

from iris_core.data.datasets import DataSet


def merge(base: DataSet, other: DataSet, *, relabel: bool) -> DataSet:
    """Return the rows of `base`, and after them those of `other` that it does not have.

    Args:
        base: keeps its rows, its columns' order and its name.
        other: of the same label and features, in any order; what it lacks of the other columns is
            missing in its rows.
        relabel: whether rows that both have get the label of `other`; of copies that differ in it,
            the last one's.
    """
    theirs = pd.Series(other.frame[other.label].to_numpy(), index=other.fingerprints)
    theirs = theirs[~theirs.index.duplicated(keep="last")]
    frame = base.frame.copy()
    if relabel:
        labels = theirs.reindex(base.fingerprints).to_numpy()
        known = ~pd.isna(labels)
        frame.loc[known, base.label] = labels[known]
    lacking = [name for name in frame.columns if name not in other.frame.columns]
    new = ~np.isin(other.fingerprints, base.fingerprints)
    added = other.frame.loc[new].reindex(columns=frame.columns).astype(frame.dtypes[lacking])
    if len(added):
        frame = pd.concat([frame, added], ignore_index=True)
    return base.with_rows(base.name, frame)
