"""Cells of one kind written as another: text as numbers, codes as text."""

from __future__ import annotations

import pandas as pd

from iris_core.data.text_column import MAX_NUMBER
from iris_core.errors import SchemaError


def as_numbers(column: pd.Series) -> pd.Series:
    """Return numbers that came as text or plain values; raises `SchemaError` if some are none."""
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    wrong = column[~(numbers.abs() <= MAX_NUMBER) & column.notna()]
    if len(wrong):
        raise SchemaError(
            f"column '{column.name}': expected numbers, as in training, received "
            f"{str(wrong.iloc[0])[:40]!r}. Correct the column, or train a model on it as it is."
        )
    return numbers


def as_text(column: pd.Series) -> pd.Series:
    """Return categories as text; a code that was read as a number is written as a whole one."""
    if not pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype("str")
    return column.map(_code, na_action="ignore").astype("str")


def _code(number: float) -> str:
    """Return a number as it was written, if it was a whole one; floats stand in for missing."""
    return repr(number) if number % 1 else str(int(number))
