"""Rewrite a Parquet file as CSV: what a column's type says is lost, its values are not."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
import pyarrow.csv  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from iris_core.data.csv_file import quoted
from iris_core.errors import DataError

_REMEDY = "Save the table again as Parquet, or as CSV"
_ROWS = 1 << 16


def parquet_to_csv(source: Path, target: Path, title: str) -> None:
    """Write a Parquet file as UTF-8 CSV.

    Missing values, and floats that are no number, become empty; truth values True and False; dates
    YYYY-MM-DD; times YYYY-MM-DDTHH:MM:SS, in UTC if they have a zone; decimals keep their digits;
    floats keep a decimal point. A dictionary's values are written, not its codes. An index that
    pandas stored is a column like any other.

    Args:
        source: the file.
        target: where to write.
        title: the file's name in messages.

    Raises:
        DataError: the file is broken, or has nested columns or others without a text.
    """
    try:
        with pq.ParquetFile(source) as file:
            _check_columns(file.schema_arrow, title)
            names = file.schema_arrow.names
            schema = pa.schema([(name, pa.string()) for name in names])
            # Arrow writes text in double quotes, but an empty cell without.
            with pyarrow.csv.CSVWriter(target, schema) as writer:
                for batch in file.iter_batches(batch_size=_ROWS):
                    columns = [
                        _as_text(column, name, title)
                        for name, column in zip(names, batch.columns, strict=True)
                    ]
                    writer.write_batch(pa.record_batch(columns, schema=schema))
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(
            f"{title}: cannot be read as a Parquet file ({reason.rstrip('.')}). {_REMEDY}."
        ) from error


def _check_columns(schema: pa.Schema, title: str) -> None:
    """Raise `DataError` for a table without columns, or with columns that hold tables."""
    if not schema.names:
        raise DataError(f"{title}: expected columns, received a Parquet file without any.")
    nested = [quoted(field.name) for field in schema if pa.types.is_nested(field.type)]
    if nested:
        raise DataError(
            f"{title}: expected one value in each cell, received nested columns: "
            f"{', '.join(nested[:30])}. {_REMEDY}, without them or with a column for each of their "
            "parts."
        )


def _as_text(column: pa.Array, name: str, title: str) -> pa.Array:
    """Return a column as text; raises `DataError` if it has none."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    try:
        if pa.types.is_boolean(column.type):
            return pc.if_else(column, "True", "False")
        if pa.types.is_floating(column.type):
            return _floats_as_text(column)
        if pa.types.is_timestamp(column.type):
            seconds = column.cast(pa.timestamp("s"), safe=False).cast(pa.string())
            return pc.replace_substring(seconds, " ", "T")
        return column.cast(pa.string())
    except pa.ArrowException:
        raise DataError(
            f"{title}, column {quoted(name)}: expected text, numbers or dates, received "
            f"{column.type}. {_REMEDY}, without this column."
        ) from None


def _floats_as_text(column: pa.Array) -> pa.Array:
    """Return floats in as few digits as say them; Arrow alone would write 5.0 as 5."""
    finite = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    return pc.replace_substring_regex(finite.cast(pa.string()), r"^(-?[0-9]+)$", r"\1.0")
