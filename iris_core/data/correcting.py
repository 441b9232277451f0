"""Correct a table by reviewers' verdicts: rows are relabelled and dropped, never added twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import from_letters
from iris_core.records.verdict import RowVerdict


@dataclass(frozen=True, slots=True)
class Correction:
    """A corrected table.

    Attributes:
        dataset: the rows that are left, in their order, each with the label that was given to it.
        relabelled: number of rows whose label changed.
        dropped: number of rows that are left out.
    """

    dataset: DataSet
    relabelled: int
    dropped: int


def correct(ds: DataSet, verdicts: Sequence[RowVerdict]) -> Correction:
    """Apply verdicts to a table; each holds for the row with the label that was reviewed.

    All copies of a row get the same label: a row never has two once it was reviewed.

    Args:
        ds: the table; it stays as it is.
        verdicts: at most one for each row; those on rows or labels that it does not have are
            passed over.
    """
    labels = ds.frame[ds.label].to_numpy()
    by_row = pd.Series(
        np.arange(len(verdicts)), index=from_letters([entry.fingerprint for entry in verdicts])
    )
    number = by_row.reindex(ds.fingerprints).to_numpy()
    reviewed = np.flatnonzero(~np.isnan(number.astype(np.float64)))
    holding: set[int] = set()
    for row in reviewed.tolist():
        verdict = int(number[row])
        if verdicts[verdict].for_label(labels[row]) is not None:
            holding.add(verdict)
    new, keep = labels.copy(), np.ones(ds.rows, dtype=bool)
    for row in reviewed.tolist():
        verdict = int(number[row])
        if verdict not in holding:
            continue
        if verdicts[verdict].decision == "drop":
            keep[row] = False
        else:
            new[row] = verdicts[verdict].label
    frame = ds.frame.copy()
    frame[ds.label] = pd.Series(new, dtype=frame[ds.label].dtype)
    relabelled = int(((new != labels) & keep).sum())
    return Correction(ds.with_rows(ds.name, frame[keep]), relabelled, int((~keep).sum()))
