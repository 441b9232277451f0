"""Rewrite a CSV file as UTF-8 with a header: of another encoding, with a `sep=` line, headless."""

from __future__ import annotations

import codecs
import csv
import re
import shutil
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from iris_core.data.csv_file import SEPARATORS, CsvFile, quoted
from iris_core.errors import DataError

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF8_NAMES = ("utf-8", "utf-8-sig")
_SEP_LINE = re.compile(r'"?sep=([^"\r\n])"?[\r\n]+', re.IGNORECASE)
_LONGEST_SEP_LINE = 16
_BLOCK = 1 << 20
# Rows by which a line above the table is recognised.
_LOOKED_AT = 21
_SAVE_AS_UTF8 = "save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8')"


def csv_to_utf8(
    source: Path, target: Path, title: str, *, encoding: str | None, header: bool
) -> tuple[int, list[str]] | None:
    """Write a CSV file as UTF-8 text that begins with a header, unless it is so already.

    Args:
        source: the file.
        target: where to write; a file beside it with the suffix `.txt` may be written too.
        title: the file's name in messages.
        encoding: of the text; by default UTF-8, or UTF-16 if it begins with that one's mark.
        header: the first row names the columns; otherwise they are named column_1, column_2, …

    Returns:
        The number that the target's first row has in the source (0: the header was added) and what
        was understood, in sentences; or None if there was nothing to do, and nothing was written.

    Raises:
        DataError: the text is not of the encoding, or a quote makes it unreadable.
    """
    notes = []
    encoding = _checked_encoding(source, title, encoding)
    text = source
    if encoding in _UTF8_NAMES:
        for _ in _decoded(source, title, "utf-8"):
            pass
    else:
        text = target.with_suffix(".txt")
        # UTF-7 can say halves of characters.
        with text.open("w", encoding="utf-8", errors="replace", newline="") as file:
            file.writelines(_decoded(source, title, encoding))
        notes.append(f"Read as {encoding} text.")
    separator = _announced_separator(text)
    if separator is None:
        _check_first_line(text, title)
    if separator is not None:
        name = SEPARATORS.get(separator, quoted(separator))
        notes.append(f"The first line says that the separator is a {name}.")
        width = _copy_separated(text, target, title, separator, header=header)
        first_row = 2
    elif header:
        if text is source:
            return None
        text.replace(target)
        return 1, notes
    else:
        width = _copy_below_header(text, target, title)
        first_row = 1
    if header or not width:
        return first_row, notes
    notes.append(f"The file has no header; its columns are named column_1 to column_{width}.")
    return first_row - 1, notes


def column_names(width: int) -> list[str]:
    """Return the names of columns that have none in their file."""
    return [f"column_{number}" for number in range(1, width + 1)]


def _checked_encoding(source: Path, title: str, encoding: str | None) -> str:
    """Return the encoding to read by, by the name that Python gives it."""
    if encoding is None:
        with source.open("rb") as file:
            return "utf-16" if file.read(2) in _UTF16_MARKS else "utf-8"
    if not _is_encoding(encoding):
        raise DataError(
            f"{title}: expected the name of an encoding, received {quoted(encoding)}. Choose one "
            "such as utf-8, utf-16, cp1252 or latin-1."
        )
    return codecs.lookup(encoding).name


def _is_encoding(name: str) -> bool:
    """Return whether Python knows an encoding of text by this name; some make bytes of bytes."""
    try:
        return isinstance(codecs.getincrementaldecoder(name)().decode(b""), str)
    except (LookupError, TypeError, ValueError):
        return False


def _decoded(source: Path, title: str, encoding: str) -> Iterator[str]:
    """Yield a file's text block by block; raises `DataError` at the first byte that is none."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    with source.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                before = error.object[: error.start].decode(encoding, "ignore")
                remedy = (
                    f"Choose the encoding that it was saved with (--encoding cp1252, for one, if "
                    f"it comes from Excel on Windows), or {_SAVE_AS_UTF8}."
                )
                raise DataError(
                    f"{title}, line {lines + before.count(chr(10))}: expected {encoding.upper()} "
                    f"text, received the byte 0x{error.object[error.start]:02X}. {remedy}"
                ) from None
            except UnicodeError:
                raise DataError(
                    f"{title}: expected {encoding.upper()} text, received none. Choose the "
                    f"encoding that it was saved with, or {_SAVE_AS_UTF8}."
                ) from None
            lines += text.count("\n")
            yield text
            if not block:
                return


def _announced_separator(text: Path) -> str | None:
    """Return the separator that the first line of a file announces to Excel: `sep=;`."""
    with text.open(encoding="utf-8-sig", newline="") as file:
        match = _SEP_LINE.fullmatch(file.readline(_LONGEST_SEP_LINE))
    return match[1] if match else None


def _check_first_line(text: Path, title: str) -> None:
    """Raise `DataError` if a title or a remark stands above the table.

    Such a line is one cell by the separator by which most of the next rows have as many cells, and
    no separator gives most of them as many as it has.
    """
    files = [CsvFile(text, title, mark) for mark in SEPARATORS]
    cells = [[len(cells) for _, cells in islice(file.records(), _LOOKED_AT)] for file in files]
    if any(
        first > 1 and 2 * others.count(first) > len(others)
        for first, *others in filter(None, cells)
    ):
        return
    for file, (first, *others) in zip(files, filter(None, cells), strict=False):
        width = max(others, key=others.count, default=1)
        if first == 1 and width > 2 and 2 * others.count(width) > len(others):
            row, record = next(file.records())
            raise file.fault(
                row,
                f"remove the lines above the table: expected {width} cells as in the rows below, "
                f"received {quoted(record[0])}.",
            )


def _copy_separated(
    text: Path, target: Path, title: str, separator: str, *, header: bool
) -> int | None:
    """Copy a file without its first line and with commas for another separator.

    Returns:
        The number of columns, None without a row.
    """
    width = None
    with (
        text.open(encoding="utf-8-sig", newline="") as lines,
        target.open("w", encoding="utf-8", newline="") as file,
    ):
        lines.readline()
        writer = csv.writer(file)
        row = 1
        try:
            for record in csv.reader(lines, delimiter=separator, strict=True):
                row += 1
                if width is None and record:
                    width = len(record)
                    if not header:
                        writer.writerow(column_names(width))
                writer.writerow(record)
        except csv.Error:
            raise DataError(
                f"{title}, row {row + 1}: expected double quotes in pairs, received one that is "
                "open. Close the quote, or double it if it is part of the text."
            ) from None
    return width


def _copy_below_header(text: Path, target: Path, title: str) -> int | None:
    """Copy a file below a header of its own.

    Returns:
        The number of columns, None without a row.
    """
    firsts: dict[str, Sequence[str]] = {
        mark: next(CsvFile(text, title, mark).records(), (1, []))[1] for mark in SEPARATORS
    }
    separator = max(SEPARATORS, key=lambda mark: len(firsts[mark]))
    width = len(firsts[separator]) or None
    with text.open("rb") as lines, target.open("wb") as file:
        start = lines.read(len(codecs.BOM_UTF8))
        if width:
            file.write(separator.join(column_names(width)).encode() + b"\n")
        file.write(start.removeprefix(codecs.BOM_UTF8))
        shutil.copyfileobj(lines, file)
    return width
