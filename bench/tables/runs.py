"""Train and test every classifier on every table, on the same rows."""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.alternating_runs import PEERS_PYTHON, Side
from bench.tables.scores import Scores
from iris_core.data.csv_reading import read_csv
from iris_core.data.datasets import DataSet
from iris_core.data.splitting import split
from iris_core.model.prediction import predict
from iris_core.model.recipes import DEFAULT, PLAIN, RECIPES
from iris_core.model.training import train

PEERS = ("logistic", "boosting")
OURS = (PLAIN, DEFAULT)
TEST_SHARE = 0.25
MAX_ROWS = 12_000
"""Of a table; larger ones take minutes and say little more."""

Means = Mapping[str, Mapping[str, Scores]]
"""By classifier and table the means over the seeds."""


def all_scores(seeds: int) -> Means:
    """Return the scores of all classifiers on all tables."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        Side("bench.peers.table_files", (home,), PEERS_PYTHON).run()
        tables = {path.stem: read_csv(path) for path in sorted(home.glob("*.csv"))}
        tables = {name: ds for name, ds in tables.items() if ds.rows <= MAX_ROWS}
        parts = {
            name: {seed: tested_rows(ds, seed=seed) for seed in range(seeds)}
            for name, ds in tables.items()
        }
        listed = {
            name: {seed: np.flatnonzero(rows).tolist() for seed, rows in by_seed.items()}
            for name, by_seed in parts.items()
        }
        (home / "splits.json").write_text(json.dumps(listed), "utf-8")
        Side("bench.peers.table_classifiers", (home,), PEERS_PYTHON).run()
        means: dict[str, dict[str, Scores]] = defaultdict(dict)
        for name, ds in tables.items():
            for peer in PEERS:
                means[peer][name] = Scores.mean(
                    [
                        Scores.of(np.load(home / f"{name}.{seed}.{peer}.npy"), truth(ds, rows))
                        for seed, rows in parts[name].items()
                    ]
                )
            for network in OURS:
                means[network][name] = Scores.mean(
                    [trained(ds, rows, network, seed=seed) for seed, rows in parts[name].items()]
                )
    return means


def tested_rows(ds: DataSet, *, seed: int) -> NDArray[np.bool_]:
    """Return (rows,) whether each row is tested, by the product's own stratified split."""
    numbered = ds.frame[[ds.label]].assign(row=np.arange(ds.rows))
    _, tested = split(DataSet(ds.name, ds.label, numbered), test_share=TEST_SHARE, seed=seed)
    chosen = np.zeros(ds.rows, dtype=np.bool_)
    chosen[tested.frame["row"]] = True
    return chosen


def truth(ds: DataSet, rows: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the numbers of the true classes of the rows tested."""
    return ds.class_indices[rows]


def trained(ds: DataSet, rows: NDArray[np.bool_], network: str, *, seed: int) -> Scores:
    """Train one of our networks on the rows that are not tested, and test it on the others."""
    recipe = RECIPES[network]
    fitted = ds.with_rows(ds.name, ds.frame[~rows])
    model = train(fitted, recipe.spec_for(ds.rows), options=replace(recipe.options, seed=seed))
    return Scores.of(predict(model, ds.frame[rows]), truth(ds, rows))
