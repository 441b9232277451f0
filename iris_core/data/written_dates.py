"""Recognise a column of dates, and what a date gives to a network.

Dates are read year first (2003-02-01), day first (01.02.2003, 1/2/2003), month first (2/1/2003) or
with the month's English or German name (1 Feb 2003, Feb 1, 2003), each with a time or without. One
value with a day above 12 decides between day and month; if none does, the column is `Ambiguous`.
Two digits of a year mean 1969 to 2068, as in POSIX. A time without an offset is left as it is.

Eight digits (20030201) are dates only if all values are, from 1900 to 2099: so ask for dates before
numbers. No dates are: years, times alone, and points with a two-digit year but one-digit days
(1.2.10), which are versions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.data.ambiguous import Ambiguous

DATE_FEATURES = ("year", "month", "weekday", "days", "hour")
"""What `date_features` returns; `hour` only where times occur."""

# The year's, month's and day's place in the text.
_ORDERS = {"ymd": (0, 1, 2), "dmy": (2, 1, 0), "mdy": (2, 0, 1)}
_SAID = {"ymd": ", year first", "dmy": ", day before month", "mdy": ", month before day"}
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january", "januar", "jänner"),
            ("feb", "february", "februar", "feber"),
            ("mar", "march", "mär", "märz", "mrz"),
            ("apr", "april"),
            ("may", "mai"),
            ("jun", "june", "juni"),
            ("jul", "july", "juli"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october", "okt", "oktober"),
            ("nov", "november"),
            ("dec", "december", "dez", "dezember"),
        ),
        start=1,
    )
    for name in names
}
_MONTH = rf"({'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_TIME = (
    r"(?:(?:T|,?\s+)([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]{1,9})?)?(?:\s*([ap])\.?m\.?)?"
    r"\s*(z|utc|gmt|[+-][0-9]{2}(?::?[0-9]{2})?|))?"
)
_NUMBERS = re.compile(rf"([0-9]{{1,4}})([-/.])([0-9]{{1,2}})\2([0-9]{{1,4}}){_TIME}", re.IGNORECASE)
_COMPACT = re.compile(rf"((?:19|20)[0-9]{{2}})()([0-9]{{2}})([0-9]{{2}}){_TIME}", re.IGNORECASE)
_NAMED = {
    "dmy": re.compile(
        rf"{_WEEKDAY}([0-9]{{1,2}})(?:st|nd|rd|th|\.)?[\s/-]*{_MONTH},?[\s/-]*"
        rf"([0-9]{{4}}|[0-9]{{2}}){_TIME}",
        re.IGNORECASE,
    ),
    "mdy": re.compile(
        rf"{_WEEKDAY}{_MONTH}\s*([0-9]{{1,2}})(?:st|nd|rd|th)?(?:,\s*|\s+)([0-9]{{4}}){_TIME}",
        re.IGNORECASE,
    ),
    "ymd": re.compile(rf"([0-9]{{4}})[\s/-]{_MONTH}[\s/-]([0-9]{{1,2}}){_TIME}", re.IGNORECASE),
}
# The first year of the two digits that mean the 20th century.
_CENTURY = "69"
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2}|))?"
)
_LONGEST = 60
# So many values are searched for a clear example.
_SAMPLE = 1000
_DAY = 86_400.0


@dataclass(frozen=True)
class DateStyle:
    """How the dates of a column are written.

    Attributes:
        order: "ymd", "dmy" or "mdy": how numbers of which none is a year of four digits in front
            are read. Dates with such a year, or with the month's name, read the same in each.
        has_time: the column has times other than midnight.
        example: a value of the column, as written.
    """

    order: str = "ymd"
    has_time: bool = False
    example: str = field(default="", compare=False)

    def to_iso(self, texts: Iterable[str]) -> list[str]:
        """Return dates of this style as `YYYY-MM-DD`, or `YYYY-MM-DDTHH:MM:SS` if it has times.

        A time with an offset is converted to UTC; fractions of a second are dropped.

        Args:
            texts: as written, none of them missing.

        Raises:
            ValueError: a text is no date of this style.
        """
        texts = list(texts)
        written = [_readings(text.strip()) for text in texts]
        instants = _instants([readings.get(self.order, "") for readings in written])
        wrong = np.isnat(instants)
        if wrong.any():
            text = texts[int(wrong.argmax())]
            raise ValueError(f"expected a date such as {self.example!r}, received {text!r}")
        return _texts(instants, has_time=self.has_time)

    def explanation(self) -> str:
        """Return how the column was read, a sentence with an example."""
        kind = "dates and times" if self.has_time else "dates"
        readings = set(_readings(self.example).values())
        order = _SAID[self.order] if len(readings) > 1 else ""
        return f"Read as {kind}{order}: {self.example!r} is {self.to_iso([self.example])[0]}."


def recognise_dates(
    values: Sequence[str], *, order: str | None = None
) -> DateStyle | Ambiguous[DateStyle] | None:
    """Find the style in which every value of a column is a date.

    Args:
        values: the distinct texts of a column, without those that mean a missing value.
        order: "ymd", "dmy" or "mdy", to read by where a column reads in several ways: what a
            person chose.

    Returns:
        The style; or those that fit if they differ and nothing decides; or None if a value is no
        date, or if there is no value.
    """
    texts = [value.strip() for value in values]
    written = []
    for text in texts:
        readings = _readings(text)
        if not readings:
            return None
        written.append(readings)
    if not texts:
        return None
    clear = max(written[:_SAMPLE], key=lambda readings: len(set(readings.values())))
    example = texts[written.index(clear)]
    fitting: dict[DateStyle, list[str]] = {}
    seen: list[list[str]] = []
    for name in _ORDERS:
        iso = [readings.get(name, "") for readings in written]
        # Most columns read the same in each order.
        if not all(iso) or iso in seen:
            continue
        seen.append(iso)
        instants = _instants(iso)
        if not np.isnat(instants).any():
            has_time = bool((instants != instants.astype("datetime64[D]")).any())
            style = DateStyle(name, has_time, example)
            fitting[style] = _texts(instants, has_time=has_time)
    return _decided(fitting, texts, order) if fitting else None


def feature_names(first: str) -> tuple[str, ...]:
    """Return which of `DATE_FEATURES` the dates of a column have.

    Args:
        first: its earliest date, as `DateStyle.to_iso` writes it.
    """
    return DATE_FEATURES if "T" in first else DATE_FEATURES[:-1]


def date_features(iso: pd.Series, *, first: str) -> NDArray[np.float64]:
    """Return what dates give to a network, (rows, features), NaN where a date is missing.

    The features are those of `feature_names(first)`: the year; the month, 1 to 12; the weekday, 0
    (Monday) to 6; the days since `first`, with their fraction if times occur; and the hour of the
    day, 0 to 24 with its fraction.

    Args:
        iso: (rows,) dates as `DateStyle.to_iso` writes them, or missing.
        first: the earliest date of the training data, written in the same way.

    Raises:
        ValueError: a text is no date in ISO format.
    """
    dates = pd.Series(pd.to_datetime(iso, format="ISO8601"))
    days = (dates - pd.Timestamp(first)).dt.total_seconds() / _DAY
    columns: list[pd.Series] = [dates.dt.year, dates.dt.month, dates.dt.day_of_week, days]
    if "T" in first:
        columns.append(dates.dt.hour + dates.dt.minute / 60 + dates.dt.second / 3600)
    return pd.concat(columns, axis=1).to_numpy(np.float64, na_value=np.nan)


def _decided(
    fitting: dict[DateStyle, list[str]], texts: Sequence[str], order: str | None
) -> DateStyle | Ambiguous[DateStyle]:
    """Return the style of a column, or those that fit if nothing decides.

    Args:
        fitting: each style that every text fits, with the dates it reads; no two read the same.
        texts: of the column.
        order: as for `recognise_dates`.
    """
    # Where year, month and day are all possible in each place, few people begin with the year.
    styles = sorted(fitting, key=lambda style: style.order == "ymd")
    chosen = [style for style in styles if order in (None, style.order)] or styles
    if len(chosen) == 1:
        return chosen[0]
    read = [dict(zip(texts, fitting[style], strict=True)) for style in chosen]
    example = max(texts, key=lambda text: len({dates[text] for dates in read}))
    readings = tuple(dates[example] for dates in read)
    remedy = (
        f"Write it as {' or '.join(readings)}, and all others in the same way, or let the column "
        "hold categories."
    )
    return Ambiguous(example, readings, tuple(chosen), remedy)


def _readings(text: str) -> dict[str, str]:
    """Return the dates that a text may be, by order, in ISO format; none if it is no date.

    Months and days may be out of their range.
    """
    if len(text) > _LONGEST:
        return {}
    if _ISO.fullmatch(text):
        return dict.fromkeys(_ORDERS, text)
    if match := _NUMBERS.fullmatch(text) or _COMPACT.fullmatch(text):
        first, mark, middle, last, *clock = match.groups()
        parts = (first, middle, last)
        if len(first) == 4 and len(last) <= 2:
            return dict.fromkeys(_ORDERS, _iso(parts, "ymd", clock))
        lengths = (len(first), len(last))
        if len(first) > 2 or len(last) not in (2, 4):
            return {}
        if mark == ".":
            is_version = lengths == (1, 2) or (len(last) == 2 and len(middle) == 1)
            return {} if is_version else {"dmy": _iso(parts, "dmy", clock)}
        orders = ("dmy", "mdy") if len(last) == 4 or len(first) == 1 else tuple(_ORDERS)
        return {order: _iso(parts, order, clock) for order in orders}
    for order, pattern in _NAMED.items():
        if match := pattern.fullmatch(text):
            named = list(match.groups()[:3])
            named[order.index("m")] = str(_MONTHS[named[order.index("m")].lower()])
            return dict.fromkeys(_ORDERS, _iso(named, order, match.groups()[3:]))
    return {}


def _iso(parts: Sequence[str], order: str, clock: Sequence[str | None]) -> str:
    """Return a date in ISO format, with its time in UTC or with its offset.

    Args:
        parts: year, month and day in the order of the text.
        order: of the parts.
        clock: hour, minute, second, "a" or "p" of twelve hours, and the offset from UTC.
    """
    year, month, day = (parts[place] for place in _ORDERS[order])
    if len(year) == 2:
        year = f"{'19' if year >= _CENTURY else '20'}{year}"
    date = f"{year}-{month:0>2}-{day:0>2}"
    hour, minute, second, half, zone = clock
    if hour is None:
        return date
    if half:
        hour = str(int(hour) % 12 + 12 * (half in "pP")) if 1 <= int(hour) <= 12 else "99"
    offset = zone if zone and zone[0] in "+-" else ""
    return f"{date}T{hour:0>2}:{minute}:{second or '00'}{offset}"


def _instants(iso: list[str]) -> NDArray[np.datetime64]:
    """Return dates as instants in UTC, (dates,), to the second; not-a-time for what is none."""
    parsed = pd.to_datetime(
        pd.Series(iso, dtype="str"), format="ISO8601", utc=True, errors="coerce"
    )
    return parsed.dt.tz_localize(None).to_numpy().astype("datetime64[s]")


def _texts(instants: NDArray[np.datetime64], *, has_time: bool) -> list[str]:
    """Return instants in UTC as `DateStyle.to_iso` writes them."""
    texts: list[str] = np.datetime_as_string(instants, unit="s" if has_time else "D").tolist()
    return texts
