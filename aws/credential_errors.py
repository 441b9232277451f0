"""Why there are no usable credentials, as botocore says it, and what to do about each."""

from __future__ import annotations

import logging
import os
import shlex
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore import exceptions as vendor

from aws.redaction import redacted

MISSING = (
    vendor.ConfigNotFound,
    vendor.ConfigParseError,
    vendor.CredentialRetrievalError,
    vendor.InvalidConfigError,
    vendor.LoginError,
    vendor.MetadataRetrievalError,
    vendor.NoAuthTokenError,
    vendor.NoCredentialsError,
    vendor.PartialCredentialsError,
    vendor.ProfileNotFound,
    vendor.RefreshWithMFAUnsupportedError,
    vendor.SSOError,
    vendor.TokenRetrievalError,
    vendor.UnknownCredentialError,
)
"""Errors of botocore that mean that it found no credentials to sign a request with."""

_PROCESS = "custom-process"
"""botocore's name of the credentials that a program prints."""
_LONGEST_REASON = 200
"""Characters of what such a program says last, when it fails, that are repeated."""
_READERS = ("botocore.credentials", "botocore.tokens")
_CONFIG = "the AWS configuration (~/.aws/config)"


class _RaisedAnyway(logging.Filter):
    """Keeps botocore from writing a traceback of what it raises, and we say, as well."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a line is to be written: of a refresh that must succeed it need not."""
        record.exc_info = None
        return "mandatory" not in record.getMessage()


_RAISED_ANYWAY = _RaisedAnyway()


def quiet_readers() -> None:
    """Let where botocore reads credentials write no tracebacks, from now on."""
    for name in _READERS:
        logging.getLogger(name).addFilter(_RAISED_ANYWAY)


def profile_option() -> str:
    """Return the option that names the chosen profile to the AWS tools; empty if none is chosen."""
    names = ("IRIS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_PROFILE")
    profile = next(filter(None, map(os.environ.get, names)), "")
    return f" --profile {shlex.quote(profile)}" if profile else ""


def is_from_reading_credentials(error: BaseException) -> bool:
    """Return whether an error that is none of botocore's comes from where it reads credentials.

    It runs the program of `credential_process` and reads what that prints, and lets the system's
    errors about it pass.
    """
    if isinstance(error, (vendor.BotoCoreError, vendor.ClientError)):
        return False
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_globals.get("__name__") in _READERS for frame, _ in frames)


def as_missing(error: Exception) -> vendor.CredentialRetrievalError:
    """Return botocore's error for one that is none of its own, but from reading credentials."""
    if isinstance(error, OSError):
        why = f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror)
    else:
        why = f"it printed something else than the JSON that is expected ({type(error).__name__})"
    return vendor.CredentialRetrievalError(provider=_PROCESS, error_msg=why)


@contextmanager
def missing_credentials() -> Iterator[None]:
    """Let whatever prevents botocore from reading credentials be one of `MISSING`."""
    try:
        yield
    except Exception as error:
        if not is_from_reading_credentials(error):
            raise
        raise as_missing(error) from error


def remedy(error: BaseException) -> str:
    """Return why there are no credentials and what to do, as sentences.

    Args:
        error: one of `MISSING`.
    """
    said = redacted(str(error)).strip().rstrip(".")
    if isinstance(error, (vendor.SSOError, vendor.TokenRetrievalError, vendor.NoAuthTokenError)):
        return (
            f"run `aws sso login{profile_option()}` and try again. Expected an open SSO session, "
            f"found none, or one that has ended: {said}."
        )
    if isinstance(error, vendor.LoginError):
        return f"run `aws login{profile_option()}` and try again: {said}."
    details: dict[str, Any] = dict(getattr(error, "kwargs", {}))
    if details.get("provider") == _PROCESS:
        lines = redacted(str(details.get("error_msg", ""))).strip().splitlines() or [""]
        why = lines[-1].strip().rstrip(".")[:_LONGEST_REASON]
        return (
            "mend the setting `credential_process` of the profile in "
            f"{_CONFIG}, or what it names. Expected a program that prints credentials, received: "
            f"{why or 'it failed and said nothing'}."
        )
    if isinstance(error, vendor.ProfileNotFound):
        return (
            f"{said}. Name one that `aws configure list-profiles` lists, in AWS_PROFILE or "
            "IRIS_PROFILE, or choose the local cloud."
        )
    if isinstance(error, (vendor.ConfigNotFound, vendor.ConfigParseError)):
        return f"mend the file, or name another one in AWS_CONFIG_FILE: {said}."
    if isinstance(error, (vendor.InvalidConfigError, vendor.UnknownCredentialError)):
        return f"mend the profile in {_CONFIG}: {said}."
    return (
        f"{said}. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for a "
        f"student account), run `aws configure{profile_option()}`, or choose the local cloud."
    )
