"""Data sets of a workspace: read from a CSV, split, their labels changed on purpose."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from app.services.workspace import Workspace
from iris_core.checks import MAX_NAME
from iris_core.data.columns import Columns
from iris_core.data.csv_file import CsvFile
from iris_core.data.csv_reading import read_csv
from iris_core.data.datasets import DataSet
from iris_core.data.label_noise import add_label_noise
from iris_core.data.splitting import split
from iris_core.errors import DataError
from iris_core.storage.atomic_files import writing
from iris_core.storage.cards import Change, Origin

DEFAULT_DATA = Path(__file__).resolve().parents[3] / "data" / "extended_iris.csv"


def default_dataset(workspace: Workspace) -> DataSet:
    """Return the extended iris set, kept in the workspace."""
    return import_csv(workspace, DEFAULT_DATA)


def import_csv(
    workspace: Workspace,
    source: Path | bytes,
    *,
    name: str | None = None,
    label: str | None = None,
    columns: Columns | None = None,
) -> DataSet:
    """Read a labelled CSV and keep it in the workspace.

    A column that is a category in a project of the same columns is one here too: codes such as 01
    stay as they are written, though all of them could be numbers in this file.

    Args:
        workspace: that keeps it.
        source: a file, or its bytes.
        name: what people are to call it; by default the file's.
        label: its label's column; by default the first.
        columns: those that it is to be read for; by default of a project that has the same.

    Raises:
        DataError: it is no labelled CSV; nothing is kept.
    """
    dataset = read_csv(source, name=name, label=label)
    like = columns or _known_columns(workspace, dataset)
    codes = [] if like is None else [name for name in like.categorical if name in dataset.numeric]
    if codes:
        dataset = read_csv(source, name=name, label=label, categorical=codes)
    workspace.datasets.add(dataset)
    return dataset


def import_narrowed(
    workspace: Workspace, source: Path | bytes, columns: Columns, *, name: str | None = None
) -> DataSet:
    """Read a labelled CSV for a project, and keep it without the columns that this does not have.

    Args:
        workspace: that keeps it.
        source: a file, or its bytes.
        columns: of the project.
        name: what people are to call it; by default the file's.

    Raises:
        DataError: it is no labelled CSV, or a column of the project is missing in it or of another
            kind; nothing is kept.
    """
    dataset = read_csv(source, name=name, label=columns.label)
    codes = [name for name in columns.categorical if name in dataset.numeric]
    if codes:
        dataset = read_csv(source, name=name, label=columns.label, categorical=codes)
    narrowed = _narrowed(dataset, columns)
    workspace.datasets.add(narrowed)
    return narrowed


def _narrowed(dataset: DataSet, columns: Columns) -> DataSet:
    """Return a data set with these columns only; raise `DataError` if it does not have them."""
    for kind, expected, present in (
        ("numbers", columns.numeric, dataset.numeric),
        ("categories", columns.categorical, dataset.categorical),
    ):
        if missing := [name for name in expected if name not in present]:
            raise DataError(
                f"{dataset.name}: add it as a new project, or mend the file: expected {kind} in "
                f"the columns {', '.join(map(repr, missing[:30]))}, as in the project, received "
                "none or another kind."
            )
    kept = {columns.label, *columns.numeric, *columns.categorical}
    frame = dataset.frame[[name for name in dataset.frame.columns if name in kept]]
    return dataset.with_rows(dataset.name, frame)


def _known_columns(workspace: Workspace, dataset: DataSet) -> Columns | None:
    """Return the columns of a data set with the same names, of which more are categories."""
    for card in reversed(workspace.datasets.list().cards):
        same = card.label == dataset.label and {*card.numeric, *card.categorical} == {
            *dataset.features
        }
        if same and set(card.categorical) > set(dataset.categorical):
            return card.columns_by_kind
    return None


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
        workspace.datasets.add(part, Origin(Change.SPLIT, dataset.id))
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
    workspace.datasets.add(noisy, Origin(Change.LABEL_NOISE, dataset.id))
    return noisy, changed
