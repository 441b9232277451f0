"""What knowing each row by its fingerprint costs: in a test, in loading, and in the stored item."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from unittest.mock import patch

import numpy as np

from app.services.data.datasets import DEFAULT_DATA
from aws.clients import connect_local
from aws.score_table import ScoreWriter, item_size
from aws.settings import Settings
from bench.loop_quality.loop import tested
from bench.measurement import Measurement
from bench.samples import THRESHOLD, long_dataset
from bench.stub_dynamodb import stub_dynamodb
from iris_core.data.csv_reading import read_csv
from iris_core.data.csv_writing import to_csv
from iris_core.data.datasets import DataSet
from iris_core.evaluation import testing
from iris_core.model.models import Model
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.schema import Schema
from iris_core.model.training import train
from iris_core.records.keys import key_of, new_run_id
from iris_core.storage.dataset_store import DataSetStore

TESTED_ROWS, LOADED_ROWS = 100_000, 1_000_000
ROUNDS = 5
_CONSTANT = "k" * 16
# Keeping a data set takes seconds, and fingerprints a hundredth of them.
_KEPT = 3


def costs(*, rounds: int = ROUNDS) -> Iterator[Measurement]:
    """Measure what fingerprints cost; the sides alternate in one process."""
    default = read_csv(DEFAULT_DATA)
    model = train(default, ModelSpec(), options=TrainOptions(epochs=5))
    dataset = long_dataset(TESTED_ROWS)
    few = dataset.with_rows("few", dataset.frame.iloc[:1_000])
    with stub_dynamodb() as url:
        cloud = connect_local(Settings(), url)

        def write(ds: DataSet) -> None:
            with ScoreWriter(cloud, new_run_id()) as writer:
                testing.test(model, ds, writer)

        write(few)
        yield Measurement.of(
            f"test and write {TESTED_ROWS:,} records with fingerprints, slower by",
            [_slower_by(lambda: write(dataset)) for _ in range(rounds)],
            5,
            "%",
            remark="processor time, against constants in their place; to a stub of DynamoDB",
        )
    yield Measurement.of(
        f"test {TESTED_ROWS:,} records with fingerprints and drop them, slower by",
        [_slower_by(lambda: _drop(model, dataset)) for _ in range(rounds)],
        5,
        "%",
        remark="processor time, against constants in their place; nothing else is done",
    )
    yield from _loading(3 * rounds)
    records = tested(model, default)
    run = new_run_id()
    sizes = [item_size(one.to_item(key_of(run, one.row), threshold=THRESHOLD)) for one in records]
    yield Measurement(
        f"largest of {len(sizes):,} items of extended iris", max(sizes), 1024, "bytes"
    )


def _drop(model: Model, dataset: DataSet) -> None:
    """Test a model with a sink that does nothing."""
    testing.test(model, dataset, lambda _record: None)


def _slower_by(work: Callable[[], None]) -> float:
    """Return by how many percent work takes longer than with constants as fingerprints."""
    without, with_them = (
        _processor_seconds(work, circumstances)
        for circumstances in (_constant_fingerprints(), nullcontext())
    )
    return 100 * (with_them / without - 1)


def _processor_seconds(work: Callable[[], None], within: AbstractContextManager[None]) -> float:
    """Return the processor time of work: the load of other programs hardly affects it."""
    with within:
        began = time.process_time()
        work()
        return time.process_time() - began


@contextmanager
def _constant_fingerprints() -> Iterator[None]:
    """Replace the computation of fingerprints in a test by constants."""
    with ExitStack() as stack:
        stack.enter_context(
            patch.object(
                Schema,
                "fingerprints",
                lambda _schema, frame: np.zeros(len(frame), dtype=np.uint64),
            )
        )
        stack.enter_context(
            patch.object(testing, "as_letters", lambda values: [_CONSTANT] * len(values))
        )
        yield


def _loading(rounds: int) -> Iterator[Measurement]:
    """Load a long CSV as the Data page does, and compute the fingerprints of its rows."""
    reading, fingerprints, keeping = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        path.write_bytes(to_csv(long_dataset(LOADED_ROWS)))
        read_csv(path)
        for turn in range(rounds):
            began = time.perf_counter()
            dataset = read_csv(path)
            dataset.id  # noqa: B018 - computed here, as are the fingerprints below
            read = time.perf_counter()
            dataset.fingerprints  # noqa: B018
            reading.append(read - began)
            fingerprints.append(time.perf_counter() - read)
            if turn < _KEPT:
                began = time.perf_counter()
                DataSetStore(Path(folder) / f"home {turn}").add(dataset)
                keeping.append(time.perf_counter() - began)
    yield Measurement.of(
        f"load {LOADED_ROWS:,} rows with fingerprints, slower by",
        [
            100 * known / (read + kept)
            for known, read, kept in zip(fingerprints, reading, keeping, strict=False)
        ],
        10,
        "%",
        remark=f"read, checked and kept in the workspace in {min(reading) + min(keeping):.2f} s "
        "at best; the product computes them when they are first needed, not here",
    )
    yield Measurement.of(
        f"read {LOADED_ROWS:,} rows with fingerprints, slower by",
        [100 * known / read for known, read in zip(fingerprints, reading, strict=True)],
        10,
        "%",
        remark=f"read, and the id computed, in {min(reading):.2f} s at best",
        limit=f"20 columns of {LOADED_ROWS:,} numbers in {min(fingerprints):.3f} s at best: "
        f"{min(fingerprints) / LOADED_ROWS / 20 * 1e9:.1f} ns a number for 20 passes over it",
    )
