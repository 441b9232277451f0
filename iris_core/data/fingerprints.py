"""Know a row by its feature values: a fingerprint of 64 bits.

It depends neither on the row's label nor on its place, nor on the order of the columns: numbers
count by value (5 is 5.0, and 0 is -0), categories by their text, and every missing value is the
same. A million different rows share a fingerprint with a probability of 3e-8 (n^2 / 2^65).
Fingerprints are kept in files and tables, so they must never change from version to version.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.data.conversion import as_numbers, as_text

Fingerprints = NDArray[np.uint64]

# What fits into a core's own cache, and is long enough that cores rarely meet at Python's lock:
# mixing is several passes over the same values.
_BLOCK = 65_536
_TEXT_KEY = "iris-loop-row-id"
_LETTERS = "zyxwvutsrqponmlk"
_DIGITS = str.maketrans(_LETTERS, "0123456789abcdef")
_PAIRS = np.array([first + second for first in _LETTERS for second in _LETTERS], dtype="S2")
_IS_LETTERS = re.compile("[k-z]{16}")
_MISSING = np.uint64(0x9E3779B97F4A7C15)
# Of the finaliser of SplitMix64: how far bits are moved, and what they are multiplied by.
_ROUNDS = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)
_LAST_DISTANCE = np.uint64(31)


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
    columns: list[_Numbers | _Texts] = [
        *(_Numbers(name, _floats(frame[name])) for name in numeric),
        *(_Texts.of(name, frame[name]) for name in categorical),
    ]
    total = np.zeros(len(frame), dtype=np.uint64)

    def add(start: int) -> None:
        """Add the columns of a block: a sum does not depend on their order."""
        block = slice(start, start + _BLOCK)
        bits = np.empty_like(total[block])
        scratch = np.empty_like(bits)
        for column in columns:
            column.write(block, bits)
            _mix(bits, scratch)
            np.bitwise_xor(bits, column.seed, out=bits)
            _mix(bits, scratch)
            total[block] += bits

    starts = range(0, len(frame), _BLOCK)
    if len(starts) == 1:
        add(0)
        return total
    # NumPy lets go of Python's lock, so every core takes blocks.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(add, starts):
            pass
    return total


def as_letters(values: Fingerprints) -> list[str]:
    """Return fingerprints as they are stored: 16 letters from k to z each.

    They stand for hex digits; a spreadsheet would read digits as a number now and then.
    """
    by_byte = np.ascontiguousarray(values.astype(">u8")).view(np.uint8)
    letters: list[str] = _PAIRS[by_byte].view("S16").astype("U16").tolist()
    return letters


def from_letters(texts: Sequence[str]) -> Fingerprints:
    """Return the fingerprints that `as_letters` wrote.

    Raises:
        ValueError: a text is not one of 16 letters from k to z.
    """
    if not all(map(_IS_LETTERS.fullmatch, texts)):
        raise ValueError("expected fingerprints of 16 letters from k to z")
    return np.array([int(text.translate(_DIGITS), 16) for text in texts], dtype=np.uint64)


def is_among(values: Fingerprints, known: Fingerprints) -> NDArray[np.bool_]:
    """Return (values,) whether each is one of `known`, which are ascending; any may be empty."""
    if not len(known):
        return np.zeros(len(values), dtype=bool)
    places = np.searchsorted(known, values)
    places[places == len(known)] = 0
    found: NDArray[np.bool_] = known[places] == values
    return found


def union(one: Fingerprints, other: Fingerprints) -> Fingerprints:
    """Return the different values of both, ascending: NumPy hashes them, and takes much longer."""
    both = np.sort(np.concatenate([one, other]), kind="stable")
    return both[np.append(True, both[1:] != both[:-1])] if len(both) else both


def mixed(values: Fingerprints) -> Fingerprints:
    """Return each value with all its bits mixed: neighbours become unrelated numbers.

    The finaliser of SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number
    generators", OOPSLA 2014.
    """
    values = values.copy()
    _mix(values, np.empty_like(values))
    return values


def _mix(values: Fingerprints, scratch: Fingerprints) -> None:
    """Mix the bits of each value in place; `scratch` is room for as many."""
    for distance, factor in _ROUNDS:
        np.right_shift(values, distance, out=scratch)
        np.bitwise_xor(values, scratch, out=values)
        np.multiply(values, factor, out=values)
    np.right_shift(values, _LAST_DISTANCE, out=scratch)
    np.bitwise_xor(values, scratch, out=values)


def _seed(name: str) -> np.uint64:
    """Return 64 bits that stand for a column's name."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


class _Numbers:
    """A column of numbers: the bits of each as a float of 64 bits."""

    def __init__(self, name: str, values: NDArray[np.float64]) -> None:
        self.seed = _seed(name)
        self._values = values

    def write(self, block: slice, bits: Fingerprints) -> None:
        """Write the bits of a block of rows."""
        values = bits.view(np.float64)
        # Adding 0 makes 0 of -0, which is the same number in other bits.
        np.add(self._values[block], 0.0, out=values)
        np.copyto(bits, _MISSING, where=np.isnan(values))


@dataclass(frozen=True, slots=True)
class _Texts:
    """A column of categories: 64 bits of each text, hashed once for each that occurs."""

    seed: np.uint64
    codes: NDArray[np.intp]
    hashes: Fingerprints

    @classmethod
    def of(cls, name: str, column: pd.Series) -> _Texts:
        """Return the column."""
        codes, texts = pd.factorize(as_text(column))
        known = pd.util.hash_array(np.asarray(texts, dtype=object), hash_key=_TEXT_KEY)
        return cls(_seed(name), codes, np.append(known, _MISSING))

    def write(self, block: slice, bits: Fingerprints) -> None:
        """Write the bits of a block of rows."""
        # A missing text has the code -1, the last value.
        bits[:] = self.hashes[self.codes[block]]


def _floats(column: pd.Series) -> NDArray[np.float64]:
    """Return a column of numbers, NaN where they are missing."""
    if column.dtype not in ("int64", "float64"):
        column = as_numbers(column)
    values: NDArray[np.float64] = column.to_numpy(dtype=np.float64)
    return values
