"""The whole loop on the local cloud: its time, and what a long run costs in memory."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.measurement import Measurement

PROJECT = Path(__file__).resolve().parent.parent
REPEATS = 5

_TIMES = """
import json, sys
from pathlib import Path
from app.services.data.datasets import default_dataset
from app.services.runs.pipeline import run_test
from app.services.model.training import train_model
from app.services.workspace import Workspace
from aws.settings import Settings
from iris_core.data.label_noise import add_label_noise
from iris_core.model.options import ModelSpec, TrainOptions

workspace = Workspace(Path(sys.argv[1]), Settings())
dataset = default_dataset(workspace)
model = train_model(workspace, dataset, ModelSpec(), options=TrainOptions())
noisy, _ = add_label_noise(dataset, rows=25, seed=0)
outcomes = [run_test(workspace, model, noisy) for _ in range(int(sys.argv[2]))]
assert all(outcome.reconciliation.complete for outcome in outcomes)
print(json.dumps([outcome.run.seconds for outcome in outcomes]))
workspace.close()
"""

# Memory is what this process takes beyond model and data: the part that a longer run could make
# grow.
_LONG_RUN = """
import json, sys, threading, time
from pathlib import Path
import pandas as pd
from app.services.data.datasets import default_dataset
from app.services.runs.pipeline import run_test
from app.services.model.training import train_model
from app.services.workspace import Workspace
from aws.settings import Settings
from iris_core.model.options import ModelSpec, TrainOptions

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20

workspace = Workspace(Path(sys.argv[1]), Settings())
dataset = default_dataset(workspace)
model = train_model(workspace, dataset, ModelSpec(), options=TrainOptions(epochs=5))
run_test(workspace, model, dataset)
rows = int(sys.argv[2])
copies = -(-rows // dataset.rows)
frame = pd.concat([dataset.frame] * copies, ignore_index=True).iloc[:rows]
long = dataset.with_rows("long", frame)
long.id
before = peak = resident()
over = threading.Event()

def watch():
    global peak
    while not over.wait(0.02):
        peak = max(peak, resident())

watcher = threading.Thread(target=watch)
watcher.start()
outcome = run_test(workspace, model, long, timeout=600)
over.set()
watcher.join()
assert outcome.reconciliation.complete, outcome.reconciliation
assert outcome.reconciliation.stored == rows
print(json.dumps({"seconds": outcome.run.seconds, "grown": peak - before,
                  "found": outcome.run.found}))
workspace.close()
"""


def run_script(script: str, *arguments: object) -> str:
    """Run a script in its own process and workspace.

    Returns:
        what it printed.
    """
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [sys.executable, "-c", script, home, *map(str, arguments)],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return done.stdout


def loop() -> Iterator[Measurement]:
    """Time a test of the default data with 25 labels changed, from its start until reconciled."""
    seconds: list[float] = json.loads(run_script(_TIMES, REPEATS))
    yield Measurement(
        "loop on 1,200 records, start of test to reconciled",
        statistics.median(seconds),
        5,
        "s",
        f"first {seconds[0]:.2f}, slowest {max(seconds):.2f} of {REPEATS}",
    )


def long_run() -> Iterator[Measurement]:
    """Compare runs of 20,000 and 100,000 records, reconciled exactly, and the memory they add."""
    short, long = (json.loads(run_script(_LONG_RUN, rows)) for rows in (20_000, 100_000))
    per_record = long["seconds"] / 100_000 / (short["seconds"] / 20_000)
    yield Measurement(
        "100,000 records, seconds a record against 20,000",
        per_record,
        1.5,
        "x",
        f"{long['seconds']:.1f} s, {long['found']:,} candidates, reconciled exactly",
    )
    yield Measurement(
        "memory that 100,000 records add, above what 20,000 add",
        long["grown"] - short["grown"],
        25,
        "MB",
        f"{long['grown']:.0f} and {short['grown']:.0f} MB",
    )
