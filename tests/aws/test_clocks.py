"""A clock that is wrong is named, with how wrong it is; wrong credentials are not blamed on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws.clocks import clock_fault
from aws.errors import ClockError, CredentialsError, translate

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EXPIRED = "Signature expired: 20261122T110000Z is now earlier than 20261122T115500Z"
EARLY = "Signature not yet current: 20261122T130000Z is still later than 20261122T120500Z"


def response(code: str, message: str = "", *, ahead: timedelta | None = None) -> dict[str, Any]:
    """An answer of AWS to a machine whose clock is so much ahead of it."""
    headers = {} if ahead is None else {"date": format_datetime(NOW - ahead, usegmt=True)}
    return {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPHeaders": headers},
    }


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (response("RequestTimeTooSkewed", ahead=timedelta(minutes=20)), "20 minutes ahead"),
        (response("RequestInTheFuture", ahead=timedelta(hours=1)), "1 hour ahead"),
        (response("InvalidSignatureException", EXPIRED, ahead=-timedelta(hours=1, minutes=1)),
         "1 hour and 1 minute behind"),
        (response("SignatureDoesNotMatch", EARLY, ahead=timedelta(days=2, hours=3, minutes=4)),
         "2 days and 3 hours ahead"),
        (response("RequestExpired", ahead=-timedelta(minutes=6)), "6 minutes behind"),
        (response("AuthFailure", ahead=timedelta(minutes=6)), "6 minutes ahead"),
        (response("InvalidSignatureException", EXPIRED), "wrong"),
        (response("RequestTimeTooSkewed", ahead=timedelta(seconds=1)), "wrong"),
    ],
)  # fmt: skip
def test_clock_is_named_with_how_wrong_it_is(answer: dict[str, Any], fault: str) -> None:
    assert clock_fault(answer, NOW) == f"the clock of this machine is {fault}"


@pytest.mark.parametrize(
    "answer",
    [
        response("InvalidSignatureException", "The request signature does not match"),
        response("InvalidSignatureException", "It does not match", ahead=timedelta(minutes=3)),
        response("AuthFailure", ahead=timedelta(0)),
        response("ExpiredTokenException", ahead=timedelta(hours=1)),
        response("ThrottlingException", ahead=timedelta(hours=1)),
    ],
)
def test_what_is_not_due_to_the_clock_is_not_blamed_on_it(answer: dict[str, Any]) -> None:
    assert clock_fault(answer, NOW) == ""


def test_date_that_cannot_be_read_says_nothing() -> None:
    answer = response("AuthFailure")
    answer["ResponseMetadata"]["HTTPHeaders"]["date"] = "yesterday"
    assert clock_fault(answer, NOW) == ""


def test_error_says_what_to_do() -> None:
    headers = {"date": format_datetime(datetime.now(UTC) - timedelta(minutes=30), usegmt=True)}
    answer: Any = {
        "Error": {"Code": "InvalidSignatureException", "Message": EARLY},
        "ResponseMetadata": {"HTTPHeaders": headers},
    }
    error = translate(ClientError(answer, "Query"), "reading")
    assert isinstance(error, ClockError)
    assert str(error).startswith("Set the clock of this machine")
    assert "30 minutes ahead" in str(error)
    wrong_key: Any = response("AuthFailure")
    assert isinstance(translate(ClientError(wrong_key, "Query"), "reading"), CredentialsError)
