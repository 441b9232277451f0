"""The memory of dashboard and local cloud after a training and a test, relative to TensorFlow's."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

from aws.emulator import ADDRESS
from bench.dashboard import chromium, dashboard, train_and_test
from bench.measurement import Measurement
from bench.process_memory import family, megabytes

ROUNDS = 3
LIMIT = "Streamlit, pandas and the drawn pages come on top, and the emulator with its function"
_IMPORT_TENSORFLOW = "import tensorflow, sys; print(flush=True); sys.stdin.read()"


def memory_footprint() -> Iterator[Measurement]:
    """Compare a dashboard that has trained and tested with a Python that imports TensorFlow."""
    ratios, remark = [], ""
    for _ in range(ROUNDS):
        alone = _tensorflow_alone()
        with dashboard() as running, chromium() as browser:
            train_and_test(browser.new_page(), running.address)
            address = json.loads((running.home / "cloud" / ADDRESS).read_text("utf-8"))
            server = sum(map(megabytes, family(running.pid) - family(address["pid"])))
            cloud = sum(map(megabytes, family(address["pid"])))
        ratios.append((server + cloud) / alone)
        remark = f"{server:.0f} MB and {cloud:.0f} MB, TensorFlow {alone:.0f} MB"
    yield Measurement.of(
        "memory after a training and a test, local cloud included, of TensorFlow's alone",
        ratios,
        1.5,
        "times",
        remark=remark,
        limit=LIMIT,
    )


def _tensorflow_alone() -> float:
    """Return the MB of a process that has imported TensorFlow and nothing else."""
    with subprocess.Popen(
        [sys.executable, "-c", _IMPORT_TENSORFLOW], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout  # noqa: S101 - for the type checker
        process.stdout.readline()
        resident = megabytes(process.pid)
        process.communicate()
    return resident
