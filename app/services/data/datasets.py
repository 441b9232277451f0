"""Data sets of a workspace: read from a table, split, their labels changed on purpose."""

from __future__ import annotations

from collections.abc import Collection, Set
from dataclasses import replace
from pathlib import Path

from app.services.project_data import project_group, torn_groups
from app.services.workspace import Workspace
from iris_core.checks import MAX_NAME
from iris_core.data.column_table import AS_IT_SAYS, ReadingOptions, TableReading
from iris_core.data.columns import Columns
from iris_core.data.datasets import DataSet
from iris_core.data.label_noise import add_label_noise
from iris_core.data.roles import ALL_GUESSED, Role, RoleChoice
from iris_core.data.splitting import split
from iris_core.data.table_reading import open_table
from iris_core.storage.cards import Change, Origin

DEFAULT_DATA = Path(__file__).resolve().parents[3] / "data" / "extended_iris.csv"


def default_dataset(workspace: Workspace) -> DataSet:
    """Return the extended iris set, kept in the workspace."""
    return import_table(workspace, DEFAULT_DATA)


def import_table(
    workspace: Workspace,
    source: Path | bytes,
    *,
    name: str | None = None,
    options: ReadingOptions = AS_IT_SAYS,
    choice: RoleChoice = ALL_GUESSED,
    like: Columns | None = None,
) -> DataSet:
    """Read a labelled table and keep it in the workspace, with what was understood on its card.

    A file that has just the columns of a project is read as the project has them, unless a person
    chose roles: codes such as 01 stay as they are written, though all of them could be numbers in
    this file.

    Args:
        workspace: that keeps it.
        source: a file, or its bytes.
        name: what people are to call it; by default the file's.
        options: how it is read.
        choice: the roles that a person chose; all others are guessed.
        like: columns of a project or a model, to be read as that has them, with the group of the
            project; other columns of the file are ignored.

    Raises:
        DataError: it is no labelled table; nothing is kept.
    """
    if like is not None and like.group is None:
        like = replace(like, group=project_group(workspace, like.project))
    with open_table(source, name=name, options=options) as table:
        if like is None and choice == RoleChoice(label=choice.label):
            like = _columns_of(workspace, set(table.header), choice.label)
        known = {} if like is None else _known_texts(workspace, like)
        dataset, reading = table.read(choice=choice, like=like, known=known)
    torn = torn_groups(workspace, dataset)
    workspace.datasets.add(dataset, notes=(*reading_notes(reading), *filter(None, [torn])))
    return dataset


def inspect_upload(
    workspace: Workspace,
    content: bytes,
    *,
    name: str,
    options: ReadingOptions,
    label: str | None = None,
) -> TableReading:
    """Look at a table before it is added: with the roles of a project that has just its columns.

    Args:
        workspace: with the projects.
        content: of the file.
        name: of the file.
        options: how it is read.
        label: the label's column, if a person chose it.

    Raises:
        DataError: it is no table.
    """
    with open_table(content, name=name, options=options) as table:
        like = _columns_of(workspace, set(table.header), label)
        known = RoleChoice(label) if like is None else RoleChoice.like(like, table.header, name)
        return table.inspect(known)


def reading_notes(reading: TableReading) -> tuple[str, ...]:
    """Return what was understood of a table, in sentences: what a person has to know first."""
    notes: list[str] = []
    for column in reading.columns:
        if column.role == Role.LABEL:
            notes.insert(0, f"Label: {column.name}. {column.reason}")
        elif column.role == Role.GROUP:
            notes.append(f"Group: {column.name}. {column.reason}")
        elif column.role in (Role.IDENTIFIER, Role.IGNORED):
            notes.append(f"Left out: {column.name}. {column.reason}")
        elif column.is_remarkable:
            notes.append(f"{column.name}: {column.reason}")
    return (*notes, *reading.notes)


def _columns_of(workspace: Workspace, header: Set[str], label: str | None) -> Columns | None:
    """Return the columns of the newest data set that has just these, ignored ones included."""
    for card in workspace.datasets.list().cards:
        columns = card.columns_by_kind
        others = {*card.ignored, *filter(None, [card.group])}
        if columns.names | others == header and label in (None, card.label):
            return columns
    return None


def _known_texts(workspace: Workspace, columns: Columns) -> dict[str, Collection[str]]:
    """Return the labels and categories that the newest model of a project knows, by column."""
    for card in workspace.models.list().cards:
        if card.schema.columns == columns:
            categories = {entry.name: entry.categories for entry in card.schema.categorical}
            return {columns.label: card.schema.classes, **categories}
    return {}


def readable_name(file_name: str) -> str:
    """Return a file's name as people can read it in a list, whoever gave it."""
    name = "".join(filter(str.isprintable, file_name)).strip()[:MAX_NAME]
    return name if name.removesuffix(".csv").strip() else "unnamed.csv"


def add_split(
    workspace: Workspace, dataset: DataSet, *, test_share: float, seed: int
) -> tuple[DataSet, DataSet]:
    """Split a data set by class, whole groups if it has any, and keep both parts.

    Args:
        workspace: that keeps them.
        dataset: to be split.
        test_share: of the rows that go to the second part, 0 to 1.
        seed: of the choice.

    Returns:
        The part to train on, and the part to test on.

    Raises:
        DataError: a part would have fewer than two classes, or there are too few groups.
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
