"""Train a network by its name as the dashboard does, with progress and cancel, five times.

Arguments: the rows to fit, the rows to test, the network, and the accuracy that counts as trained.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

from iris_core.data.csv_reading import read_csv
from iris_core.evaluation.testing import test
from iris_core.model.backend import warm_up
from iris_core.model.models import Epoch
from iris_core.model.recipes import RECIPES
from iris_core.model.training import train

warm_up()
fitted, held_out = read_csv(Path(sys.argv[1])), read_csv(Path(sys.argv[2]))
recipe, least = RECIPES[sys.argv[3]], float(sys.argv[4])
seconds = []
for seed in range(5):
    epochs: list[Epoch] = []
    began = time.perf_counter()
    model = train(
        fitted,
        recipe.spec,
        options=replace(recipe.options, seed=seed),
        on_epoch=epochs.append,
        cancelled=lambda: False,
    )
    seconds.append(time.perf_counter() - began)
    accuracy = test(model, held_out, lambda _record: None).accuracy
    stops_early = recipe.options.patience is not None
    is_short = len(epochs) < recipe.options.epochs and not stops_early
    if accuracy is None or accuracy < least or is_short:
        raise ValueError(f"expected an accuracy of {least:.0%}, received {accuracy}")
print(json.dumps({"seconds": seconds[0], "later": median(seconds[1:]), "accuracy": accuracy}))
