"""What a column of a file holds: plain numbers, numbers in another writing, dates, or categories.

A column is looked at as a whole. Most are plain numbers, which pandas has parsed already; of every
other one the distinct texts are looked at, each of them once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.data.ambiguous import Ambiguous
from iris_core.data.csv_file import CsvFile, quoted
from iris_core.data.matching import match_texts, same_numbers
from iris_core.data.role_guessing import ColumnFacts, identifies_rows
from iris_core.data.roles import MAX_CLASSES, Role
from iris_core.data.text_column import TextColumn
from iris_core.data.written_dates import DateStyle, recognise_dates
from iris_core.data.written_numbers import NumberStyle, most_numbers, recognise_numbers
from iris_core.errors import DataError

MOSTLY = 0.95
"""Share of the cells from which on a column holds numbers, and the others are faults."""
_SOME = 0.5
_SAMPLE = 2_000
_LOOKED_AT, _FEW_NUMBERS = 500, 0.9
_COUNTED_FROM = 20


@dataclass(frozen=True, eq=False)
class ColumnValues:
    """A column of a file.

    Attributes:
        name: of the column.
        rows: number of rows of the file.
        parsed: its numbers, int64 or float64, NaN where they are missing; None for text.
        written: the column as written; None for plain numbers.
        text: its distinct texts; None for plain numbers.
        style: how its numbers or dates are written; None for plain numbers and for categories.
        wrong: texts that are no numbers in a column of which at least half are some.
    """

    name: str
    rows: int
    parsed: pd.Series | None = None
    written: pd.Series | None = None
    text: TextColumn | None = None
    style: NumberStyle | DateStyle | Ambiguous[Any] | None = None
    wrong: tuple[str, ...] = ()

    @classmethod
    def of_numbers(cls, column: pd.Series) -> ColumnValues:
        """Return a column of plain numbers."""
        return cls(str(column.name), len(column), parsed=column)

    @classmethod
    def of_text(
        cls, column: pd.Series, *, decimal: str | None, date_order: str | None
    ) -> ColumnValues:
        """Return a column of text, and recognise how it is written.

        Args:
            column: as written, NaN where a cell is empty.
            decimal: the decimal mark where numbers can be read in two ways.
            date_order: "dmy", "mdy" or "ymd", the order in dates that can be read in two ways.
        """
        text = TextColumn.of(column)
        known = cls(str(column.name), len(column), written=column, text=text)
        present = text.present
        if not present:
            return known
        numbers = recognise_numbers(present, decimal=decimal)
        if numbers is not None:
            return replace(known, style=numbers)
        dates = recognise_dates(present, order=date_order)
        if dates is not None:
            return replace(known, style=dates)
        # Of a column of names it is known after a few of them.
        if len(present) > _LOOKED_AT:
            _, others = most_numbers(present[:_LOOKED_AT], decimal=decimal)
            if len(others) > _FEW_NUMBERS * _LOOKED_AT:
                return known
        mostly, wrong = most_numbers(present, decimal=decimal)
        share = 0.0 if mostly is None else 1 - text.count(wrong) / text.count(present)
        if share < _SOME:
            return known
        known = replace(known, wrong=tuple(wrong))
        is_faulty = share >= MOSTLY and len(present) - len(wrong) > MAX_CLASSES
        return replace(known, style=mostly) if is_faulty else known

    @classmethod
    def as_written(cls, column: pd.Series) -> ColumnValues:
        """Return a column of texts that are to stay as they are written."""
        return cls(str(column.name), len(column), written=column, text=TextColumn.of(column))

    @property
    def kind(self) -> Role:
        """What its values are: `Role.NUMBER`, `Role.DATE` or `Role.CATEGORY`."""
        style = self.style.styles[0] if isinstance(self.style, Ambiguous) else self.style
        if isinstance(style, DateStyle):
            return Role.DATE
        return Role.NUMBER if self.text is None or style is not None else Role.CATEGORY

    @property
    def question(self) -> str:
        """What only a person can decide about it; "" if nothing."""
        return self.style.explanation() if isinstance(self.style, Ambiguous) else ""

    @property
    def understood(self) -> str:
        """How it was read, a sentence; "" for plain numbers and categories."""
        if self.style is None and self.wrong:
            return f"Not all of its values are numbers, such as {quoted(self.wrong[0])}."
        if isinstance(self.style, NumberStyle):
            return self.style.explanation() if self.style.example else ""
        return self.style.explanation() if isinstance(self.style, DateStyle) else ""

    @property
    def facts(self) -> ColumnFacts:
        """What is known of it before it has a role."""
        if self.text is not None:
            values = self.text.present
            whole = self.kind == Role.NUMBER and all(map(str.isdecimal, self.examples(_SAMPLE)))
            return ColumnFacts(
                self.name,
                self.kind,
                self.rows,
                self.text.count(values),
                len(set(values)),
                whole,
                reason=self.question or self.understood,
            )
        numbers = self._numbers()
        is_whole = numbers.dtype == np.int64
        present = self.rows if is_whole else self.rows - int(np.isnan(numbers).sum())
        known = numbers if present == self.rows else numbers[~np.isnan(numbers)]
        sample = known[:_SAMPLE]
        # Of a measure a few rows say already that it is one.
        whole = is_whole or not (np.any(sample % 1) or np.any(known % 1))
        distinct = len(np.unique(sample))
        may_be_few = whole and (distinct <= MAX_CLASSES or identifies_rows(self.name))
        if present > _SAMPLE and (may_be_few or distinct == 1):
            distinct = len(pd.unique(known))
        return ColumnFacts(
            self.name,
            Role.NUMBER,
            self.rows,
            present,
            distinct,
            whole,
            is_counter=_is_counter(numbers),
        )

    def examples(self, count: int = 3) -> tuple[str, ...]:
        """Return some different values, as they are written or as plain numbers."""
        if self.text is not None:
            return tuple(self.text.present[:count])
        values = self._numbers()[:_SAMPLE]
        distinct = pd.unique(values[~np.isnan(values)])[:count].tolist()
        return tuple(map(repr, distinct))

    def numbers(self, file: CsvFile) -> NDArray[Any]:
        """Return its numbers, (rows,) int64 or float64, NaN where they are missing.

        Raises:
            DataError: a cell is no number, or the numbers can be read in two ways.
        """
        if self.text is None:
            return self._numbers()
        self._check_decided(file, "Choose one, or let the column hold categories")
        if isinstance(self.style, NumberStyle) and not self.wrong:
            plain = self.style.plain
            return self._converted(plain).as_numbers(file)
        if isinstance(self.style, NumberStyle):
            raise self.text.fault(
                file,
                self.text.stripped.index(self.wrong[0]),
                "a number, as in most cells of the column",
                f"{len(self.wrong):,} of {len(self.text.values):,} different values are none. "
                "Correct the cells, name the words that mean a missing value, or let the column "
                "hold categories or be ignored.",
            )
        return self.text.as_numbers(file)

    def dates(self, file: CsvFile) -> pd.Series:
        """Return its dates, (rows,) text in ISO 8601, missing where they are.

        Raises:
            DataError: a cell is no date, or the dates can be read in two ways.
        """
        self._check_decided(file, "Choose one, or let the column be ignored")
        if self.text is None or not isinstance(self.style, DateStyle):
            raise DataError(
                f"{file.title}, column {quoted(self.name)}: expected dates of one form, received "
                f"{', '.join(map(quoted, self.examples()))}. Correct the column, or let it hold "
                "another kind."
            )
        style = self.style
        present = self.text.present
        iso = dict(zip(present, style.to_iso(present), strict=True))
        return self._series(lambda value: iso.get(value.strip()))

    def texts(self, known: Collection[str] = ()) -> tuple[pd.Series, dict[str, str]]:
        """Return its texts, missing where empty, and what was read as another one.

        Words for a missing number stay as they are written: here they may be a category.

        Args:
            known: texts that a project or a model knows, by which others are read if they may be
                the same; without any, only the spaces around a text are left out, and texts of
                the same number are one.

        Returns:
            (rows,) text; and each distinct text that is read as another one, with that.
        """
        present = [value for value in self._text.values if value.strip()]
        if known:
            changed = match_texts(present, known)
        else:
            changed = {value: value.strip() for value in present if value != value.strip()}
            changed |= same_numbers(present)
        if not changed:
            return self.exact_texts(), changed
        return self._series(lambda value: changed.get(value, value)), changed

    def exact_texts(self) -> pd.Series:
        """Return its texts, (rows,), exactly as they are written, missing where blank."""
        if self.written is not None and all(map(str.strip, self._text.values)):
            return self.written
        return self._series(str)

    def codes(self) -> tuple[NDArray[np.int64], tuple[object, ...]]:
        """Return (rows,) the number of each row's value, -1 where it is missing; and the values."""
        own = pd.Series(self._numbers()) if self.text is None else self._series(str.strip)
        codes, values = pd.factorize(own)
        return codes.astype(np.int64), tuple(values.tolist())

    def may_have(self, values: int) -> bool:
        """Return whether the column may have just so many different values, at a quick look."""
        if self.text is not None:
            return len(self.text.values) >= values
        known = self._numbers()[:_SAMPLE]
        return len(np.unique(known[~np.isnan(known)])) <= values

    def check_lengths(self, file: CsvFile) -> None:
        """Raise `DataError` for a cell that is too long to be a value."""
        self._text.check_lengths(file)

    def _check_decided(self, file: CsvFile, remedy: str) -> None:
        """Raise `DataError` if the column can be read in two ways."""
        if self.question:
            raise DataError(f"{file.title}, column {quoted(self.name)}: {remedy}. {self.question}")

    @property
    def _text(self) -> TextColumn:
        """The distinct texts of a column that was read as text."""
        if self.text is None:
            raise ValueError(f"column {self.name!r} was not read as text")
        return self.text

    def _converted(self, convert: Callable[[str], str]) -> TextColumn:
        """Return the distinct texts, each of them converted."""
        stripped = [convert(value) if value else "" for value in self._text.stripped]
        return replace(self._text, stripped=stripped)

    def _series(self, convert: Callable[[str], str | None]) -> pd.Series:
        """Return (rows,) text made of each distinct value, missing where a cell is blank."""
        made = [convert(value) if value.strip() else None for value in self._text.values]
        # An empty cell has the code -1, the last value.
        distinct = pd.array([*made, None], dtype="str")
        return pd.Series(distinct.take(self._text.codes), name=self.name)

    def _numbers(self) -> NDArray[Any]:
        """Return the plain numbers as an array."""
        if self.parsed is None:
            raise ValueError(f"column {self.name!r} was read as text")
        numbers: NDArray[Any] = self.parsed.to_numpy()
        return numbers


def _is_counter(values: NDArray[Any]) -> bool:
    """Return whether each value is that of the row before and one, in more than a few rows."""
    if values.dtype != np.int64 or len(values) < _COUNTED_FROM:
        return False
    if values[-1] - values[0] != len(values) - 1:
        return False
    return bool((np.diff(values) == 1).all())
