"""Records and tables as CSV that no spreadsheet runs as formulae.

A spreadsheet runs text as a formula that begins with one of `=`, `+`, `-`, `@`, tab or carriage
return (OWASP, "CSV Injection"; also a line feed, a null character, ASVS 5.0 V1.2.10, and the
full-width forms that a spreadsheet in East Asia takes for the same). Such text gets an apostrophe
in front, unless all of it is a number; so does what would begin a cell if the spreadsheet, set to
another language, took a semicolon, tab or line end within the text for the end of one.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from iris_core.data.feature_text import read_features
from iris_core.errors import DataError
from iris_core.records.attributes import FEATURES, REVIEW, RULE, SCORE
from iris_core.records.candidate import Candidate
from iris_core.records.record import Record

_STORED = tuple(name for name in SCORE if name != FEATURES)
_RECORD_COLUMNS = ("Row", *_STORED)
_CANDIDATE_COLUMNS = ("Run", *_RECORD_COLUMNS, *RULE, *REVIEW)
_UNPARSED = "Features"
"""Column of the texts that cannot be read back into fields."""

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_STARTERS = "=+\\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20"
_AT_START = re.compile(f"[{_STARTERS}]")
_WITHIN = re.compile(f"(?<=[;\t\r\n])(?=[\"' ]*[{_STARTERS}])")


def escape_formula(text: str) -> str:
    """Return text so that no spreadsheet runs it, or any part of it, as a formula."""
    if _NUMBER.fullmatch(text):
        return text
    text = _WITHIN.sub("'", text)
    return f"'{text}" if _AT_START.match(text) else text


def unescape_formula(text: str) -> str:
    """Return the text of which `escape_formula` made one that begins with an apostrophe."""
    return text[1:] if text.startswith("'") and _AT_START.match(text[1:]) else text


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a table as CSV for a spreadsheet: RFC 4180, UTF-8 with its mark, text made harmless.

    None is an empty cell. Whoever reads the file with a program sees the apostrophes.
    """
    sink = io.StringIO(newline="")
    writer = csv.writer(sink)
    writer.writerow(map(escape_formula, header))
    writer.writerows(map(as_cell, row) for row in rows)
    return sink.getvalue().encode("utf-8-sig")


def records_csv(records: Iterable[Record]) -> bytes:
    """Return tested records as CSV, in their order, a column for each field of their features."""
    return _table(_RECORD_COLUMNS, map(_record_row, records))


def candidates_csv(candidates: Iterable[Candidate]) -> bytes:
    """Return candidates and verdicts as CSV, in their order, a column for each field."""
    return _table(_CANDIDATE_COLUMNS, map(_candidate_row, candidates))


def _record_row(record: Record) -> tuple[tuple[object, ...], str]:
    """Return a record's columns, and its features."""
    stored = record.to_attributes()
    return (record.row, *(stored.get(name) for name in _STORED)), record.feature_string


def _candidate_row(candidate: Candidate) -> tuple[tuple[object, ...], str]:
    """Return a candidate's columns, and its features."""
    item = candidate.to_item()
    columns = (
        candidate.key.run,
        candidate.record.row,
        *(item.get(name) for name in _CANDIDATE_COLUMNS[2:]),
    )
    return columns, candidate.record.feature_string


def _table(columns: Sequence[str], rows: Iterable[tuple[tuple[object, ...], str]]) -> bytes:
    """Return a CSV of fixed columns, and of the fields of all features as they first appear."""
    names: dict[str, int] = {}
    lines: list[tuple[tuple[object, ...], Mapping[str, object]]] = []
    for cells, text in rows:
        fields = _fields(text)
        lines.append((cells, fields))
        for name in fields:
            names.setdefault(name, len(names))
    return csv_bytes(
        [*columns, *_distinct(names, columns)],
        ((*cells, *(fields.get(name) for name in names)) for cells, fields in lines),
    )


def _distinct(names: Iterable[str], reserved: Iterable[str]) -> Iterator[str]:
    """Yield the names of features as headers, none of them `reserved` or twice."""
    headers = set(reserved)
    for name in names:
        header = name
        while header in headers:
            header += " (feature)"
        headers.add(header)
        yield header


def _fields(text: str) -> Mapping[str, object]:
    """Return the fields of a `Features` text; the text as one field if it cannot be read."""
    try:
        return read_features(text)
    except DataError:
        return {_UNPARSED: text}


def as_cell(value: object) -> object:
    """Return a value as a cell: a number as it is, None as it is, all else as harmless text."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    return escape_formula(str(value))
