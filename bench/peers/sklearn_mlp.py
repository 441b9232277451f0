"""Train scikit-learn's multi-layer perceptron of the same size behind a scaler."""

from __future__ import annotations

import json
import sys
import time
import warnings

import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.simplefilter("ignore", ConvergenceWarning)
train, held_out = pd.read_csv(sys.argv[1]), pd.read_csv(sys.argv[2])

began = time.perf_counter()
model = make_pipeline(StandardScaler(), MLPClassifier((32, 16), random_state=0))
model.fit(train.drop(columns="species"), train["species"])
seconds = time.perf_counter() - began

accuracy = model.score(held_out.drop(columns="species"), held_out["species"])
print(json.dumps({"seconds": seconds, "accuracy": accuracy}))
