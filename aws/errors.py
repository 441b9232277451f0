"""The errors of this package, and the one place where vendor errors become ours.

CloudError
├── SettingsError       a setting is out of range or unknown
├── CredentialsError    no credentials, or AWS does not accept them (any more)
├── ClockError          the clock of this machine is wrong, so that no signature is accepted
├── AccessError         the credentials are good but may not do this
├── NotPermittedError   whoever visits the dashboard may not do this
├── NotDeployedError    the stack, a table or the function is not there
├── LocalCloudError     the local cloud does not start or does not answer
├── UnreachableError    no connection to the cloud
├── ConflictError       somebody else changed it first
├── WriteError          records that were not acknowledged, by key: refused, or unknown
├── DeployError         the stack could not be made, changed or deleted
└── ServiceError        anything else the cloud answered
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore import exceptions as vendor
from botocore.parsers import ResponseParserError

from aws.clocks import clock_fault
from aws.credential_errors import (
    MISSING,
    is_from_reading_credentials,
    profile_option,
    remedy,
)
from aws.redaction import redacted

if TYPE_CHECKING:
    from iris_core.records.keys import Key


class CloudError(Exception):
    """The base: its text is a sentence for a person, with the remedy."""


class SettingsError(CloudError):
    """A setting is out of range or unknown."""


class CredentialsError(CloudError):
    """There are no credentials, or AWS does not accept them (any more)."""


class ClockError(CloudError):
    """The clock of this machine is wrong, so that AWS accepts no signature of it."""


class AccessError(CloudError):
    """The credentials are good but may not do this."""


class NotPermittedError(CloudError):
    """Whoever visits the dashboard may not do this."""


class NotDeployedError(CloudError):
    """The stack, a table or the function is not there."""


class LocalCloudError(CloudError):
    """The local cloud does not start or does not answer."""


class UnreachableError(CloudError):
    """There is no connection to the cloud."""


class ConflictError(CloudError):
    """Somebody else changed it first."""


class DeployError(CloudError):
    """The stack could not be made, changed or deleted."""


class ServiceError(CloudError):
    """Anything else that the cloud answered.

    Attributes:
        code: AWS's error code, or the name of the exception where no answer came.
    """

    def __init__(self, message: str, *, code: str) -> None:
        """Keep the error code with the message."""
        super().__init__(message)
        self.code = code


class WriteError(CloudError):
    """Some records of a run were not acknowledged.

    Attributes:
        refused: keys of records that are not stored: the cloud answered that it did not take them,
            or they were never sent. In test order.
        unknown: keys of records that were sent and not answered: they may be stored or not, and
            sending them again is harmless. In test order.
    """

    def __init__(self, *, refused: Sequence[Key], unknown: Sequence[Key], cause: str) -> None:
        """Count both groups and name the first key.

        Args:
            refused: keys of records that are certainly not stored, in any order.
            unknown: keys of records that may be stored, in any order.
            cause: why, as a clause without a full stop.
        """
        self.refused = tuple(sorted(refused))
        self.unknown = tuple(sorted(unknown))
        super().__init__(
            f"Not every record was acknowledged: {len(self.refused):,} refused, "
            f"{len(self.unknown):,} unknown, the first of them {self.unacknowledged[0]}: {cause}. "
            "The run can be replayed when that is fixed; sending unknown records again is "
            "harmless."
        )

    @property
    def unacknowledged(self) -> tuple[Key, ...]:
        """Return the keys of both groups, in test order."""
        return tuple(sorted(self.refused + self.unknown))


CREDENTIAL_CODES = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
"""Codes of answers that do not accept the credentials."""
_MISSING_CODES = frozenset(
    {"ResourceNotFoundException", "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"}
)
_FORBIDDEN_CODES = frozenset({"AuthorizationError", "ForbiddenException", "UnauthorizedOperation"})
ASK = (
    "Ask for the permission: `python cli.py cloud policies --out DIR` writes all that is needed, "
    "dashboard.json to work and deployer.json to deploy. Where no role may be made, name a "
    "ready-made one (IRIS_ROLE_ARN)."
)
"""What to do about a right that is missing."""
_UNSENDABLE = "Invalid header value"
_NO_CONNECTION = (
    vendor.ConnectionError,
    vendor.HTTPClientError,
    ResponseParserError,
)
"""Errors of botocore that mean that the cloud did not answer: nobody did, or somebody else."""
_NEVER_SENT = (
    *MISSING,
    vendor.ConnectTimeoutError,
    vendor.EndpointConnectionError,
    vendor.ParamValidationError,
)
"""Errors of botocore that are raised before a byte of the request leaves."""


def may_connect_later(error: BaseException | None) -> bool:
    """Return whether an error of botocore means no answer, and another try may get one."""
    return isinstance(error, _NO_CONNECTION) and not _is_unsendable(error)


def was_never_sent(error: BaseException) -> bool:
    """Return whether an error of botocore means that this try of a request was not sent."""
    return (
        isinstance(error, _NEVER_SENT)
        or _is_unsendable(error)
        or is_from_reading_credentials(error)
    )


def _is_unsendable(error: BaseException) -> bool:
    return _UNSENDABLE in str(error)


def is_unreachable(error: BaseException) -> bool:
    """Return whether an error or its cause is that there is no connection to the cloud."""
    return isinstance(error, UnreachableError) or isinstance(error.__cause__, UnreachableError)


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn what botocore raises in this block into a `CloudError`.

    Args:
        doing: what the block does, to complete "while …".

    Raises:
        CloudError: of the subclass that fits.
    """
    try:
        yield
    except (vendor.BotoCoreError, vendor.ClientError, ResponseParserError) as error:
        raise translate(error, doing) from error


def translate(error: BaseException, doing: str) -> CloudError:
    """Return the `CloudError` for one vendor error, with the remedy.

    Args:
        error: what botocore raised.
        doing: what was being done, to complete "while …".
    """
    if isinstance(error, vendor.ClientError):
        return _translate_answer(error, doing)
    if isinstance(error, MISSING):
        return CredentialsError(f"No usable AWS credentials while {doing}: {remedy(error)}")
    if isinstance(error, vendor.NoRegionError):
        return SettingsError(
            f"Name the region while {doing}: set IRIS_REGION or AWS_REGION, or run "
            f"`aws configure set region us-east-1{profile_option()}`."
        )
    if _is_unsendable(error):
        # Its text holds the credentials, for they are in the header.
        return CredentialsError(
            f"The AWS credentials cannot be sent while {doing}: expected one line of plain letters "
            "and digits each, received a line end or another sign. Copy them again."
        )
    if isinstance(error, _NO_CONNECTION):
        return UnreachableError(
            f"The cloud does not answer while {doing}: {redacted(str(error))} Check the connection "
            "and the region; the local cloud is started again by the next action."
        )
    return ServiceError(
        f"The request failed while {doing}: {redacted(str(error))}", code=type(error).__name__
    )


def _translate_answer(error: vendor.ClientError, doing: str) -> CloudError:
    answer = error.response.get("Error", {})
    code, message = str(answer.get("Code", "")), redacted(str(answer.get("Message", "")))
    if fault := clock_fault(error.response):
        return ClockError(
            "Set the clock of this machine, and let the system keep it (NTP), then try again: "
            f"AWS refused the signature while {doing} ({code}), for {fault}."
        )
    if code in CREDENTIAL_CODES:
        return CredentialsError(
            f"AWS does not accept the credentials while {doing} ({code}): they are wrong or have "
            "expired. Get fresh ones (a student account's last a few hours) and try again."
        )
    if "AccessDenied" in code or code in _FORBIDDEN_CODES:
        # Not every service names the action in its own words.
        return AccessError(
            f"These credentials may not do this while {doing} ({error.operation_name}): {message} "
            f"{ASK}"
        )
    if code in _MISSING_CODES:
        return NotDeployedError(
            f"Something is missing while {doing}: {message} Deploy first, on the Cloud page or "
            "with `python cli.py cloud deploy`."
        )
    if code == "ConditionalCheckFailedException":
        return ConflictError(f"Somebody changed this first while {doing}. Load it again.")
    return ServiceError(f"The cloud refused while {doing} ({code}): {message}", code=code)
