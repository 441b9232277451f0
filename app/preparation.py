"""Preparing data sets of a workspace: looking into a file, splitting, hacking."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from app.services import Services
from iris_core.checks import MAX_NAME
from iris_core.data.csv_file import CsvFile
from iris_core.data.datasets import DataSet
from iris_core.data.label_noise import add_label_noise
from iris_core.data.splitting import split
from iris_core.storage.atomic_files import writing


def readable(file_name: str) -> str:
    """The name of a file as people can read it in a list, whoever gave it."""
    name = "".join(filter(str.isprintable, file_name)).strip()[:MAX_NAME]
    return name if name.removesuffix(".csv").strip() else "unnamed.csv"


def csv_columns(start: bytes, *, name: str) -> tuple[str, ...]:
    """The column names of a CSV, from its first bytes; raises `DataError` when they are not good.

    Raises `StoreError` when there is no room to look at them.

    `start`: the header at least, so that a label can be chosen before all of it is read.
    """
    with writing(Path(gettempdir())), TemporaryDirectory() as folder:
        path = Path(folder) / "start.csv"
        path.write_bytes(start)
        return CsvFile.open(path, name).header


def add_split(
    services: Services, dataset: DataSet, *, test_share: float, seed: int
) -> tuple[DataSet, DataSet]:
    """Split a data set by class, keep both parts, and return them: to train on, to test on."""
    parts = split(dataset, test_share=test_share, seed=seed)
    for part in parts:
        part.check_classes()
    for part in parts:
        services.datasets.add(part)
    return parts


def add_hacked(
    services: Services, dataset: DataSet, *, rows: int, seed: int
) -> tuple[DataSet, tuple[int, ...]]:
    """Change the labels of some rows, keep the result; returns it and the changed rows, from 0."""
    hacked, changed = add_label_noise(dataset, rows=rows, seed=seed)
    services.datasets.add(hacked)
    return hacked, changed
