"""The raw CSV file of a data set: its separator, its header, and the exact position of a fault.

pandas reads the table. It is fast, but it renames, pads and drops cells without a word; so what it
does not report is looked up here, record by record. Rows are numbered as in a spreadsheet: the
header is row 1.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from iris_core.data.utf8_file import SAVE_AS_UTF8, check_content, row_of
from iris_core.errors import DataError

MAX_CELL = 10_000
MAX_FEATURES = 10_000
ROW_NAMES = "row"
"""What a first column is called that names the rows, and has no name itself."""
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}

# Records whose length is compared with that of the header.
_LOOKED_AT = 20
_BYTE_ORDER_MARK = "\ufeff"

# To a reader that looks for another separator, a wide header is a single cell.
csv.field_size_limit(10_000_000)


@dataclass(frozen=True)
class CsvFile:
    """A file and its header.

    Attributes:
        path: of the file.
        title: its name in messages.
        separator: one of `SEPARATORS`.
        header: the column names, distinct and none blank.
        first_row: the number of the header's row.
        names_rows: whether the first column names the rows and the header leaves it out.
    """

    path: Path
    title: str
    separator: str = ","
    header: tuple[str, ...] = ()
    first_row: int = 1
    names_rows: bool = False

    @classmethod
    def open(
        cls, path: Path, title: str, *, first_row: int = 1, row_names: bool = False
    ) -> CsvFile:
        """Read a file's header.

        Args:
            path: of the file.
            title: its name in messages.
            first_row: the number of the header's row in messages.
            row_names: take a first column that has no name, as pandas and R write it, and call it
                `ROW_NAMES`.

        Raises:
            DataError: it cannot be read or is not a CSV file, or its header has a fault.
        """
        check_content(path, title)
        headers = {mark: next(cls(path, title, mark).records(), (1, []))[1] for mark in SEPARATORS}
        separator = max(SEPARATORS, key=lambda mark: len(headers[mark]))
        header = tuple(map(_clean, headers[separator]))
        names_rows = False
        if row_names:
            unnamed = cls(path, title, separator, header, first_row)
            first = [record for _, record in islice(unnamed.records(), 1, 1 + _LOOKED_AT)]
            header, names_rows = _with_row_names(header, first)
        file = cls(path, title, separator, header, first_row, names_rows)
        file._check_header()
        return file

    def records(self, *, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
        """Yield each record that is not blank with its row number, the header first.

        Args:
            strict: refuse a double quote that is not closed, or not doubled inside a cell.

        Raises:
            DataError: the file is not UTF-8, or a double quote makes it unreadable.
        """
        with self.path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, delimiter=self.separator, strict=strict)
            row = self.first_row - 1
            while True:
                row += 1
                try:
                    record = next(reader, None)
                except csv.Error as error:
                    raise self._quote_fault(row, str(error)) from None
                except UnicodeDecodeError:
                    raise self._encoding_fault() from None
                if record is None:
                    return
                if not _is_blank(record):
                    yield row, record

    def check(self) -> int:
        """Return the number of records, the header not counted.

        Raises:
            DataError: a record has a fault; the message names the first one.
        """
        rows = -1
        for row, record in self.records(strict=True):
            rows += 1
            if len(record) != len(self.header) - (self.names_rows and rows == 0):
                raise self._length_fault(row, len(record))
            if (length := max(map(len, record))) > MAX_CELL:
                column = self.header[[*map(len, record)].index(length)]
                raise self._long_cell_fault(row, column, length)
        return rows

    def count_separators(self) -> int | None:
        """Count the separators, or return None if quotes could hide what they separate."""
        separator, total = self.separator.encode(), 0
        with self.path.open("rb") as file:
            while block := file.read(1 << 20):
                if b'"' in block:
                    return None
                total += block.count(separator)
        return total

    def fault(self, row: int, text: str, *, column: str = "") -> DataError:
        """Return the error for a row of the file, or for one cell of the row.

        Args:
            row: its number, 1 for the header.
            text: what was expected, what was received, and what to do.
            column: of the cell.
        """
        where = f", column {quoted(column)}" if column else ""
        return DataError(f"{self.title}, row {row}{where}: {text}")

    def cell_fault(self, position: int, column: str, expected: str, remedy: str) -> DataError:
        """Return the error for a cell, with its row in the file and the text in it.

        Args:
            position: the record's position in the table, from 0.
            column: the column's name.
            expected: what the cell should hold.
            remedy: what to do, a sentence.
        """
        row, record = next(islice(self.records(), position + 1, None))
        cell = record[self.header.index(column)]
        if len(cell) > MAX_CELL:
            return self._long_cell_fault(row, column, len(cell))
        received = quoted(cell) if cell else "an empty cell"
        text = f"expected {expected}, received {received}. {remedy}"
        return self.fault(row, text, column=column)

    def row_numbers(self, positions: Collection[int]) -> list[int]:
        """Return the rows in the file of some records, ascending, by their positions from 0."""
        wanted = set(positions)
        records = islice(self.records(), 1, max(wanted, default=-1) + 2)
        return [row for position, (row, _) in enumerate(records) if position in wanted]

    def _check_header(self) -> None:
        """Raise `DataError` unless there are two columns or more, named and distinct."""
        if not self.header:
            raise DataError(f"{self.title}: expected a header and rows, received an empty file.")
        if len(self.header) == 1:
            raise self.fault(
                self.first_row,
                "expected a label and at least one feature, received one column. Separate the "
                f"columns by {', '.join(SEPARATORS.values())}.",
            )
        for number, name in enumerate(self.header, start=1):
            if not name:
                text = f"expected a name above column {number}, received a blank. Name the column."
                raise self.fault(self.first_row, text)
            if len(name) > MAX_CELL:
                raise self._long_cell_fault(self.first_row, name, len(name))
        if (features := len(self.header) - 1) > MAX_FEATURES:
            text = f"expected at most {MAX_FEATURES:,} features, received {features:,}."
            raise self.fault(self.first_row, f"{text} Leave out what the classes cannot depend on.")
        name, times = Counter(self.header).most_common(1)[0]
        if times > 1:
            text = (
                f"expected distinct headers, received this one {times} times. Rename all but one, "
                "or say that the row is data (--no-header)."
            )
            raise self.fault(self.first_row, text, column=name)

    def _length_fault(self, row: int, length: int) -> DataError:
        """Return the error for a record that is shorter or longer than the header."""
        remedy = (
            "Add what is missing; an empty cell still needs its separator."
            if length < len(self.header)
            else "Remove what is too much, or put double quotes around a cell that contains a "
            f"{SEPARATORS[self.separator]}."
        )
        return self.fault(row, f"expected {len(self.header)} cells, received {length}. {remedy}")

    def _long_cell_fault(self, row: int, column: str, length: int) -> DataError:
        """Return the error for a cell that is too long to be a value."""
        return self.fault(
            row,
            f"expected at most {MAX_CELL:,} characters, received {length:,}. Shorten the cell, or "
            "close its double quote.",
            column=column,
        )

    def _quote_fault(self, row: int, reason: str) -> DataError:
        """Return the error for what the csv module could not read."""
        if "field larger" in reason:
            expected = f"cells of at most {MAX_CELL:,} characters, received a far longer one"
        elif "end of data" in reason:
            expected = "a closing double quote, received the end of the file"
        else:
            expected = "a separator after a closing double quote, received more text"
        return self.fault(
            row, f"expected {expected}. Close the quote, or double it if it is part of the text."
        )

    def _encoding_fault(self) -> DataError:
        """Return the error for the first byte that is not UTF-8."""
        content = self.path.read_bytes()
        try:
            content.decode()
        except UnicodeDecodeError as error:
            return self.fault(
                row_of(content, error.start),
                f"expected UTF-8 text, received the byte 0x{content[error.start]:02X}. "
                f"{SAVE_AS_UTF8}",
            )
        return DataError(f"{self.title}: changed while it was read. Load it again.")


def quoted(text: str) -> str:
    """Return a text of the file for a message: in quotes, and cut after 40 characters."""
    return repr(text if len(text) <= 40 else f"{text[:40]}…")


def _clean(name: str) -> str:
    """Return a header without the spaces around it, and without byte order marks.

    Concatenated files leave some inside; the next reader would take one for the file's own.
    """
    return name.replace(_BYTE_ORDER_MARK, "").strip()


def _with_row_names(
    header: tuple[str, ...], first: Sequence[Sequence[str]]
) -> tuple[tuple[str, ...], bool]:
    """Name a first column that names the rows and has no name itself.

    Args:
        header: of the file.
        first: its first records.

    Returns:
        The header, and whether the column was not in it at all.
    """
    name = ROW_NAMES
    while name in header:
        name += "_"
    if header[:1] == ("",):
        return (name, *header[1:]), False
    longer = first and all(len(record) == len(header) + 1 for record in first)
    # A separator at the end of each row makes it longer too, by an empty cell.
    if longer and len({record[0] for record in first}) == len(first) and first[0][-1].strip():
        return (name, *header), True
    return header, False


def _is_blank(record: list[str]) -> bool:
    """Return whether a record is that of a line which pandas skips."""
    return not record or (len(record) == 1 and record != [""] and not record[0].strip(" \t"))
