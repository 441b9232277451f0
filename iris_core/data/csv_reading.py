"""Read a labelled CSV file into a data set, or report the first cell that prevents it.

Text is UTF-8; the separator (comma, semicolon, tab or vertical bar) is found in the header.

**Kinds.** A column in which at least half of the cells that are not missing are numbers is
numeric, and then every one of them must be a number; whole numbers stay whole, but become floats
in a column with missing cells. Every other column holds categories, exactly as written, and so
does a numeric one that is passed as `categorical`. Labels are always text, exactly as written.

**Missing values.** An empty cell is missing, and in a numeric column so is each of
`text_column.MISSING_WORDS`; in a column of categories those are categories like any other. A model
imputes a missing number with the training mean (0 after scaling); a missing category is none of
the categories (all zeros). A missing label is an error.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from iris_core.data.csv_file import CsvFile, quoted
from iris_core.data.datasets import DataSet
from iris_core.data.text_column import EXACT_LIMIT, MISSING_WORDS, TextColumn
from iris_core.errors import DataError

# A column of mixed kinds is read again, as written.
warnings.filterwarnings("ignore", category=pd.errors.DtypeWarning)


def read_csv(
    source: Path | bytes,
    *,
    name: str | None = None,
    label: str | None = None,
    categorical: Collection[str] = (),
) -> DataSet:
    """Read a labelled CSV.

    Args:
        source: the file, or its content.
        name: of the data set; the file's name by default.
        label: the label's column; the first by default.
        categorical: numeric columns that hold categories (codes, not quantities).

    Returns:
        The data set, its label column moved first.

    Raises:
        DataError: the file cannot be a data set; the message names file, row, column and remedy.
    """
    title = source.name if isinstance(source, Path) else name or "CSV"
    with on_disk(source, title) as path:
        file = CsvFile.open(path, title)
        label = file.header[0] if label is None else label
        for column in (label, *categorical):
            if column not in file.header:
                raise DataError(
                    f"{title}: expected a column {quoted(column)}, received "
                    f"{_listed(file.header)}. Choose one of these."
                )
        frame = _read_frame(file, label, categorical)
    if file.header[0] != label:
        frame = frame[[label, *(column for column in file.header if column != label)]]
    return DataSet((name or title).removesuffix(".csv"), label, frame)


@contextmanager
def on_disk(source: Path | bytes, title: str) -> Iterator[Path]:
    """Yield the path of a source: pandas reads a file on all cores, but a buffer on one."""
    if isinstance(source, Path):
        yield source
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        try:
            path.write_bytes(source)
        except OSError as error:
            raise DataError(
                f"{title}: expected room for it in {folder}, received '{error.strerror}'. Make "
                "room, and load it again."
            ) from error
        yield path


def _read_frame(file: CsvFile, label: str, categorical: Collection[str]) -> pd.DataFrame:
    """Read the table, every column either numbers or text as written, and no label missing."""
    as_text = {label, *categorical}
    frame = parse(file)
    if not len(frame):
        raise DataError(f"{file.title}: expected rows, received a header without rows.")
    columns = dict(frame.items())
    unclear = [
        position
        for position, (name, column) in enumerate(columns.items())
        if not is_clear(column, text=name in as_text)
    ]
    if unclear:
        columns.update(parse(file, unclear).items())
    labels = TextColumn.of(columns[label])
    numbers = {}
    for name, column in columns.items():
        if isinstance(column.dtype, pd.StringDtype):
            text = labels if name == label else TextColumn.of(column)
            text.check_lengths(file)
            if name not in as_text and text.are_numbers():
                numbers[name] = text.as_numbers(file)
    if labels.values:
        labels.check_labels(file)
    else:
        # Nobody knows the class of any row.
        columns[label] = pd.Series("", index=frame.index, name=label, dtype="str")
    if not unclear and not numbers and labels.values:
        return frame
    # Arrays, for the indexes of so many series would be compared.
    return pd.DataFrame({name: column.array for name, column in columns.items()} | numbers)


def parse(
    file: CsvFile,
    positions: Sequence[int] | None = None,
    *,
    rows: int | None = None,
    missing: Sequence[str] = (),
) -> pd.DataFrame:
    """Read a table with types inferred, or the columns at `positions` as written.

    Args:
        file: the file.
        positions: of columns, ascending; None for all of them, with types inferred.
        rows: how many rows to read; None for all.
        missing: further words for a missing value.

    Raises:
        DataError: the rows of the file have a fault.
    """
    words = [""] if positions is not None else ["", *MISSING_WORDS]
    try:
        frame = pd.read_csv(
            file.path,
            sep=file.separator,
            compression=None,
            usecols=None if positions is None else list(positions),
            dtype=None if positions is None else "str",
            keep_default_na=False,
            na_values=[*words, *missing],
            nrows=rows,
            header=0,
            names=list(file.header) if file.names_rows else None,
        )
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        file.check()
        raise DataError(f"{file.title}: cannot be read as CSV ({error}).") from error
    if positions is not None or rows is not None:
        positions = range(len(file.header)) if positions is None else positions
        return frame.set_axis([file.header[position] for position in positions], axis=1)
    # pandas turns the cells that a row has too many into an index, and pads a row that has too
    # few, so that its last cell looks missing.
    separators = (len(frame) + 1) * (len(file.header) - 1) - file.names_rows
    padded = frame.iloc[:, -1].hasnans and file.count_separators() != separators
    if (padded or not isinstance(frame.index, pd.RangeIndex)) and file.check() != len(frame):
        raise DataError(
            f"{file.title}: expected {len(file.header)} cells in every row, received a row of "
            "nothing but blanks in double quotes. Remove it."
        )
    return frame.set_axis(list(file.header), axis=1)


def is_clear(column: pd.Series, *, text: bool) -> bool:
    """Return whether pandas' guess at the column's kind lost nothing of the file's text."""
    if isinstance(column.dtype, pd.StringDtype):
        return not column.array.isna().any()
    if text or column.dtype not in ("int64", "float64"):
        return False
    values = column.to_numpy()
    # False for a column without any number too: the comparison with NaN fails.
    return bool(np.fmax.reduce(values) < EXACT_LIMIT and np.fmin.reduce(values) > -EXACT_LIMIT)


def _listed(names: Sequence[str]) -> str:
    """Return the names, quoted and separated by commas, the first 30 at most."""
    more = f" and {len(names) - 30} more" if len(names) > 30 else ""
    return ", ".join(map(quoted, names[:30])) + more
