"""A table whose columns were looked at: the role of each, and the data in these roles."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from iris_core.data.column_values import ColumnValues
from iris_core.data.csv_file import CsvFile, quoted
from iris_core.data.csv_reading import is_clear, parse
from iris_core.data.role_guessing import ColumnFacts, ColumnRole, guess_roles, names_groups
from iris_core.data.roles import FEATURES, MAX_CLASSES, Role, RoleChoice
from iris_core.errors import DataError

_SAMPLE = 2_000
_MAX_NAMED = 5
# With fewer rows two columns may agree by chance.
_ROWS_TO_AGREE = 20


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How a file is read, where it does not say so itself.

    Attributes:
        encoding: of the text; None for UTF-8, or UTF-16 if it says so.
        header: whether the first line names the columns; None to be asked if it looks like data.
        sheet: of a workbook; None for the only one.
        missing: further words for a missing value, in every column.
        decimal: the decimal mark of numbers that can be read in two ways, "." or ",".
        date_order: "dmy", "mdy" or "ymd", the order in dates that can be read in two ways.
    """

    encoding: str | None = None
    header: bool | None = None
    sheet: str | None = None
    missing: tuple[str, ...] = ()
    decimal: str | None = None
    date_order: str | None = None


AS_IT_SAYS = ReadingOptions()
"""Everything is found out from the file."""


@dataclass(frozen=True, slots=True)
class TableReading:
    """What was understood of a table.

    Attributes:
        rows: number of rows.
        columns: with their roles, in the file's order.
        examples: some values of each column, as written.
        notes: what else was understood, in sentences.
        questions: for each column that can be read in two ways, what to decide.
    """

    rows: int
    columns: tuple[ColumnRole, ...]
    examples: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]
    questions: Mapping[str, str]


def read_columns(file: CsvFile, options: ReadingOptions) -> dict[str, ColumnValues]:
    """Return the file's columns: parsed where nothing was lost by it, else as text."""
    frame = parse(file, missing=options.missing)
    if not len(frame):
        raise DataError(f"{file.title}: expected rows, received a header without rows.")
    unclear = [
        position
        for position, (_, column) in enumerate(frame.items())
        if not is_clear(column, text=False)
    ]
    whole = [position for position, kind in enumerate(frame.dtypes) if kind == "int64"]
    codes = _with_leading_zeros(file, whole)
    positions = sorted({*unclear, *codes})
    columns = dict(frame.items())
    if positions:
        columns.update(parse(file, positions, missing=options.missing).items())
    return {
        str(name): ColumnValues.of_text(
            column, decimal=options.decimal, date_order=options.date_order
        )
        if isinstance(column.dtype, pd.StringDtype)
        else ColumnValues.of_numbers(column)
        for name, column in columns.items()
    }


def _with_leading_zeros(file: CsvFile, positions: Sequence[int]) -> list[int]:
    """Return those columns of whole numbers that have a code such as 01 among their first rows."""
    if not positions:
        return []
    sample = parse(file, positions, rows=_SAMPLE)
    return [
        position
        for position, (_, column) in zip(positions, sample.items(), strict=True)
        if column.str.match(r"\s*[+-]?0[0-9]", na=False).any()
    ]


def _facts(column: ColumnValues) -> ColumnFacts:
    """Return what is known of a column; of one called like a group more."""
    facts = column.facts
    if not names_groups(facts.name) or not (facts.whole or facts.kind == Role.CATEGORY):
        return facts
    codes, values = column.codes()
    rows = np.bincount(codes + 1, minlength=len(values) + 1)[1:]
    return replace(facts, distinct=len(values), repeated=int(np.count_nonzero(rows > 1)))


@dataclass(frozen=True, slots=True, eq=False)
class ColumnTable:
    """An open file whose columns were looked at, and what they are for."""

    file: CsvFile
    columns: Mapping[str, ColumnValues]
    notes: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return next(iter(self.columns.values())).rows

    def reading(self, choice: RoleChoice, *, needs_label: bool) -> TableReading:
        """Give every column a role.

        Raises:
            DataError: a chosen column is not there, or a label is needed and none is likely.
        """
        choice.check(self.file.header, self.file.title)
        facts = [_facts(column) for column in self.columns.values()]
        roles = guess_roles(facts, choice, needs_label=needs_label, title=self.file.title)
        roles = self._without_copies_of_label(roles, choice)
        return TableReading(
            self.rows,
            roles,
            {name: column.examples() for name, column in self.columns.items()},
            (*self.notes, *self._rows_without_label(roles)),
            {name: column.question for name, column in self.columns.items() if column.question},
        )

    def frame(
        self, columns: Sequence[ColumnRole], known: Mapping[str, Collection[str]]
    ) -> tuple[pd.DataFrame, tuple[str, ...]]:
        """Return the table, the label first, and notes on texts that were read as others.

        Rows without a label are left out, unless none has one.

        Args:
            columns: with their roles.
            known: the labels and categories that are known, by column.

        Raises:
            DataError: a value does not fit the role of its column, or nothing is left to learn.
        """
        if not any(column.role in FEATURES for column in columns):
            raise DataError(
                f"{self.file.title}: leave a column to learn from: expected a number, a category "
                "or a date beside the label, received none."
            )
        roles = {column.name: column.role for column in columns}
        label = next((name for name, role in roles.items() if role == Role.LABEL), None)
        texts = self._as_text(
            [name for name, role in roles.items() if role not in (Role.NUMBER, Role.DATE)]
        )
        notes = []
        values: dict[str, object] = {}
        if label is not None:
            self._check_classes(texts[label])
            values[label] = None
        for name, role in roles.items():
            if role == Role.NUMBER:
                values[name] = self.columns[name].numbers(self.file)
            elif role == Role.DATE:
                values[name] = self.columns[name].dates(self.file).array
            elif role in (Role.LABEL, Role.CATEGORY):
                series, changed = texts[name].texts(known.get(name, ()))
                values[name] = series.array
                if changed:
                    named = list(changed.items())[:_MAX_NAMED]
                    listed = ", ".join(f"{quoted(one)} as {quoted(other)}" for one, other in named)
                    more = len(changed) - len(named)
                    and_more = f" and {more:,} more" if more else ""
                    notes.append(f"{name}: read {listed}{and_more}.")
            else:
                values[name] = texts[name].exact_texts().array
        frame = pd.DataFrame(values)
        return frame if label is None else _labelled(frame, label), tuple(notes)

    def _rows_without_label(self, roles: Sequence[ColumnRole]) -> tuple[str, ...]:
        """Return a note on the rows that have no label, unless none or all of them have one."""
        label = next((column.name for column in roles if column.role == Role.LABEL), None)
        if label is None:
            return ()
        missing = np.flatnonzero(self.columns[label].codes()[0] < 0).tolist()
        if len(missing) in (0, self.rows):
            return ()
        named = ", ".join(f"{row:,}" for row in self.file.row_numbers(missing[:_MAX_NAMED]))
        more = f" and {len(missing) - _MAX_NAMED:,} more" if len(missing) > _MAX_NAMED else ""
        rows = f"{len(missing):,} of {self.rows:,} rows (row {named}{more})"
        return (f"Left out for lack of a label: {rows}.",)

    def _as_text(self, names: Sequence[str]) -> dict[str, ColumnValues]:
        """Return columns as they are written, those that were parsed as numbers read again."""
        parsed = sorted(
            self.file.header.index(name) for name in names if self.columns[name].text is None
        )
        known = {name: self.columns[name] for name in names}
        if parsed:
            again = parse(self.file, parsed, missing=self.missing)
            known |= {str(name): ColumnValues.as_written(column) for name, column in again.items()}
        for name in names:
            known[name].check_lengths(self.file)
        return known

    def _check_classes(self, column: ColumnValues) -> None:
        """Raise `DataError` if there are more classes than allowed."""
        classes = len(column.codes()[1])
        if classes > MAX_CLASSES:
            raise DataError(
                f"{self.file.title}, column {quoted(column.name)}: choose another label column, "
                f"expected at most {MAX_CLASSES} classes, received {classes:,} different values."
            )

    def _without_copies_of_label(
        self, roles: tuple[ColumnRole, ...], choice: RoleChoice
    ) -> tuple[ColumnRole, ...]:
        """Ignore columns whose values say the label, unless a person chose them."""
        label = next((column.name for column in roles if column.role == Role.LABEL), None)
        if label is None or self.rows < _ROWS_TO_AGREE:
            return roles
        classes, names = self.columns[label].codes()
        found = {}
        for column in roles:
            if column.role not in (Role.NUMBER, Role.CATEGORY) or column.name in choice.roles:
                continue
            if self.columns[column.name].may_have(len(names)):
                codes, values = self.columns[column.name].codes()
                pairs = len(np.unique(codes * np.int64(len(names) + 1) + classes))
                if pairs == len(values) == len(names):
                    found[column.name] = ColumnRole(
                        column.name,
                        Role.IGNORED,
                        f"It says the label: each of its {len(values):,} values stands for one "
                        "class.",
                    )
        return tuple(found.get(column.name, column) for column in roles)


def _labelled(frame: pd.DataFrame, label: str) -> pd.DataFrame:
    """Return the rows that have a label; if none has, all of them with empty ones."""
    has_label = frame[label].notna()
    if not has_label.any():
        return frame.assign(**{label: pd.Series("", index=frame.index, dtype="str")})
    return frame if has_label.all() else frame[has_label].reset_index(drop=True)
