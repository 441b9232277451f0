"""Fit scikit-learn's classifiers with their defaults to tables, and write what they predict.

    python -m bench.peers.table_classifiers FOLDER

The folder has the tables as CSV files, and `splits.json`: for each table and seed the rows to test.
For each the probabilities are written as `TABLE.SEED.PEER.npy`, classes sorted as text.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

STEPS = 1_000
"""Of the logistic regression at most: with the default of 100 it does not converge on some."""


def peers(numeric: list[str], categorical: list[str], seed: int) -> dict[str, Any]:
    """Return the classifiers by name."""
    scaled = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler())
    one_hot = OneHotEncoder(handle_unknown="ignore")
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    return {
        "logistic": make_pipeline(
            make_column_transformer((scaled, numeric), (one_hot, categorical)),
            LogisticRegression(max_iter=STEPS),
        ),
        "boosting": make_pipeline(
            make_column_transformer(("passthrough", numeric), (codes, categorical)),
            HistGradientBoostingClassifier(random_state=seed),
        ),
    }


folder = Path(sys.argv[1])
splits = json.loads((folder / "splits.json").read_text("utf-8"))
for name, by_seed in splits.items():
    table = pd.read_csv(folder / f"{name}.csv", dtype={0: "str"})
    labels = table.pop(table.columns[0]).to_numpy()
    numeric = list(table.select_dtypes("number").columns)
    categorical = [column for column in table.columns if column not in numeric]
    table[categorical] = table[categorical].astype(object).fillna("missing").astype(str)
    for seed, tested in by_seed.items():
        in_test = np.zeros(len(table), dtype=bool)
        in_test[tested] = True
        for peer, classifier in peers(numeric, categorical, int(seed)).items():
            classifier.fit(table[~in_test], labels[~in_test])
            np.save(folder / f"{name}.{seed}.{peer}.npy", classifier.predict_proba(table[in_test]))
print(json.dumps({"tables": len(splits)}))
