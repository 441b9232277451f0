"""How often a request is sent again: until it is taken, or its time is up.

botocore counts attempts, each of which may take its time-out and a pause; five of them are over in
three seconds on a table that throttles, and take minutes on an endpoint that is dead. What people
wait for is time. So here time is what counts, for every call of a client alike.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

from botocore.parsers import ResponseParserError

from aws.errors import may_connect_later

if TYPE_CHECKING:
    from botocore.client import BaseClient

RETRY_SECONDS = 60.0
"""Seconds after which a cloud that does not answer, or takes nothing, is given up."""

THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
"""Codes of answers that mean: later."""

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 5.0
"""Seconds that a pause between two tries takes at most, at first and in the end."""

TRIES_UNANSWERED = 7
"""A connection that is refused so often, in some three seconds, is not only being renewed."""

_ENDS = "iris_retries_end"
_SERVER_ERROR = 500


def pause(tries: int) -> float:
    """Seconds to wait after so many tries: full jitter, so that threads do not come all at once."""
    return random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(tries, 16)))


class RetryPolicy:
    """Lets a client send a request again for at most `seconds` after its first try.

    `one_try`: seconds that a single try may take; one that would end too late is not begun.
    """

    def __init__(self, seconds: float, one_try: float) -> None:
        self._seconds = seconds
        self._one_try = one_try

    def guard(self, client: BaseClient) -> None:
        """Let this decide for every call of a client, instead of the client's own retries.

        An answer that is not the cloud's, such as the page of a network that wants a log-in, or of
        another program on its port, counts as none: botocore would take it for a success.
        """
        client.meta.events.register("before-call", self._begin)
        client.meta.events.register(
            "needs-retry",
            self._wait_before_retry,  # type: ignore[arg-type] # the stubs know of no answers
        )
        client.meta.events.register("after-call", _refuse_strangers)

    def _begin(self, context: dict[str, Any], **_call: Any) -> None:
        context[_ENDS] = time.monotonic() + self._seconds

    def _wait_before_retry(
        self,
        request_dict: dict[str, Any],
        response: tuple[Any, dict[str, Any]] | None,
        attempts: int,
        caught_exception: Exception | None,
        **_call: Any,
    ) -> float | None:
        """Seconds to wait before the next try; None to leave it at this one."""
        if response is not None and _is_the_clouds(response[1]):
            may_pass = _may_be_taken_later(*response)
        elif response is not None or may_connect_later(caught_exception):
            may_pass = attempts < TRIES_UNANSWERED
        else:
            may_pass = False
        if not may_pass:
            return None
        seconds = pause(attempts)
        left = float(request_dict["context"][_ENDS]) - time.monotonic()
        return seconds if seconds + self._one_try <= left else None


def _is_the_clouds(answer: dict[str, Any]) -> bool:
    """Whether an answer has what every answer of AWS has, errors included: the request's id."""
    return bool(answer.get("ResponseMetadata", {}).get("RequestId"))


def _refuse_strangers(parsed: dict[str, Any], **_call: Any) -> None:
    if not _is_the_clouds(parsed):
        raise ResponseParserError("something else answers at the cloud's address.")


def _may_be_taken_later(http: Any, answer: dict[str, Any]) -> bool:
    """Whether an answer means that the same request may be taken later."""
    code = answer.get("Error", {}).get("Code", "")
    return http.status_code >= _SERVER_ERROR or code in THROTTLED
