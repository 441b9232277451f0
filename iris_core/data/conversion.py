"""Convert a column from one kind to another: text to numbers, codes to text."""

from __future__ import annotations

import pandas as pd

from iris_core.data.text_column import MAX_NUMBER
from iris_core.errors import SchemaError


def as_numbers(column: pd.Series) -> pd.Series:
    """Return a column of text or plain values as float64, NaN where a value is missing.

    Raises:
        SchemaError: a value is not a number, or is out of the range of a float32.
    """
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    wrong = column[~(numbers.abs() <= MAX_NUMBER) & column.notna()]
    if len(wrong):
        raise SchemaError(
            f"column '{column.name}': expected numbers, as in training, received "
            f"{str(wrong.iloc[0])[:40]!r}. Correct the column, or train a model on it as it is."
        )
    return numbers


def as_text(column: pd.Series) -> pd.Series:
    """Return a column of categories as text; a whole number such as the code 2.0 becomes "2"."""
    if not pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype("str")
    return column.map(_code, na_action="ignore").astype("str")


def _code(number: float) -> str:
    """Return the text of a code, which is a float where other codes of the column are missing."""
    return repr(number) if number % 1 else str(int(number))
