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

DEFAULT_DATA = Path(__file__).resolve().parents[3] / "data" / "extended_iris.csv"


def default_dataset(workspace: Workspace) -> DataSet:
    """Return the extended iris set, kept in the workspace."""
    return import_csv(workspace, DEFAULT_DATA)


def import_csv(
    workspace: Workspace, source: Path | bytes, *, name: str | None = None, label: str | None = None
) -> DataSet:
    """Read a labelled CSV and keep it in the workspace.

    Args:
        workspace: that keeps it.
        source: a file, or its bytes.
        name: what people are to call it; by default the file's.
        label: its label's column; by default the first.

    Raises:
        DataError: it is no labelled CSV; nothing is kept.
    """
    dataset = read_csv(source, name=name, label=label)
    workspace.datasets.add(dataset)
    return dataset


def readable_name(file_name: str) -> str:
    """Return a file's name as people can read it in a list, whoever gave it."""
    name = "".join(filter(str.isprintable, file_name)).strip()[:MAX_NAME]
    return name if name.removesuffix(".csv").strip() else "unnamed.csv"


def csv_columns(start: bytes, *, name: str) -> tuple[str, ...]:
    """Return the column names of a CSV, so that a label can be chosen before all of it is read.

    Args:
        start: its first bytes, the header at least.
        name: the file's, for messages.

    Raises:
        DataError: they are no header of a CSV.
        StoreError: there is no room to read them.
    """
    with writing(Path(gettempdir())), TemporaryDirectory() as folder:
        path = Path(folder) / "start.csv"
        path.write_bytes(start)
        return CsvFile.open(path, name).header


def add_split(
    workspace: Workspace, dataset: DataSet, *, test_share: float, seed: int
) -> tuple[DataSet, DataSet]:
    """Split a data set by class and keep both parts.

    Args:
        workspace: that keeps them.
        dataset: to be split.
        test_share: of the rows that go to the second part, 0 to 1.
        seed: of the choice.

    Returns:
        The part to train on, and the part to test on.

    Raises:
        DataError: a part would have fewer than two classes.
    """
    parts = split(dataset, test_share=test_share, seed=seed)
    for part in parts:
        part.check_classes()
    for part in parts:
        workspace.datasets.add(part)
    return parts


def change_labels(
    workspace: Workspace, dataset: DataSet, *, rows: int, seed: int
) -> tuple[DataSet, tuple[int, ...]]:
    """Change the labels of some rows on purpose, and keep the result.

    Args:
        workspace: that keeps it.
        dataset: stays as it is.
        rows: how many labels to change.
        seed: of the choice.

    Returns:
        The changed data set, and the changed rows, counted from 0.
    """
    noisy, changed = add_label_noise(dataset, rows=rows, seed=seed)
    workspace.datasets.add(noisy)
    return noisy, changed
