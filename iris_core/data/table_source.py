"""Make a CSV file of any table: CSV of other encodings, Excel workbooks, Parquet files.

Only a CSV file is read further. What is one already, UTF-8 with a header, is not copied.
"""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from iris_core.data.csv_source import csv_to_utf8
from iris_core.data.parquet_source import parquet_to_csv
from iris_core.data.workbook_source import workbook_to_csv
from iris_core.errors import DataError

_ARCHIVES = {
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
}
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_PARQUET = b"PAR1"
_ENCRYPTED_PARQUET = b"PARE"
# The name of the stream that holds a workbook with a password.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class SourceOptions:
    """How a file is to be read.

    Attributes:
        encoding: of a CSV file, by Python's name; by default UTF-8, or UTF-16 if it begins with
            that one's mark.
        header: the first row of a CSV file or sheet names the columns; otherwise they are named
            column_1, column_2, …
        sheet: of a workbook; by default the only one that is not empty.
    """

    encoding: str | None = None
    header: bool = True
    sheet: str | None = None


@dataclass(frozen=True)
class PreparedSource:
    """A table as a CSV file in UTF-8, with a header.

    Attributes:
        path: of the CSV file: the original one if there was nothing to do.
        first_row: the number that its first row, the header, has in the original; 0 if the header
            was added. The rows below follow in order.
        notes: what was understood, in sentences.
    """

    path: Path
    first_row: int = 1
    notes: tuple[str, ...] = ()


@contextmanager
def prepare(path: Path, title: str, options: SourceOptions) -> Iterator[PreparedSource]:
    """Yield a file as CSV; what was written for it is removed afterwards.

    Args:
        path: of the file: CSV, an Excel workbook (.xlsx, .xlsm) or Parquet, by its content.
        title: its name in messages.
        options: how it is to be read.

    Raises:
        DataError: the file is of another kind, or broken, or the options do not fit it.
    """
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise DataError(f"{title}: cannot be read ({error.strerror}).") from error
    _check_kind(path, title, start)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "data.csv"
        try:
            prepared = _rewritten(path, target, title, start, options)
        except OSError as error:
            raise DataError(
                f"{title}: expected room for a copy in {folder}, received '{error.strerror}'. Make "
                "room, and load it again."
            ) from error
        yield prepared


def _rewritten(
    path: Path, target: Path, title: str, start: bytes, options: SourceOptions
) -> PreparedSource:
    """Write a file as CSV, unless it is one already."""
    if start.startswith(_PARQUET):
        parquet_to_csv(path, target, title)
        return PreparedSource(target)
    if start.startswith(_ZIP):
        first_row, notes = workbook_to_csv(
            path, target, title, sheet=options.sheet, header=options.header
        )
        return PreparedSource(target, first_row, tuple(notes))
    if options.sheet is not None:
        raise DataError(
            f"{title}: expected a workbook with a sheet {options.sheet!r}, received a file without "
            "sheets. Leave out the sheet."
        )
    rewritten = csv_to_utf8(path, target, title, encoding=options.encoding, header=options.header)
    return (
        PreparedSource(path)
        if rewritten is None
        else PreparedSource(target, rewritten[0], tuple(rewritten[1]))
    )


def _check_kind(path: Path, title: str, start: bytes) -> None:
    """Raise `DataError` for an archive, an old workbook, or a file with a password."""
    for magic, form in _ARCHIVES.items():
        if start.startswith(magic):
            raise DataError(
                f"{title}: expected a table, received {form}. Unpack it, and load the file inside."
            )
    if start.startswith(_ENCRYPTED_PARQUET):
        raise DataError(
            f"{title}: expected a table, received an encrypted Parquet file. Save it again without "
            "encryption."
        )
    if start.startswith(_OLE):
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as ole:
            has_password = ole.find(_ENCRYPTED) >= 0
        raise DataError(
            f"{title}: expected a workbook without a password, received one that is encrypted. "
            "Open it in a spreadsheet and save it without the password."
            if has_password
            else f"{title}: expected an Excel workbook in today's form (.xlsx), received one in "
            "the old form (.xls). Open it in a spreadsheet and save it as .xlsx or CSV."
        )
