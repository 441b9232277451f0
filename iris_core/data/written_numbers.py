"""Recognise the numbers of a column in other writings: "1.234,50 €", "12 %", "(5)", "3- kg".

A style belongs to a column, not to a cell: "1,234" alone may be 1234 or 1.234, but beside "12,5" it
can only be the latter. A column in which nothing decides is `Ambiguous`.

The point is the decimal mark that programs write. So a column of plain numbers that all have three
decimals ("1.234", "5.678") is read as such; only beside whole numbers of up to three digits
("1.234", "987"), where thousands points would look just so, is it ambiguous.

No numbers are: codes with a leading zero ("01", "08.15"), dates, times, ranges ("5-9"), versions
("1.2.3"), IP addresses, telephone numbers, and numbers of which only some have a unit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import NamedTuple

from iris_core.data.ambiguous import Ambiguous
from iris_core.data.number_units import CURRENCIES, CURRENCY_PATTERN, is_unit

_PLAIN = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_MINUS = "-\u2212\u2013"
_DASH = re.escape(_MINUS)
_SPACES = " \u00a0\u202f\u2009"
_APOSTROPHES = "'\u2019"
_SIGN = rf"[(+{_DASH}]?"
_WRITTEN = re.compile(
    rf"({_SIGN})\s*((?:(?![0-9.,])(?:{CURRENCY_PATTERN}))?)\s*({_SIGN})\s*"
    rf"([.,]?[0-9](?:[0-9.,{_APOSTROPHES}{_SPACES}]*[0-9])?)((?:[eE][+{_DASH}]?[0-9]+)?)"
    rf"((?:[{_DASH}](?=\s|$))?)(\)?)(\s*)((?:[^0-9\s.,()+{_APOSTROPHES}{_DASH}][^()]*?)?)\s*(\)?)"
)
_SAME_MARK = str.maketrans(dict.fromkeys(_SPACES, " ") | dict.fromkeys(_APOSTROPHES, "'"))
_TO_MINUS = str.maketrans(dict.fromkeys(_MINUS, "-") | {"(": "-", "+": ""})
# So many values are searched for a clear example.
_SAMPLE = 1000
# Longer texts are no numbers but in plain writing.
_LONGEST = 60
_MARK_NAMES = {",": "commas", ".": "points", " ": "spaces", "'": "apostrophes"}
_IP_ADDRESS = re.compile(r"(?:(?:1[0-9]{2}|2[0-4][0-9]|25[0-5]|[0-9]{1,2})(?:\.(?!$)|$)){4}")
# An international telephone number has at least so many digits.
_TELEPHONE_DIGITS = 9
# How thousands points look; 0.123 is none.
_IS_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")
_IS_SMALL_WHOLE = re.compile(r"[+-]?[0-9]{1,3}")


class _Parts(NamedTuple):
    """A written number in its parts: "-1.234,5 kg" is -, 1.234,5 and kg."""

    sign: str
    prefix: str
    body: str
    exponent: str
    suffix: str

    @property
    def around(self) -> tuple[str, str]:
        """What stands before and behind the number."""
        return self.prefix, self.suffix

    @classmethod
    def of(cls, text: str) -> _Parts | None:
        """Return the parts of a text, or None if it is no number in any writing."""
        match = _WRITTEN.fullmatch(text) if len(text) <= _LONGEST else None
        if match is None:
            return None
        lead, prefix, inner, body, exponent, trail, close, gap, suffix, end = match.groups()
        sign = lead + inner + trail
        if len(sign) > 1 or close + end != (")" if sign == "(" else ""):
            return None
        if suffix and not is_unit(suffix, attached=not gap):
            return None
        return cls(sign.translate(_TO_MINUS), prefix, body.translate(_SAME_MARK), exponent, suffix)


@dataclass(frozen=True)
class NumberStyle:
    """How the numbers of a column are written; the default is the plain style.

    The minus may be a hyphen, an en dash or U+2212, before or behind the number, or parentheses.

    Attributes:
        decimal: the decimal mark, "." or ",".
        thousands: the mark between thousands: "", ",", ".", " " for any space, or "'" for any
            apostrophe. A number may lack it.
        prefix: a currency before each number, or "".
        suffix: a currency, a unit or "%" behind each number, or "".
        example: a value of the column, as written; "" if all are plain text already.
    """

    decimal: str = "."
    thousands: str = ""
    prefix: str = ""
    suffix: str = ""
    example: str = field(default="", compare=False)

    def parse(self, text: str) -> float:
        """Return the number that a text of this style says; percentages as written, 12 % is 12.

        Raises:
            ValueError: the text is not of this style.
        """
        return float(self.plain(text))

    def plain(self, text: str) -> str:
        """Return a number of this style as plain text, with every digit: "1.234,50 €" is "1234.50".

        Raises:
            ValueError: the text is not of this style.
        """
        text = text.strip()
        if self == _PLAIN_STYLE and _PLAIN.fullmatch(text):
            return text.removeprefix("+")
        parts = _Parts.of(text)
        if parts is None or not self.fits(parts):
            raise ValueError(f"expected a number such as {self.example!r}, received {text!r}")
        body = self._plain_body(parts.body)
        return parts.sign + body + parts.exponent.translate(_TO_MINUS)

    def explanation(self) -> str:
        """Return how the column was read, a sentence with an example."""
        if not self.example:
            return "Read as numbers, as written."
        kind = "percentages" if self.suffix == "%" else "numbers"
        unit = self.prefix or (self.suffix if self.suffix != "%" else "")
        amounts = unit in CURRENCIES
        kind = f"amounts in {unit}" if amounts else f"numbers in {unit}" if unit else kind
        if self.decimal == ",":
            kind += " with a decimal comma"
        elif self.thousands:
            kind += f" with {_MARK_NAMES[self.thousands]} between thousands"
        return f"Read as {kind}: {self.example!r} is {self.plain(self.example)}."

    def fits(self, parts: _Parts) -> bool:
        """Return whether a number is of this style."""
        return parts.around == (self.prefix, self.suffix) and bool(
            _body_test(self.decimal, self.thousands).fullmatch(parts.body)
        )

    def _plain_body(self, body: str) -> str:
        """Return the digits of a number with a decimal point."""
        if self.thousands:
            body = body.replace(self.thousands, "")
        body = body.replace(self.decimal, ".")
        return f"0{body}" if body.startswith(".") else body


_PLAIN_STYLE = NumberStyle()


def recognise_numbers(
    values: Sequence[str], *, decimal: str | None = None
) -> NumberStyle | Ambiguous[NumberStyle] | None:
    """Find the style in which every value of a column is a number.

    Args:
        values: the distinct texts of a column, without those that mean a missing value.
        decimal: the decimal mark to read by where a column reads both ways: what a person chose,
            or what the other columns of the file have.

    Returns:
        The style; or two of them if nothing decides; or None if a value is no number, or if there
        is no value.
    """
    texts = [value.strip() for value in values]
    if texts and all(map(_PLAIN.fullmatch, texts)):
        found = _decided(_plain_readings(texts, decimal), texts, decimal)
        return _PLAIN_STYLE if found == _PLAIN_STYLE else found
    numbers: list[_Parts] = []
    for text in texts:
        parts = _Parts.of(text)
        if parts is None or (numbers and parts.around != numbers[0].around):
            return None
        numbers.append(parts)
    styles = [style for style in _styles(numbers) if all(style.fits(parts) for parts in numbers)]
    if not styles or _are_codes(styles[0], texts, [parts.body for parts in numbers]):
        return None
    return _decided(styles, texts, decimal)


def most_numbers(
    values: Sequence[str], *, decimal: str | None = None
) -> tuple[NumberStyle | Ambiguous[NumberStyle] | None, list[str]]:
    """Find the style in which most values of a column are numbers, and those that are none in it.

    Args:
        values: as for `recognise_numbers`.
        decimal: as for `recognise_numbers`.

    Returns:
        The style, two of them, or None if no value is a number; and the other values, as given.
    """
    written = {value: parts for value in values if (parts := _Parts.of(value.strip()))}
    around = Counter(parts.around for parts in written.values())
    most = around.most_common(1)[0][0] if around else None
    alike = {value: parts for value, parts in written.items() if parts.around == most}
    fitting = [
        [value for value, parts in alike.items() if style.fits(parts)]
        for style in _styles(list(alike.values()))
    ]
    numbers = max(fitting, key=len, default=[])
    style = recognise_numbers(numbers, decimal=decimal)
    others = set(values).difference(numbers if style else ())
    return style, [value for value in values if value in others]


def _styles(numbers: Sequence[_Parts]) -> list[NumberStyle]:
    """Return the styles whose marks occur in numbers with the same texts around them."""
    if not numbers:
        return []
    used = set().union(*(parts.body for parts in numbers))
    plain = NumberStyle(prefix=numbers[0].prefix, suffix=numbers[0].suffix)
    styles = []
    for thousands in ("", " ", "'"):
        if not thousands or thousands in used:
            styles.append(replace(plain, thousands=thousands))
            if "," in used:
                styles.append(replace(plain, thousands=thousands, decimal=","))
    if "," in used:
        styles.append(replace(plain, thousands=","))
    if "." in used:
        styles.append(replace(plain, thousands=".", decimal=","))
    return styles


def _plain_readings(texts: Sequence[str], decimal: str | None) -> list[NumberStyle]:
    """Return the plain style, and that of thousands points if plain numbers may be of it."""
    has_point = has_small_whole = False
    for text in texts:
        if "." in text:
            if not _IS_GROUPED.fullmatch(text):
                return [_PLAIN_STYLE]
            has_point = True
        elif _IS_SMALL_WHOLE.fullmatch(text):
            has_small_whole = True
        else:
            return [_PLAIN_STYLE]
    if has_point and (has_small_whole or decimal):
        return [_PLAIN_STYLE, NumberStyle(decimal=",", thousands=".")]
    return [_PLAIN_STYLE]


def _are_codes(style: NumberStyle, texts: Sequence[str], bodies: Sequence[str]) -> bool:
    """Return whether numbers of a style are IP addresses or telephone numbers all the same."""
    if style.thousands == ".":
        return all(map(_IP_ADDRESS.fullmatch, bodies))
    if style.thousands != " " or style.prefix or style.suffix:
        return False
    lengths = {len(body.replace(" ", "")) for body in bodies}
    is_whole = all("." not in body and "," not in body for body in bodies)
    is_long = min(lengths) >= _TELEPHONE_DIGITS
    return is_whole and is_long and (len(lengths) == 1 or all(text[0] == "+" for text in texts))


def _decided(
    styles: Sequence[NumberStyle], texts: Sequence[str], decimal: str | None
) -> NumberStyle | Ambiguous[NumberStyle]:
    """Return the style of a column, or both if its values differ by them and nothing decides.

    Args:
        styles: one or two that every text fits.
        texts: of the column.
        decimal: as for `recognise_numbers`.
    """
    sample = texts[:_SAMPLE]
    example = max(sample, key=lambda text: (len({*text}.difference("0123456789")), len(text)))
    shown = [replace(style, example=example) for style in styles]
    first, last = shown[0], shown[-1]
    if len(shown) == 1:
        return first
    if decimal:
        return first if first.decimal == decimal else last
    text = next(text for text in texts if first.plain(text) != last.plain(text))
    by_first, by_last = first.plain(text), last.plain(text)
    whole, fraction = sorted((by_first, by_last), key=lambda number: "." in number)
    remedy = (
        f"Write it as {whole} or as {fraction}0, and all others in the same way, or let the column "
        "hold categories."
    )
    return Ambiguous(text, (by_first, by_last), (first, last), remedy)


@cache
def _body_test(decimal: str, thousands: str) -> re.Pattern[str]:
    """Return the pattern of the digits and marks of a style; a leading zero makes a code."""
    point, mark = re.escape(decimal), re.escape(thousands)
    grouped = rf"|[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+" if thousands else ""
    return re.compile(rf"(?:0|[1-9][0-9]*{grouped})(?:{point}[0-9]+)?|{point}[0-9]+")
