"""Data sets of a workspace: read from a CSV, split, their labels changed on purpose."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from app.services.workspace import Workspace
from iris_core.checks import MAX_NAME
from iris_core.data.csv_file import CsvFile
from iris_core.data.csv_reading import read_csv
from iris_core.data.datasets import DataSet
from iris_core.data.label_noise import add_label_noise
from iris_core.data.splitting import split
from iris_core.storage.atomic_files import writing

DEFAULT_DATA = Path(__file__).resolve().parents[2] / "data" / "extended_iris.csv"


def default_dataset(workspace: Workspace) -> DataSet:
    """The extended iris set, in the store."""
    return import_csv(workspace, DEFAULT_DATA)


def import_csv(
    workspace: Workspace, source: Path | bytes, *, name: str | None = None, label: str | None = None
) -> DataSet:
    """Read a labelled CSV and keep it; raises `DataError`, and then nothing is kept."""
    dataset = read_csv(source, name=name, label=label)
    workspace.datasets.add(dataset)
    return dataset


def readable_name(file_name: str) -> str:
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
    workspace: Workspace, dataset: DataSet, *, test_share: float, seed: int
) -> tuple[DataSet, DataSet]:
    """Split a data set by class, keep both parts, and return them: to train on, to test on."""
    parts = split(dataset, test_share=test_share, seed=seed)
    for part in parts:
        part.check_classes()
    for part in parts:
        workspace.datasets.add(part)
    return parts


def change_labels(
    workspace: Workspace, dataset: DataSet, *, rows: int, seed: int
) -> tuple[DataSet, tuple[int, ...]]:
    """Change the labels of some rows, keep the result; returns it and the changed rows, from 0."""
    hacked, changed = add_label_noise(dataset, rows=rows, seed=seed)
    workspace.datasets.add(hacked)
    return hacked, changed
