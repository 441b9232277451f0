"""What is done to data before the loop has to repair it: labels changed, one class drifted."""

from __future__ import annotations

import numpy as np

from iris_core.data.datasets import DataSet


def nearest_class(ds: DataSet, name: str) -> str:
    """Return the class whose mean is nearest to that of another, by the standardised numbers."""
    numbers = ds.frame[list(ds.numeric)].to_numpy(dtype=np.float64)
    deviations = numbers.std(axis=0)
    used = deviations > 0
    scaled = numbers[:, used] / deviations[used]
    means = np.stack([scaled[ds.class_indices == code].mean(axis=0) for code in _codes(ds)])
    own = ds.classes.index(name)
    distances = np.linalg.norm(means - means[own], axis=1)
    distances[own] = np.inf
    return ds.classes[int(distances.argmin())]


def flip_class(ds: DataSet, name: str, *, share: float, seed: int) -> DataSet:
    """Give a share of the rows of one class the label of the nearest class.

    Args:
        ds: the data; it stays as it is.
        name: of the class.
        share: of its rows, 0 to 1, rounded.
        seed: of the choice.
    """
    rows = np.flatnonzero(ds.class_indices == ds.classes.index(name))
    chosen = np.random.default_rng(seed).choice(rows, size=round(share * len(rows)), replace=False)
    frame = ds.frame.copy()
    frame.loc[chosen, ds.label] = nearest_class(ds, name)
    return ds.with_rows(ds.name, frame)


def shrink_class(ds: DataSet, name: str, *, factor: float) -> DataSet:
    """Multiply the numbers of the rows of one class: it drifts, all others stay."""
    numbers = list(ds.numeric)
    frame = ds.frame.astype(dict.fromkeys(numbers, "float64"))
    frame.loc[(frame[ds.label] == name).to_numpy(), numbers] *= factor
    return ds.with_rows(ds.name, frame)


def _codes(ds: DataSet) -> range:
    """Return the numbers of the classes."""
    return range(len(ds.classes))
