"""One stage on so many rows: its seconds, and the growth of its peak memory.

Arguments: the stage (`load`, `test` or `write`), and the number of rows.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from aws.clients import connect_local
from aws.score_table import ScoreWriter
from aws.settings import Settings
from bench.process_memory import Growth
from bench.samples import long_dataset, score_records
from bench.stub_dynamodb import stub_dynamodb
from iris_core.data.csv_reading import read_csv
from iris_core.data.csv_writing import to_csv
from iris_core.evaluation.testing import test
from iris_core.exploration.profiling import profile
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.training import train
from iris_core.records.keys import new_run_id

WARM = 1_000
"""Rows of the first, unmeasured call."""


def load(rows: int) -> None:
    """Read and profile a CSV; the memory is that of the rows, and of reading them."""
    with tempfile.TemporaryDirectory() as folder:
        few, many = Path(folder) / "few.csv", Path(folder) / "many.csv"
        few.write_bytes(to_csv(long_dataset(WARM)))
        # Another process makes the long file, so that its memory does not count.
        code = (
            "import sys; from pathlib import Path; from bench.samples import long_dataset;"
            "from iris_core.data.csv_writing import to_csv;"
            "Path(sys.argv[1]).write_bytes(to_csv(long_dataset(int(sys.argv[2]))))"
        )
        subprocess.run([sys.executable, "-c", code, many, str(rows)], check=True)
        profile(read_csv(few))
        measure(lambda: profile(read_csv(many)))


def predict(rows: int) -> None:
    """Test a model on rows that are in memory, with a sink that drops the records."""
    dataset = long_dataset(rows)
    few = dataset.with_rows("few", dataset.frame.iloc[:WARM])
    model = train(few, ModelSpec(), options=TrainOptions(epochs=2))
    test(model, few, lambda _record: None)
    measure(lambda: test(model, dataset, lambda _record: None))


def write(rows: int) -> None:
    """Write records over a network with a latency of 8 ms; each is made as it is written."""
    with stub_dynamodb() as url:
        cloud = connect_local(Settings(), url)

        def send(count: int) -> None:
            with ScoreWriter(cloud, new_run_id()) as writer:
                for record in score_records(count):
                    writer(record)

        send(WARM)
        measure(lambda: send(rows))


def measure(work: Callable[[], object]) -> None:
    """Print the seconds of some work, and what it adds to the peak memory."""
    growth = Growth()
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "grown": growth.megabytes}))


STAGES = {"load": load, "test": predict, "write": write}

if __name__ == "__main__":
    STAGES[sys.argv[1]](int(sys.argv[2]))
