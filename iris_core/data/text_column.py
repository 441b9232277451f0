"""Tell what a column of text holds, numbers or categories, by its distinct words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.data.csv_file import MAX_CELL, CsvFile, quoted
from iris_core.errors import DataError

MISSING_WORDS = (
    *("NA", "N/A", "n/a", "#N/A", "NaN", "nan"),
    *("NULL", "Null", "null", "None", "?"),
)
MAX_NUMBER = float(np.finfo(np.float32).max)
# From here on a float does not hold every whole number.
EXACT_LIMIT = 2.0**53

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
# Whoever writes these means a number: a decimal comma, infinity.
_ALMOST_NUMBER = re.compile(r"[+-]?(?:[0-9]+,[0-9]+|inf|infinity)", re.IGNORECASE)
_WHOLE = re.compile(r"[+-]?[0-9]+")
_WHOLE_LIMIT = 2**63
_RETHINK = "Correct the cell, or let the column hold categories."


@dataclass(frozen=True, eq=False)
class TextColumn:
    """The distinct words of a column, so that each is looked at once.

    Attributes:
        column: the column's name.
        words: the words as written.
        cells: the words without the spaces around them, "" for one that stands for missing.
        codes: (rows,) each row's position in `words`, -1 where the cell is empty.
    """

    column: str
    words: list[str]
    cells: list[str]
    codes: NDArray[np.intp]

    @classmethod
    def of(cls, text: pd.Series) -> TextColumn:
        """Return the distinct words of a column of text."""
        codes, distinct = text.array.factorize()
        words = distinct.tolist()
        cells = ["" if word.strip() in MISSING_WORDS else word.strip() for word in words]
        return cls(str(text.name), words, cells, codes)

    def check_lengths(self, file: CsvFile) -> None:
        """Raise `DataError` for a cell that is too long to be a value."""
        for code, word in enumerate(self.words):
            if len(word) > MAX_CELL:
                raise self._fault(file, code, "a shorter text", "Shorten the cell.")

    def check_labels(self, file: CsvFile) -> None:
        """Raise `DataError` unless every row has a label, and there are two classes or more."""
        blank = [code for code, word in enumerate(self.words) if not word.strip()]
        missing = np.isin(self.codes, [-1, *blank])
        if missing.any():
            remedy = "Write the label, or remove the row."
            raise file.cell_fault(int(missing.argmax()), self.column, "a label", remedy)
        if len(self.words) < 2:
            raise DataError(
                f"{file.shown}, column {quoted(self.column)}: expected at least two classes, "
                f"received only {quoted(self.words[0])}. Add rows of another class, or choose "
                "another label column."
            )

    def are_numbers(self) -> bool:
        """Tell whether at least half of the cells that are not missing are numbers.

        So is a column that is empty throughout; one of nothing but missing words is not.
        """
        if not any(self.cells):
            return not self.words
        counts = np.bincount(self.codes[self.codes >= 0], minlength=len(self.cells))
        numbers = [
            bool(_NUMBER.fullmatch(cell) or _ALMOST_NUMBER.fullmatch(cell)) for cell in self.cells
        ]
        return bool(counts[numbers].sum() * 2 >= counts[[cell != "" for cell in self.cells]].sum())

    def as_numbers(self, file: CsvFile) -> NDArray[np.int64] | NDArray[np.float64]:
        """Return the column's numbers, (rows,), NaN where they are missing.

        Raises:
            DataError: a cell is no number, or one that is too large or too long to be held.
        """
        values = [
            self._number(file, code) if cell else np.nan for code, cell in enumerate(self.cells)
        ]
        if self._are_whole():
            whole = [int(Decimal(cell)) for cell in self.cells]
            if all(-_WHOLE_LIMIT <= number < _WHOLE_LIMIT for number in whole):
                return np.array(whole, dtype=np.int64)[self.codes]
        for code, value in enumerate(values):
            self._check_exact(file, code, value)
        # An empty cell has the code -1, the last value.
        return np.array([*values, np.nan], dtype=np.float64)[self.codes]

    def _number(self, file: CsvFile, code: int) -> float:
        """Return a word's number; raises `DataError` if it is none, or too large."""
        if not _NUMBER.fullmatch(self.cells[code]):
            remedy = (
                "Correct the cell, or leave it empty if it is missing; the decimal mark is a point."
            )
            raise self._fault(file, code, "a number", remedy)
        value = float(self.cells[code])
        if abs(value) > MAX_NUMBER:
            raise self._fault(file, code, f"a number up to {MAX_NUMBER:.1e}", _RETHINK)
        return value

    def _are_whole(self) -> bool:
        """Tell whether every cell holds a whole number."""
        return bool((self.codes >= 0).all()) and all(map(_WHOLE.fullmatch, self.cells))

    def _check_exact(self, file: CsvFile, code: int, value: float) -> None:
        """Raise `DataError` for a whole number with digits that a float would lose."""
        if abs(value) < EXACT_LIMIT or not _WHOLE.fullmatch(self.cells[code]):
            return
        if Decimal(self.cells[code]) not in (Decimal(value), Decimal(repr(value))):
            expected = "fewer digits (the column is not all whole numbers of 64 bits)"
            raise self._fault(file, code, expected, _RETHINK)

    def _fault(self, file: CsvFile, code: int, expected: str, remedy: str) -> DataError:
        """Return the error for the first cell that holds a word."""
        return file.cell_fault(int((self.codes == code).argmax()), self.column, expected, remedy)
