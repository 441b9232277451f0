"""Know a row by its feature values: a fingerprint of 64 bits.

It depends neither on the row's label nor on its place, nor on the order of the columns: numbers
count by value (5 is 5.0, and 0 is -0), categories by their text, and every missing value is the
same. A million different rows share a fingerprint with a probability of 3e-8 (n^2 / 2^65).
Fingerprints are kept in files and tables, so they must never change from version to version.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.data.conversion import as_numbers, as_text

Fingerprints = NDArray[np.uint64]

# What fits into a core's own cache: mixing is several passes over the same values.
_BLOCK = 16_384
_TEXT_KEY = "iris-loop-row-id"
_LETTERS = str.maketrans("0123456789abcdef", "zyxwvutsrqponmlk")
_DIGITS = str.maketrans("zyxwvutsrqponmlk", "0123456789abcdef")
_IS_LETTERS = re.compile("[k-z]{16}")
_MISSING = np.uint64(0x9E3779B97F4A7C15)


def fingerprints(
    frame: pd.DataFrame, *, numeric: Sequence[str], categorical: Sequence[str]
) -> Fingerprints:
    """Return the fingerprint of each row of a table.

    Args:
        frame: has a column for each name; all others are ignored, such as the label.
        numeric: the columns that are numbers.
        categorical: the columns that are categories.

    Returns:
        (rows,) 64 bits each.

    Raises:
        SchemaError: a numeric column holds text.
    """
    total = np.zeros(len(frame), dtype=np.uint64)
    for name in numeric:
        _add(total, name, _number_bits(frame[name]))
    for name in categorical:
        _add(total, name, _text_bits(frame[name]))
    return total


def as_letters(values: Fingerprints) -> list[str]:
    """Return fingerprints as they are stored: 16 letters from k to z each.

    They stand for hex digits; a spreadsheet would read digits as a number now and then.
    """
    return [f"{value:016x}".translate(_LETTERS) for value in values.tolist()]


def from_letters(texts: Sequence[str]) -> Fingerprints:
    """Return the fingerprints that `as_letters` wrote.

    Raises:
        ValueError: a text is not one of 16 letters from k to z.
    """
    if not all(map(_IS_LETTERS.fullmatch, texts)):
        raise ValueError("expected fingerprints of 16 letters from k to z")
    return np.array([int(text.translate(_DIGITS), 16) for text in texts], dtype=np.uint64)


def mixed(values: Fingerprints) -> Fingerprints:
    """Return each value with all its bits mixed: neighbours become unrelated numbers.

    The finaliser of SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number
    generators", OOPSLA 2014.
    """
    values = values ^ (values >> np.uint64(30))
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values


def _add(total: Fingerprints, name: str, bits: Fingerprints) -> None:
    """Add a column to the rows' totals: a sum does not depend on the order of the columns."""
    seed = hashlib.blake2b(name.encode(), digest_size=8).digest()
    column = np.uint64(int.from_bytes(seed, "little"))
    for start in range(0, len(bits), _BLOCK):
        block = slice(start, start + _BLOCK)
        total[block] += mixed(mixed(bits[block]) ^ column)


def _number_bits(column: pd.Series) -> Fingerprints:
    """Return the bits of each number as a float of 64 bits."""
    if column.dtype not in ("int64", "float64"):
        column = as_numbers(column)
    # Adding 0 makes 0 of -0, which is the same number in other bits.
    values = column.to_numpy(dtype=np.float64) + 0.0
    bits = values.view(np.uint64)
    bits[np.isnan(values)] = _MISSING
    return bits


def _text_bits(column: pd.Series) -> Fingerprints:
    """Return 64 bits of each text, hashed once for each that occurs."""
    codes, texts = pd.factorize(as_text(column))
    known = pd.util.hash_array(np.asarray(texts, dtype=object), hash_key=_TEXT_KEY)
    # A missing text has the code -1, the last value.
    return np.append(known, _MISSING)[codes]
