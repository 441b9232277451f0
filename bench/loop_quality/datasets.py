"""The five data sets: ours, a noisy one that is made here, and three that scikit-learn ships."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.services.data.datasets import DEFAULT_DATA
from bench.alternating_runs import PEERS_PYTHON, Side
from iris_core.data.csv_reading import read_csv
from iris_core.data.datasets import DataSet

OURS, CREDIT = "ours", "credit-like"
CREDIT_ROWS = 1_000
_NUMERIC = ("duration", "amount", "rate", "residence", "age", "credits", "dependants")
_LEVELS = (4, 5, 10, 5, 5, 4, 3, 4, 3, 3, 4, 2, 2)
_BAD_SHARE_LOGIT = -1.03
_EFFECT = 1.15
"""Standard deviation of the logit: with it nobody can be right in more than about 75 % of rows."""


def five_sets() -> dict[str, DataSet]:
    """Return the data sets by name; scikit-learn's come from a process of the peers' Python."""
    with tempfile.TemporaryDirectory() as folder:
        Side("bench.peers.sklearn_datasets", (folder,), PEERS_PYTHON).run()
        shipped = {path.stem: read_csv(path) for path in sorted(Path(folder).glob("*.csv"))}
    return {
        OURS: read_csv(DEFAULT_DATA),
        CREDIT: credit_like(CREDIT_ROWS, seed=0)[0],
        **{name: shipped[name] for name in ("wine", "breast_cancer", "digits")},
    }


def credit_like(rows: int, *, seed: int) -> tuple[DataSet, NDArray[np.float64]]:
    """Make a table as noisy as German credit: 7 numbers, 13 categories, 3 in 10 rows are bad.

    Each feature has a fixed effect on the logit, and the label is drawn with the probability that
    comes of it.

    Args:
        rows: how many.
        seed: of the rows; the effects are always the same.

    Returns:
        The table, and (rows,) the probability with which each row is bad.
    """
    rng = np.random.default_rng(seed)
    numeric, categorical = _effects()
    features: dict[str, object] = {}
    logit = np.full(rows, _BAD_SHARE_LOGIT)
    for name, weight in zip(_NUMERIC, numeric, strict=True):
        hidden = rng.normal(size=rows)
        features[name] = np.exp(3 + 0.5 * hidden).round(3)
        logit += weight * hidden
    for number, (shares, weights) in enumerate(categorical, start=1):
        codes = rng.choice(len(shares), size=rows, p=shares)
        features[f"status_{number}"] = pd.Series(codes).map("A{}".format).astype("str")
        logit += weights[codes]
    risk = 1 / (1 + np.exp(-logit))
    labels = pd.Series(np.where(rng.random(rows) < risk, "bad", "good"), dtype="str")
    return DataSet(CREDIT, "risk", pd.DataFrame({"risk": labels, **features})), risk


def _effects() -> tuple[NDArray[np.float64], list[tuple[NDArray[np.float64], ...]]]:
    """Draw the effects; their sum over many rows has the mean 0 and the deviation `_EFFECT`.

    Returns:
        The weight of each number, and for each category the shares and weights of its levels.
    """
    rng = np.random.default_rng(20)
    numeric = rng.normal(size=len(_NUMERIC))
    categorical, variance = [], float(numeric @ numeric)
    for levels in _LEVELS:
        shares, weights = rng.dirichlet(np.full(levels, 3.0)), rng.normal(size=levels)
        weights -= weights @ shares
        variance += float(shares @ weights**2)
        categorical.append((shares, weights))
    scale = _EFFECT / variance**0.5
    return numeric * scale, [(shares, weights * scale) for shares, weights in categorical]


def shuffled(ds: DataSet, *, seed: int) -> DataSet:
    """Return the rows in another order, so that it says nothing of their class."""
    return ds.with_rows(ds.name, ds.frame.sample(frac=1, random_state=seed))
