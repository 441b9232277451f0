"""Read a JSON list of objects, one at a time: it may be large, and anybody may have written it."""

from __future__ import annotations

import codecs
import json
import math
import re
import reprlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from iris_core.errors import DataError

JsonObject = dict[str, object]

MAX_BYTES = 500_000_000
"""Of a file."""
MAX_OBJECTS = 1_000_000
"""Of a list: what is kept of each needs memory."""
MAX_CHARACTERS = 8_000_000
"""Of one object."""
MAX_DIGITS = 40
"""Of a number."""

_CHUNK = 1 << 20
_SPACE = re.compile(r"[ \t\r\n]*")
_BEGINNING = re.compile(rb"(\xef\xbb\xbf)?[ \t\r\n]*[\[{]")


def is_json(file: Path) -> bool:
    """Return whether a file begins as a JSON list or object does; not if it cannot be read."""
    try:
        with file.open("rb") as source:
            return _BEGINNING.match(source.read(4096)) is not None
    except OSError:
        return False


def json_objects(file: Path, part: str) -> Iterator[tuple[int, JsonObject]]:
    """Yield the objects of a JSON list with their numbers, from 1.

    One object is in memory at a time. Names that an object has twice, numbers that are none (NaN)
    or longer than `MAX_DIGITS`, and what else is no JSON by RFC 8259 are refused.

    Args:
        file: in UTF-8.
        part: what an object is, for messages, such as `task`.

    Raises:
        DataError: it is no such list, or larger than the limits.
    """
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise DataError(
                f"{file.name}: import it in parts: expected at most {MAX_BYTES:,} bytes, "
                f"received {size:,}."
            )
        with file.open("rb") as source:
            yield from _objects(_Text(source), file.name, part)
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file.name}: expected JSON in UTF-8, received {error}.") from error


def shortened(value: object) -> str:
    """Return a value for a message, however large it is."""
    return reprlib.repr(value)


def _objects(text: _Text, name: str, part: str) -> Iterator[tuple[int, JsonObject]]:
    """Yield the objects of a text with their numbers."""
    if text.sign() != "[":
        raise DataError(f"{name}: expected a JSON list of {part}s, received something else.")
    text.skip()
    number = 0
    while text.sign() != "]":
        number += 1
        where = f"{name}, {part} {number}"
        if number > MAX_OBJECTS:
            raise DataError(
                f"{name}: import it in parts: expected at most {MAX_OBJECTS:,} {part}s, "
                "received more."
            )
        if text.sign() != "{":
            raise DataError(f"{where}: expected a JSON object, received {text.sign()!r}.")
        yield number, _parsed(text, where)
        if text.sign() not in (",", "]"):
            raise DataError(f"{where}: expected a comma or ']' after it, received {text.sign()!r}.")
        if text.sign() == ",":
            text.skip()
            if text.sign() != "{":
                raise DataError(
                    f"{where}: expected another object after the comma, received {text.sign()!r}."
                )
    text.skip()
    if text.sign():
        raise DataError(f"{name}: expected nothing after the list, received {text.sign()!r}.")


def _parsed(text: _Text, where: str) -> JsonObject:
    """Return the next object of a text; raise `DataError` if it is none that can be trusted."""
    try:
        return text.parse()
    except _UntrustedError as error:
        raise DataError(f"{where}: {error}") from error
    except json.JSONDecodeError as error:
        raise DataError(
            f"{where}: expected a JSON object of at most {MAX_CHARACTERS:,} characters, received "
            f"something else: {error.msg}."
        ) from error
    except RecursionError as error:
        raise DataError(
            f"{where}: expected lists within lists some levels deep, received hundreds."
        ) from error


class _UntrustedError(Exception):
    """A part of an object is none that can be trusted; the message says what was expected."""


def _without_copies(pairs: list[tuple[str, object]]) -> JsonObject:
    """Return an object; refuse one that has a name twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise _UntrustedError(f"expected each name once, received {shortened(twice)} twice.")
    return found


def _checked_length(digits: str) -> str:
    """Return a number's text; refuse one that is too long to be meant."""
    if len(digits) > MAX_DIGITS:
        raise _UntrustedError(
            f"expected numbers of at most {MAX_DIGITS} digits, received {len(digits):,}."
        )
    return digits


def _whole(digits: str) -> int:
    """Return a whole number."""
    return int(_checked_length(digits))


def _finite(digits: str) -> float:
    """Return a number with a decimal point or exponent; refuse one that is infinite."""
    value = float(_checked_length(digits))
    if not math.isfinite(value):
        raise _UntrustedError(f"expected a finite number, received {digits}.")
    return value


def _refuse(name: str) -> object:
    """Refuse NaN and the infinities, which JSON has not."""
    raise _UntrustedError(f"expected a finite number, received {name}.")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_without_copies,
    parse_int=_whole,
    parse_float=_finite,
    parse_constant=_refuse,
)


class _Text:
    """The text of a file, as far as it was read and is not used up."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._is_whole = False

    def sign(self) -> str:
        """Return the next character that is no white space; empty at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if self._is_whole:
                return ""
            self._read()

    def skip(self) -> None:
        """Pass over the next character."""
        self._at += 1

    def parse(self) -> JsonObject:
        """Return the object that begins here, and pass over it.

        Raises:
            JSONDecodeError: none does, or it is too large.
            RecursionError: it is nested too deeply.
        """
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                # Perhaps the rest of it was not read yet.
                if self._is_whole or len(self._text) - self._at > MAX_CHARACTERS:
                    raise
                self._read()
            else:
                self._at = end
                found: JsonObject = value
                return found

    def _read(self) -> None:
        """Read on: as much as is there, so that all in all little is parsed twice."""
        raw = self._source.read(max(_CHUNK, len(self._text) - self._at))
        self._is_whole = not raw
        self._text = self._text[self._at :] + self._decoder.decode(raw, final=not raw)
        self._at = 0
