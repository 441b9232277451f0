"""Decide whether a column of text holds numbers or categories, by its distinct values."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.data.csv_file import MAX_CELL, CsvFile
from iris_core.errors import DataError

MISSING_WORDS = (
    *(
        "NA",
        "N/A",
        "n/a",
        "#N/A",
        "<NA>",
        "na",
        "n.a.",
        "N.A.",
        "NaN",
        "nan",
        "NAN",
        "-nan",
        "-NaN",
    ),
    *("NULL", "Null", "null", "(null)", "None", "none", "NONE", "nil", "?", "-", "--", ".", ".."),
)
"""Words that mean a missing value in a column of numbers or dates."""
MAX_NUMBER = float(np.finfo(np.float32).max)
# From here on a float does not hold every whole number.
EXACT_LIMIT = 2.0**53

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
# These are meant as numbers, but are not read as such: a decimal comma, infinity.
_ALMOST_NUMBER = re.compile(r"[+-]?(?:[0-9]+,[0-9]+|inf|infinity)", re.IGNORECASE)
_WHOLE = re.compile(r"[+-]?[0-9]+")
_WHOLE_LIMIT = 2**63
_REMEDY = "Correct the cell, or let the column hold categories."


@dataclass(frozen=True, eq=False)
class TextColumn:
    """The distinct values of a column, so that each is parsed once.

    Attributes:
        column: the column's name.
        values: as written.
        stripped: the values without the spaces around them, "" for one of `MISSING_WORDS`.
        codes: (rows,) each row's position in `values`, -1 where the cell is empty.
    """

    column: str
    values: list[str]
    stripped: list[str]
    codes: NDArray[np.intp]

    @classmethod
    def of(cls, text: pd.Series) -> TextColumn:
        """Return the distinct values of a column of text."""
        codes, distinct = text.array.factorize()
        values = distinct.tolist()
        stripped = ["" if value.strip() in MISSING_WORDS else value.strip() for value in values]
        return cls(str(text.name), values, stripped, codes)

    @property
    def present(self) -> list[str]:
        """The distinct values that are not missing, without the spaces around them."""
        return [value for value in self.stripped if value]

    def count(self, values: Collection[str]) -> int:
        """Return how many cells hold one of some values, without the spaces around them."""
        wanted = set(values)
        is_wanted = np.array([value in wanted for value in self.stripped], dtype=bool)
        cells = np.bincount(self.codes[self.codes >= 0], minlength=len(self.values))
        return int(cells[is_wanted].sum()) if len(is_wanted) else 0

    def check_lengths(self, file: CsvFile) -> None:
        """Raise `DataError` for a cell that is too long to be a value."""
        for code, value in enumerate(self.values):
            if len(value) > MAX_CELL:
                raise self.fault(file, code, "a shorter text", "Shorten the cell.")

    def check_labels(self, file: CsvFile) -> None:
        """Raise `DataError` unless every row has a label."""
        blank = [code for code, value in enumerate(self.values) if not value.strip()]
        missing = np.isin(self.codes, [-1, *blank])
        if missing.any():
            remedy = "Write the label, or remove the row."
            raise file.cell_fault(int(missing.argmax()), self.column, "a label", remedy)

    def are_numbers(self) -> bool:
        """Return whether at least half of the cells that are not missing are numbers.

        A column of empty cells alone counts as numbers; one of `MISSING_WORDS` alone does not.
        """
        if not any(self.stripped):
            return not self.values
        counts = np.bincount(self.codes[self.codes >= 0], minlength=len(self.stripped))
        is_number = [
            bool(_NUMBER.fullmatch(text) or _ALMOST_NUMBER.fullmatch(text))
            for text in self.stripped
        ]
        is_present = [text != "" for text in self.stripped]
        return bool(counts[is_number].sum() * 2 >= counts[is_present].sum())

    def as_numbers(self, file: CsvFile) -> NDArray[np.int64] | NDArray[np.float64]:
        """Return the column's numbers, (rows,), NaN where they are missing.

        Raises:
            DataError: a cell is not a number, or one that is too large for a float32 or has more
                digits than a float64 holds.
        """
        numbers = [
            self._number(file, code) if cell else np.nan for code, cell in enumerate(self.stripped)
        ]
        if self._are_whole():
            whole = [int(Decimal(cell)) for cell in self.stripped]
            if all(-_WHOLE_LIMIT <= number < _WHOLE_LIMIT for number in whole):
                return np.array(whole, dtype=np.int64)[self.codes]
        for code, number in enumerate(numbers):
            self._check_exact(file, code, number)
        # An empty cell has the code -1, the last value.
        return np.array([*numbers, np.nan], dtype=np.float64)[self.codes]

    def _number(self, file: CsvFile, code: int) -> float:
        """Return a value as a number; raises `DataError` if it is not one, or too large."""
        if not _NUMBER.fullmatch(self.stripped[code]):
            remedy = (
                "Correct the cell, or leave it empty if it is missing; the decimal mark is a point."
            )
            raise self.fault(file, code, "a number", remedy)
        number = float(self.stripped[code])
        if abs(number) > MAX_NUMBER:
            raise self.fault(file, code, f"a number up to {MAX_NUMBER:.1e}", _REMEDY)
        return number

    def _are_whole(self) -> bool:
        """Return whether every cell holds a whole number."""
        return bool((self.codes >= 0).all()) and all(map(_WHOLE.fullmatch, self.stripped))

    def _check_exact(self, file: CsvFile, code: int, number: float) -> None:
        """Raise `DataError` for a whole number with digits that a float would lose."""
        if abs(number) < EXACT_LIMIT or not _WHOLE.fullmatch(self.stripped[code]):
            return
        if Decimal(self.stripped[code]) not in (Decimal(number), Decimal(repr(number))):
            expected = "fewer digits (the column is not all whole numbers of 64 bits)"
            raise self.fault(file, code, expected, _REMEDY)

    def fault(self, file: CsvFile, code: int, expected: str, remedy: str) -> DataError:
        """Return the error for the first cell that holds a value."""
        return file.cell_fault(int((self.codes == code).argmax()), self.column, expected, remedy)
