"""How long a request is retried: until the cloud takes it, or its time is up.

botocore counts attempts, each of which may take its time-out and a pause; five of them are over in
three seconds on a table that throttles, and take minutes on an endpoint that is dead. What people
wait for is time. So here time is what counts, for every call of a client alike.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ConnectionClosedError
from botocore.parsers import ResponseParserError

from aws.errors import may_connect_later, was_never_sent
from aws.whole_answers import blank_if_unreadable, is_whole

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.model import OperationModel

RETRY_SECONDS = 60.0
"""Seconds after which a cloud that does not answer, or takes nothing, is given up."""

THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
"""Codes of answers that mean that the same request may succeed later.

A conflict is with a transaction of the function's that is under way on the same item.
"""

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 5.0
"""Seconds that a pause between two tries lasts at most, at first and in the end."""

TRIES_UNANSWERED = 7
"""A connection that is refused so often, in some three seconds, is not only being renewed."""

_DEADLINE = "iris_retry_deadline"
"""Entry of a request's context: when its retries end."""
_OPEN = "iris_open_outcome"
"""Entry of a request's context, and of its answer's metadata: a try of it may have been applied."""
_CUT = "iris_answer_was_cut"
"""Entry of a request's context: the answer to its last try did not come whole."""
_COUNTS_ONLY = "iris_counts_only"
"""Entry of a request's context: it asks for the number of items, without the items."""
_COUNTING = b'"Select": "COUNT"'
_CLIENT_ERROR, _SERVER_ERROR = 400, 500


def pause(tries: int) -> float:
    """Return the seconds to wait after so many tries.

    With full jitter, so that threads do not all come back at once.
    """
    return random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(tries, 16)))


def may_be_applied(outcome: BaseException | Mapping[str, Any]) -> bool:
    """Return whether the cloud may have applied a write that it did not acknowledge.

    It certainly has not when no try of it was sent, or when each that was sent was answered with
    an error of the client's or handed back as unprocessed. A try that was not answered, or that
    failed inside the service (5xx), may have been applied.

    Args:
        outcome: what a call of a guarded client raised, or the answer that it returned.
    """
    if isinstance(outcome, ClientError):
        outcome = outcome.response
    if isinstance(outcome, BaseException):
        return not was_never_sent(outcome)
    return _OPEN in outcome.get("ResponseMetadata", {})


class RetryPolicy:
    """Lets a client retry a request until some seconds after its first try."""

    def __init__(self, seconds: float, one_try: float) -> None:
        """Retry for a limited time.

        Args:
            seconds: from the first try to the end of the last.
            one_try: seconds that a single try may take; one that would end too late is not begun.
        """
        self._seconds = seconds
        self._one_try = one_try

    def guard(self, client: BaseClient) -> None:
        """Decide about retries for every call of a client, instead of the client's own policy.

        An answer that is not the cloud's, such as the login page of a network, or the answer of
        another program on its port, counts as none: botocore would take it for a success. So does
        one that was cut off.
        """
        events = client.meta.events
        events.register("before-call", self._begin)
        events.register("before-parse", blank_if_unreadable)
        events.register(
            "needs-retry",
            self._wait_before_retry,  # type: ignore[arg-type] # the stubs know of no answers
        )
        events.register("after-call", _check_answer)
        events.register("after-call-error", _check_error)

    def _begin(
        self,
        model: OperationModel,
        params: dict[str, Any],
        context: dict[str, Any],
        **_call: Any,
    ) -> None:
        context[_COUNTS_ONLY] = model.name in ("Query", "Scan") and _COUNTING in params["body"]
        context[_DEADLINE] = time.monotonic() + self._seconds

    def _wait_before_retry(
        self,
        request_dict: dict[str, Any],
        response: tuple[Any, dict[str, Any]] | None,
        operation: OperationModel,
        attempts: int,
        caught_exception: Exception | None,
        **_call: Any,
    ) -> float | None:
        """Return the seconds to wait before the next try, None for no other try."""
        context: dict[str, Any] = request_dict["context"]
        is_answer = response is not None and _is_from_aws(response[1])
        context[_CUT] = False
        if response is not None and is_answer:
            http, parsed = response
            context[_CUT] = not is_whole(operation, http, parsed, counts_only=context[_COUNTS_ONLY])
            is_open = http.status_code >= _SERVER_ERROR or (
                context[_CUT] and http.status_code < _CLIENT_ERROR
            )
            may_pass = _may_succeed_later(http, parsed) or (
                context[_CUT] and attempts < TRIES_UNANSWERED
            )
        elif response is not None or may_connect_later(caught_exception):
            may_pass = attempts < TRIES_UNANSWERED
            is_open = caught_exception is None or not was_never_sent(caught_exception)
        else:
            may_pass = is_open = False
        if is_open:
            context[_OPEN] = request_dict["url"]
        if not may_pass:
            return None
        seconds = pause(attempts)
        left = float(context[_DEADLINE]) - time.monotonic()
        return seconds if seconds + self._one_try <= left else None


def _is_from_aws(answer: dict[str, Any]) -> bool:
    """Return whether an answer has the request id that AWS's answers have, errors included."""
    return bool(answer.get("ResponseMetadata", {}).get("RequestId"))


def _check_answer(parsed: dict[str, Any], context: dict[str, Any], **_call: Any) -> None:
    """Reject an answer that is not AWS's, or was cut; mark one to a request that may be applied."""
    if not _is_from_aws(parsed):
        raise ResponseParserError("something else answers at the cloud's address.")
    if context.get(_CUT):
        raise ResponseParserError("its answers come cut off.")
    if _OPEN in context:
        parsed["ResponseMetadata"][_OPEN] = True


def _check_error(exception: Exception, context: dict[str, Any], **_call: Any) -> None:
    """Replace an error that says "never sent" of a request that an earlier try did send."""
    if _OPEN in context and was_never_sent(exception):
        raise ConnectionClosedError(endpoint_url=context[_OPEN]) from exception


def _may_succeed_later(http: Any, answer: dict[str, Any]) -> bool:
    """Return whether an answer means that the same request may succeed later."""
    code = answer.get("Error", {}).get("Code", "")
    return http.status_code >= _SERVER_ERROR or code in THROTTLED
