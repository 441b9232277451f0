"""Whether a file is UTF-8 text at all, and which row a byte of it is in."""

from __future__ import annotations

import mmap
import re
from pathlib import Path

from iris_core.errors import DataError

SAVE_AS_UTF8 = "Save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8')."

_OTHER_FORMATS = {
    b"PK\x03\x04": "an Excel workbook or a ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF document",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}
# A line end, or else a quoted cell that may hold some.
_ROW_END = re.compile(rb'(?:\A|(?<=[,;\t|\r\n]))"(?:[^"]+|"")*"?|(\r\n?|\n)')


def check_content(path: Path, title: str) -> None:
    """Raise `DataError` if the file cannot be read, is empty, or is not text."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
            if not start:
                raise DataError(f"{title}: expected a header and rows, received an empty file.")
            for magic, form in _OTHER_FORMATS.items():
                if start.startswith(magic):
                    raise DataError(f"{title}: expected CSV text, received {form}. {SAVE_AS_UTF8}")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                nul = content.find(b"\0")
                if nul >= 0:
                    row = row_of(content, nul)
                    raise DataError(
                        f"{title}, row {row}: expected text, received a NUL byte. {SAVE_AS_UTF8}"
                    )
    except OSError as error:
        raise DataError(f"{title}: cannot be read ({error.strerror}).") from error


def row_of(content: bytes | mmap.mmap, offset: int) -> int:
    """Return the row that the byte at `offset` is in."""
    return 1 + sum(end.lastindex is not None for end in _ROW_END.finditer(content, 0, offset))
