"""Read a record's `Features`: text that anybody may have written into the table."""

from __future__ import annotations

import ast

from iris_core.data.csv_file import MAX_CELL
from iris_core.data.text_column import MAX_NUMBER
from iris_core.errors import DataError

LONGEST_FEATURES = 390_000
"""Characters of a `Features` text that are parsed at most; an extended-iris record has 700."""

Plain = str | int | float | None


def read_features(text: str) -> dict[str, Plain]:
    """Return the fields of a record by name, as `Record.feature_string` holds them.

    Raises:
        DataError: the text is too long, or is not a dict of plain values by name.
    """
    if len(text) > LONGEST_FEATURES:
        raise DataError(
            f"expected at most {LONGEST_FEATURES:,} characters in Features, received {len(text):,}."
        )
    try:
        fields = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        fields = None
    if not isinstance(fields, dict) or not all(
        isinstance(name, str) and _is_plain(name) and _is_plain(value)
        for name, value in fields.items()
    ):
        raise DataError(
            "expected texts, numbers and None by name in Features, as str(dict) writes "
            f"them, received {text[:40]!r}."
        )
    return fields


def _is_plain(value: object) -> bool:
    """Return whether a value is one that a cell of a data set can hold."""
    if isinstance(value, str):
        # Half a surrogate pair can be written into no file.
        encodable = value.isascii() or value.encode(errors="ignore").decode() == value
        return encodable and len(value) <= MAX_CELL and "\0" not in value
    return value is None or (isinstance(value, int | float) and abs(value) <= MAX_NUMBER)
