"""A request that AWS refuses because the clock of this machine is wrong, and by how much it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

TOLERANCE_SECONDS = 240.0
"""A signature is good for five minutes; a clock that is nearer to AWS's is not the cause."""

_CLOCK_CODES = ("RequestInTheFuture", "RequestTimeTooSkewed")
_CLOCK_WORDS = ("signature expired", "signature not yet current")
_AMBIGUOUS_CODES = (
    "AuthFailure",
    "InvalidSignatureException",
    "RequestExpired",
    "SignatureDoesNotMatch",
)
"""Codes that may be due to the clock, or to the credentials."""


def clock_fault(response: Mapping[str, Any], now: datetime | None = None) -> str:
    """Return what is wrong with the clock if an answer was refused for it, as a clause; else "".

    Args:
        response: of botocore's `ClientError`.
        now: this machine's time; read from its clock by default.
    """
    error = response.get("Error", {})
    code, message = str(error.get("Code", "")), str(error.get("Message", "")).lower()
    ahead = _seconds_ahead(response, now or datetime.now(UTC))
    is_said = code in _CLOCK_CODES or any(words in message for words in _CLOCK_WORDS)
    is_seen = ahead is not None and abs(ahead) >= TOLERANCE_SECONDS
    if not is_said and not (is_seen and code in _AMBIGUOUS_CODES):
        return ""
    if ahead is None or not is_seen:
        return "the clock of this machine is wrong"
    direction = "ahead" if ahead > 0 else "behind"
    return f"the clock of this machine is {_duration(abs(ahead))} {direction}"


def _seconds_ahead(response: Mapping[str, Any], now: datetime) -> float | None:
    """Return by how many seconds this clock is ahead of the answer's date; None without a date."""
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        at = parsedate_to_datetime(str(headers["date"]))
    except (KeyError, ValueError):
        return None
    return (now - at.astimezone(UTC)).total_seconds()


def _duration(seconds: float) -> str:
    """Write a time in its two largest units."""
    minutes = round(seconds / 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    parts = ((days, "day"), (hours, "hour"), (minutes % 60, "minute"))
    shown = [f"{count} {unit}{'s' * (count != 1)}" for count, unit in parts if count]
    return " and ".join(shown[:2])
