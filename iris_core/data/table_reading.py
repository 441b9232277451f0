"""Read any table that a person brings: give each column a role, and say what was understood.

`read_csv` reads what the product wrote itself, in which every kind is known. Here kinds and roles
are recognised, or taken as a person chose them, or as a model knows them. What can be read in two
ways is never guessed: the error says both, and how to choose.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from iris_core.data.column_table import (
    AS_IT_SAYS,
    ColumnTable,
    ReadingOptions,
    TableReading,
    read_columns,
)
from iris_core.data.columns import Columns
from iris_core.data.csv_file import CsvFile, quoted
from iris_core.data.csv_reading import on_disk
from iris_core.data.datasets import DataSet
from iris_core.data.group_dealing import classes_of_one_group
from iris_core.data.roles import ALL_GUESSED, Role, RoleChoice
from iris_core.data.table_source import SourceOptions, prepare
from iris_core.errors import DataError

_SAMPLE = 2_000
_MAX_NAMED = 5
# Of a wider table copies of rows are not counted: it would take as long as all the rest.
_MAX_COMPARED = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class OpenTable:
    """A table whose file is open.

    Attributes:
        name: of the file, or of the data set that it becomes.
        file: as CSV.
        notes: what was understood to make it that.
        options: how it is read.
    """

    name: str
    file: CsvFile
    notes: tuple[str, ...]
    options: ReadingOptions

    @property
    def header(self) -> tuple[str, ...]:
        """The names of its columns."""
        return self.file.header

    def inspect(self, choice: RoleChoice = ALL_GUESSED) -> TableReading:
        """Say what is understood of it; no label need be found.

        Args:
            choice: the roles that are known.

        Raises:
            DataError: it has no rows, or a fault that prevents it from being looked at.
        """
        return self._table().reading(choice, needs_label=False)

    def read(
        self,
        *,
        choice: RoleChoice = ALL_GUESSED,
        like: Columns | None = None,
        known: Mapping[str, Collection[str]] | None = None,
    ) -> tuple[DataSet, TableReading]:
        """Make a data set of it; the arguments are those of `read_table`.

        Raises:
            DataError: it cannot be a data set; the message names file, row, column and remedy.
        """
        if like is not None:
            choice = RoleChoice.like(like, self.header, self.file.title)
        table = self._table()
        if table.rows < 2 and like is None:
            raise DataError(f"{self.file.title}: expected at least two rows, received one row.")
        reading = table.reading(choice, needs_label=like is None)
        frame, remarks = table.frame(reading.columns, known or {})
        of_role = {
            role: tuple(column.name for column in reading.columns if column.role == role)
            for role in Role
        }
        label = next(iter(of_role[Role.LABEL]), None)
        if label is None and like is not None:
            label = like.label
            frame.insert(0, label, pd.Series("", index=frame.index, dtype="str"))
            remarks = (
                *remarks,
                f"No column is called {label}: the classes of its rows are not known.",
            )
        group = next(iter(of_role[Role.GROUP]), None)
        if like is not None and like.group is not None and group is None:
            remarks = (
                *remarks,
                f"No column is called {like.group}: which rows belong together is not known.",
            )
        dataset = DataSet(
            _without_ending(self.name),
            str(label),
            frame,
            dates=of_role[Role.DATE],
            ignored=tuple(
                column.name
                for column in reading.columns
                if column.role in (Role.IDENTIFIER, Role.IGNORED)
            ),
            group=group,
        )
        if like is None:
            dataset.check_classes()
        remarks = (*remarks, *_group_remarks(dataset))
        copies = 0
        if len(dataset.features) <= _MAX_COMPARED:
            copies = dataset.rows - len(np.unique(dataset.fingerprints))
        if copies:
            remark = (
                f"{copies:,} of {dataset.rows:,} rows repeat{'s' if copies == 1 else ''} the "
                "features of another row; copies train or evaluate together."
            )
            remarks = (*remarks, remark)
        return dataset, TableReading(
            dataset.rows, reading.columns, reading.examples, (*reading.notes, *remarks), {}
        )

    def _table(self) -> ColumnTable:
        """Return it with its columns looked at."""
        columns = read_columns(self.file, self.options)
        return ColumnTable(self.file, columns, self.notes, self.options.missing)


@contextmanager
def open_table(
    source: Path | bytes, *, name: str | None = None, options: ReadingOptions = AS_IT_SAYS
) -> Iterator[OpenTable]:
    """Yield a table, its file made CSV once however often it is looked at.

    Args:
        source: the file, or its content.
        name: of the data set that it becomes; the file's by default.
        options: how it is read.

    Raises:
        DataError: it is no table.
    """
    title = source.name if isinstance(source, Path) else name or "CSV"
    wanted = SourceOptions(options.encoding, options.header is not False, options.sheet)
    with on_disk(source, title) as path, prepare(path, title, wanted) as prepared:
        file = CsvFile.open(prepared.path, title, first_row=prepared.first_row, row_names=True)
        if options.header is None:
            _check_header(file)
        yield OpenTable(name or title, file, tuple(prepared.notes), options)


def read_table(
    source: Path | bytes,
    *,
    name: str | None = None,
    options: ReadingOptions = AS_IT_SAYS,
    choice: RoleChoice = ALL_GUESSED,
    like: Columns | None = None,
    known: Mapping[str, Collection[str]] | None = None,
) -> tuple[DataSet, TableReading]:
    """Read a labelled table.

    Args:
        source: the file, or its content.
        name: of the data set; the file's by default.
        options: how it is read.
        choice: the roles that a person chose; all others are guessed.
        like: columns of a project or a model; then the file is read as that knows them, and its
            other columns are ignored.
        known: labels and categories that the project or the model knows, by column: texts of the
            file that may be the same are read so.

    Returns:
        The data set, its label column first, and what was understood.

    Raises:
        DataError: it cannot be a data set; the message names file, row, column and remedy.
    """
    with open_table(source, name=name, options=options) as table:
        return table.read(choice=choice, like=like, known=known)


def _group_remarks(dataset: DataSet) -> tuple[str, ...]:
    """Return a sentence on classes of which no split can have rows on both sides."""
    alone = classes_of_one_group(dataset) if dataset.group and dataset.is_labelled else ()
    if not alone:
        return ()
    named = ", ".join(map(quoted, alone[:_MAX_NAMED]))
    more = f" and {len(alone) - _MAX_NAMED:,} more" if len(alone) > _MAX_NAMED else ""
    remark = (
        f"All rows of the class{'es' if len(alone) > 1 else ''} {named}{more} belong to one group "
        f"of {dataset.group}: they train, and the evaluation can say nothing of them. Add rows of "
        "another group."
    )
    return (remark,)


def _without_ending(name: str) -> str:
    """Return a file's name without the ending of its format."""
    for ending in (".csv", ".xlsx", ".parquet"):
        name = name.removesuffix(ending)
    return name


def _check_header(file: CsvFile) -> None:
    """Raise `DataError` if the first line looks like data: a number, or values of the rows."""
    first = [record for _, record in islice(file.records(), 1, _SAMPLE)]
    numbers = [name for name in file.header if _is_number(name)]
    offset = 1 if file.names_rows else 0
    repeated = [
        name
        for position, name in enumerate(file.header[offset:], start=offset)
        if any(len(record) > position and record[position].strip() == name for record in first)
    ]
    if numbers or len(repeated) * 2 > len(file.header):
        named = ", ".join(map(quoted, (numbers or repeated)[:_MAX_NAMED]))
        raise file.fault(
            file.first_row,
            f"say whether this row names the columns (--header) or is data (--no-header): it "
            f"looks like data, for it has {named}.",
        )


def _is_number(text: str) -> bool:
    """Return whether a text is a plain number."""
    try:
        float(text)
    except ValueError:
        return False
    return text.lower() not in ("nan", "inf", "infinity")
