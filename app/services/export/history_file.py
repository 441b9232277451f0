"""A history as a file: JSON Lines, or Parquet where the name ends in `.parquet`.

    {"kind": "end", "runs": 2, "candidates": 31}    the last line of JSON Lines

so that a file that was cut between two lines is no history. In Parquet every column is text; what a
run has of numbers and tables is JSON in it. Both are written and read a part at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from app.services.export.history_entries import (
    KIND,
    RUN,
    RUN_FIELDS,
    TEXTS,
    Entry,
    checked,
    plain_entry,
)
from aws.history_items import CARRIED
from iris_core.errors import DataError, OptionError
from iris_core.records.attributes import VERDICT
from iris_core.records.run import Run
from iris_core.records.verdict import UNDECIDED
from iris_core.storage.atomic_files import flush, scratch

END = "end"
LINE_BYTES = 1 << 22
"""Bytes of a line at most: an item of 400 KB, each of its characters escaped."""
PART = 2_000
"""Rows of a Parquet file that are in memory at once."""
_COLUMNS: Final = (KIND, *RUN_FIELDS, *CARRIED)
_AGAIN = "Export the history again, and import the whole file"


@dataclass(slots=True)
class HistoryCounts:
    """What a history has.

    Attributes:
        runs: number of runs.
        candidates: number of candidates.
        verdicts: number of candidates with a verdict.
    """

    runs: int = 0
    candidates: int = 0
    verdicts: int = 0

    def add(self, entry: Entry) -> None:
        """Count an entry."""
        if isinstance(entry, Run):
            self.runs += 1
        else:
            self.candidates += 1
            self.verdicts += entry.get(VERDICT, UNDECIDED) != UNDECIDED


def write_history(out: Path, entries: Iterable[Entry]) -> HistoryCounts:
    """Write a history; if that fails, what was there stays as it was.

    Args:
        out: the file.
        entries: runs, each followed by its candidates in test order.

    Raises:
        OptionError: there is something else than a file under that name.
        StoreError: the file cannot be written.
    """
    if out.exists() and not out.is_file():
        raise OptionError(f"Name a file in --out: expected one, or none yet, received {out}.")
    out, counts = out.resolve(), HistoryCounts()
    write = _write_parquet if _is_parquet(out) else _write_lines
    with scratch(out.parent) as folder:
        new = folder / out.name
        write(new, _counted(entries, counts), counts)
        flush(new)
        new.replace(out)
        flush(out.parent)
    return counts


def read_history(file: Path) -> Iterator[Entry]:
    """Yield the entries of a history, each checked.

    Raises:
        DataError: the file cannot be read, was cut, or has what this version does not know; the
            message names the line.
    """
    return checked(_parquet_rows(file) if _is_parquet(file) else _lines(file))


def _is_parquet(file: Path) -> bool:
    return file.suffix.lower() == ".parquet"


def _counted(entries: Iterable[Entry], counts: HistoryCounts) -> Iterator[Entry]:
    for entry in entries:
        counts.add(entry)
        yield entry


def _write_lines(new: Path, entries: Iterable[Entry], counts: HistoryCounts) -> None:
    with new.open("w", encoding="utf-8", newline="\n") as file:
        for entry in entries:
            file.write(json.dumps(plain_entry(entry)) + "\n")
        end = {KIND: END, "runs": counts.runs, "candidates": counts.candidates}
        file.write(json.dumps(end) + "\n")


def _lines(file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield where each line is, and its object, up to the last line, which says how many."""
    number = runs = candidates = 0
    with _readable(file), file.open("rb") as lines:
        while line := lines.readline(LINE_BYTES):
            number += 1
            place = f"{file.name}, line {number}"
            values = _object(place, line)
            if values.get(KIND) == END:
                if lines.readline(1):
                    raise DataError(f"{place}: expected the file to end there. {_AGAIN}.")
                _check_end(place, values, runs, candidates)
                return
            runs += values.get(KIND) == RUN
            candidates += values.get(KIND) != RUN
            yield place, values
    raise DataError(
        f"{file.name}: the file was cut after line {number}: expected a last line with "
        f'"kind": "end". {_AGAIN}.'
    )


def _object(place: str, line: bytes) -> Mapping[str, Any]:
    """Return the object of a line; raise `DataError` if it is none."""
    try:
        values = json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        if not line.endswith(b"\n") and len(line) < LINE_BYTES:
            raise DataError(f"{place}: the file was cut within this line. {_AGAIN}.") from error
        raise DataError(f"{place}: expected a JSON object, received {line[:40]!r}.") from error
    if not isinstance(values, dict):
        raise DataError(f"{place}: expected a JSON object, received {line[:40]!r}.")
    return values


def _check_end(place: str, values: Mapping[str, Any], runs: int, candidates: int) -> None:
    """Raise `DataError` unless a file has as much as its last line says."""
    said = (values.get("runs"), values.get("candidates"))
    if said != (runs, candidates):
        raise DataError(
            f"{place}: lines are missing before it: expected {said[0]} runs and {said[1]} "
            f"candidates, received {runs:,} and {candidates:,}. {_AGAIN}."
        )


def _write_parquet(new: Path, entries: Iterable[Entry], _counts: HistoryCounts) -> None:
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    schema = pa.schema([(name, pa.string()) for name in _COLUMNS])
    rows = map(_cells, entries)
    with pq.ParquetWriter(new, schema) as writer:
        while part := list(islice(rows, PART)):
            writer.write_table(pa.Table.from_pylist(part, schema=schema))


def _cells(entry: Entry) -> dict[str, str | None]:
    """Return the texts of an entry by column; what is not a text as JSON."""
    return {
        name: value if isinstance(value, str) else None if value is None else json.dumps(value)
        for name, value in plain_entry(entry).items()
    }


def _parquet_rows(file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield where each row is, and its values without the empty cells."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    with _readable(file, pa.ArrowException), pq.ParquetFile(file) as table:
        unknown = [name for name in table.schema_arrow.names if name not in _COLUMNS]
        if unknown or KIND not in table.schema_arrow.names:
            named = f"the column {unknown[0][:80]!r}" if unknown else f"no column {KIND!r}"
            raise DataError(
                f"{file.name}: expected the columns of a history, received {named}. Import the "
                "file with the version of Iris Loop that wrote it."
            )
        for batch in table.iter_batches(batch_size=PART):
            for cells in batch.to_pylist():
                number += 1
                place = f"{file.name}, row {number}"
                texts = {name: text for name, text in cells.items() if text is not None}
                yield place, _values(place, texts)


def _values(place: str, texts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the values of a row; raise `DataError` for JSON that cannot be read."""
    if texts.get(KIND) != RUN:
        return texts
    values = dict(texts)
    for name in texts.keys() & set(RUN_FIELDS) - TEXTS:
        try:
            values[name] = json.loads(texts[name])
        except (ValueError, TypeError, RecursionError) as error:
            raise DataError(
                f"{place}, key {name!r}: expected JSON, received {texts[name]!r:.80}."
            ) from error
    return values


@contextmanager
def _readable(file: Path, *kinds: Callable[..., Exception]) -> Iterator[None]:
    """Turn what cannot be read into a `DataError` that names the file."""
    try:
        yield
    except (OSError, *kinds) as error:  # type: ignore[misc]
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(
            f"{file.name}: expected a history that can be read, received '{reason}'. {_AGAIN}."
        ) from error
