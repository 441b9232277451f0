"""Rewrite a sheet of an Excel workbook as CSV."""

from __future__ import annotations

import csv
import datetime as dt
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iris_core.data.csv_file import quoted
from iris_core.data.csv_source import column_names
from iris_core.errors import DataError

if TYPE_CHECKING:
    from openpyxl import Workbook

    Cells = Sequence[object]

_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
_BLOCK = 1 << 20
_MAX_BYTES = 1 << 30
# Of Excel itself.
_MAX_ROWS = 1 << 20
_EXACT_LIMIT = 2.0**53
_SAVE_AGAIN = "Open it in a spreadsheet and save it again, or save the sheet as CSV."

# Styles and validations that it does not keep; values are all that is read.
warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")


def workbook_to_csv(
    source: Path, target: Path, title: str, *, sheet: str | None, header: bool
) -> tuple[int, list[str]]:
    """Write a sheet of a workbook as UTF-8 CSV.

    Numbers become the shortest text that says them, whole ones without a decimal point unless
    others of their column have decimals; dates YYYY-MM-DD, with THH:MM:SS where there is a time;
    truth values True and False; formulas the value that was saved with them. Blank rows stay, for
    the rows' numbers; blank columns, and titles above the table, are left out.

    Args:
        source: the workbook (.xlsx, .xlsm).
        target: where to write.
        title: the workbook's name in messages.
        sheet: its name; by default the only one that is not empty.
        header: the first row names the columns; otherwise they are named column_1, column_2, …

    Returns:
        The number that the target's first row has in the sheet, and what was understood, in
        sentences.

    Raises:
        DataError: the workbook is broken or empty, the sheet is not there or not the only one, or
            a formula has no value.
    """
    with _opened(source, title) as (values, formulas):
        name, notes = _choose(formulas, title, sheet)
        if formulas is not values:
            _check_formulas(values, formulas, name, f"{title}, sheet {quoted(name)}")
        rows = list(_rows(values, name, title))
        top = _top(rows)
        notes += _titles(rows[:top])
        columns = _columns(rows[top:])
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if not header:
            notes.append(
                f"The sheet has no header; its columns are named column_1 to column_{len(columns)}."
            )
            writer.writerow(column_names(len(columns)))
        for record in zip(*columns, strict=True):
            # A line of commas alone would be a record of missing values.
            writer.writerow(record if any(record) else ())
    return top + (1 if header else 0), notes


@contextmanager
def _opened(source: Path, title: str) -> Iterator[tuple[Workbook, Workbook]]:
    """Yield a workbook with its values, and with its formulas; the same one if it has none."""
    from openpyxl import load_workbook

    try:
        has_formulas = _check_archive(source, title)
        with source.open("rb") as first, source.open("rb") as second:
            values = load_workbook(first, read_only=True, data_only=True)
            yield values, load_workbook(second, read_only=True) if has_formulas else values
    except DataError:
        raise
    # It answers a broken file by whatever its code stumbles over.
    except Exception as error:
        raise DataError(
            f"{title}: cannot be read as an Excel workbook ({error}). {_SAVE_AGAIN}"
        ) from error


def _check_archive(source: Path, title: str) -> bool:
    """Return whether any sheet has a formula; raises `DataError` for a workbook of another kind."""
    with zipfile.ZipFile(source) as archive:
        names = archive.namelist()
        if "xl/workbook.xml" not in names:
            form = "a binary workbook" if "xl/workbook.bin" in names else "another ZIP archive"
            raise DataError(
                f"{title}: expected an Excel workbook (.xlsx), received {form}. Save the table as "
                ".xlsx or CSV, or unpack the archive and load the file inside."
            )
        if sum(member.file_size for member in archive.infolist()) > _MAX_BYTES:
            raise DataError(
                f"{title}: expected a workbook of at most 1 GiB when unpacked, received a larger "
                "one. Save the sheet as CSV."
            )
        sheets = [name for name in names if name.startswith("xl/worksheets/")]
        return any(_has_formula(archive, name) for name in sheets)


def _has_formula(archive: zipfile.ZipFile, name: str) -> bool:
    """Return whether a sheet has a formula."""
    with archive.open(name) as member:
        end = b""
        while block := member.read(_BLOCK):
            if _FORMULA.search(end + block):
                return True
            end = block[-_BLOCK // 1024 :]
    return False


def _rows(book: Workbook, sheet: str, title: str) -> Iterator[Cells]:
    """Yield the values of each row of a sheet, which may differ in length."""
    for number, row in enumerate(_cells(book, sheet, values_only=True)):
        if number >= _MAX_ROWS:
            raise DataError(
                f"{title}, sheet {quoted(sheet)}: expected at most {_MAX_ROWS:,} rows, received "
                "more. Save the sheet as CSV."
            )
        yield row


def _cells(book: Workbook, sheet: str, *, values_only: bool) -> Iterator[Any]:
    """Yield the cells of each row of a sheet."""
    worksheet = book[sheet]
    # What the file says of its size is not always true.
    worksheet.reset_dimensions()
    yield from worksheet.iter_rows(values_only=values_only)


def _choose(book: Workbook, title: str, sheet: str | None) -> tuple[str, list[str]]:
    """Return the sheet to read, and a note if others were passed over."""
    names = [worksheet.title for worksheet in book.worksheets]
    filled = [
        name
        for name in names
        if any(not _is_blank(cell) for row in _rows(book, name, title) for cell in row)
    ]
    if sheet is not None and sheet not in names:
        raise DataError(
            f"{title}: expected a sheet {quoted(sheet)}, received {_listed(names)}. Choose one of "
            "these."
        )
    chosen = filled if sheet is None else [name for name in filled if name == sheet]
    if not chosen:
        where = title if sheet is None else f"{title}, sheet {quoted(sheet)}"
        raise DataError(f"{where}: expected a header and rows, received empty cells only.")
    if len(chosen) > 1:
        raise DataError(
            f"{title}: expected one sheet with data, received {len(chosen)}: {_listed(chosen)}. "
            f'Choose one of them (--sheet "{chosen[0]}").'
        )
    return chosen[0], [f"Read the sheet {quoted(chosen[0])}."] if len(names) > 1 else []


def _check_formulas(values: Workbook, formulas: Workbook, sheet: str, where: str) -> None:
    """Raise `DataError` for a formula without a value, as programs write that do not compute."""
    rows = zip(
        _cells(values, sheet, values_only=False),
        _cells(formulas, sheet, values_only=False),
        strict=True,
    )
    for shown, written in rows:
        for value, cell in zip(shown, written, strict=True):
            # An empty text has the type of a text.
            if value.value is None and value.data_type == "n" and cell.data_type == "f":
                raise DataError(
                    f"{where}, cell {cell.coordinate}: expected the value of the formula, received "
                    "none. Open the workbook in a spreadsheet, save it, and load it again."
                )


def _top(rows: Sequence[Cells]) -> int:
    """Return the position of the table's first row: of the first one with two cells or more."""
    counts = [sum(not _is_blank(cell) for cell in row) for row in rows]
    least = min(2, max(counts))
    return next(at for at, count in enumerate(counts) if count >= least)


def _titles(rows: Sequence[Cells]) -> list[str]:
    """Return a note on the texts above the table."""
    texts = [quoted(str(cell)) for row in rows for cell in row if not _is_blank(cell)]
    return [f"Left out what stands above the table: {', '.join(texts[:5])}."] if texts else []


def _columns(rows: Sequence[Cells]) -> list[list[str]]:
    """Return the texts of each column that is not blank, as long as the rows are many."""
    used = sorted({at for row in rows for at, cell in enumerate(row) if not _is_blank(cell)})
    return [_texts([row[at] if at < len(row) else None for row in rows]) for at in used]


def _texts(cells: Cells) -> list[str]:
    """Return the text of a column's cells."""
    has_decimals = any(isinstance(cell, float) and cell % 1 for cell in cells)
    return [_text(cell, has_decimals=has_decimals) for cell in cells]


def _text(cell: object, *, has_decimals: bool) -> str:
    """Return the text of a cell.

    Args:
        cell: its value.
        has_decimals: whether another number of its column has some.
    """
    if cell is None:
        return ""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        whole = not isinstance(cell, float) or (not cell % 1 and abs(cell) < _EXACT_LIMIT)
        return f"{int(cell)}.0" if whole and has_decimals else str(int(cell) if whole else cell)
    if isinstance(cell, dt.datetime):
        # Excel counts days: a second is no exact part of one.
        moment = (cell + dt.timedelta(seconds=0.5)).replace(microsecond=0)
        return moment.isoformat().removesuffix("T00:00:00")
    if isinstance(cell, dt.timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    return str(cell)


def _is_blank(cell: object) -> bool:
    """Return whether a cell shows nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _listed(names: Sequence[str]) -> str:
    """Return the names, quoted and separated by commas, the first 30 at most."""
    return ", ".join(map(quoted, names[:30]))
