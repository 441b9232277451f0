"""The clients of one cloud: how requests are sent, and with whose credentials.

boto3 takes a quarter of a second to import, so it is imported where a cloud is first connected to.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from botocore import exceptions as vendor

from aws.credential_errors import (
    MISSING,
    as_missing,
    is_from_reading_credentials,
    missing_credentials,
    profile_option,
    quiet_readers,
)
from aws.errors import CREDENTIAL_CODES, SettingsError, translated
from aws.retry_policy import RETRY_SECONDS, RetryPolicy
from aws.settings import REGION, Settings

if TYPE_CHECKING:
    import boto3
    from botocore.client import BaseClient
    from botocore.config import Config
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_sqs import SQSClient

LOCAL_CREDENTIALS = ("test", "test")
"""Access key and secret for the local cloud, instead of real ones."""
LOCAL_REGION = "us-east-1"
"""The region of the local cloud, where the settings name none."""

# Matched as text: programs differ in how they read other spellings of a loopback host.
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\]):\d{1,5}", re.ASCII)
_CONNECTION, _ANSWER, _INVOCATION = 1 / 12, 1 / 6, 5 / 6
"""Shares of the retry time that a try may wait: to connect, to be answered, for the function."""

_Client = TypeVar("_Client", bound="BaseClient")


@dataclass(frozen=True)
class Cloud:
    """One cloud to work on, from `connect` or `connect_local`.

    Clients are created on first use; safe across threads.

    Attributes:
        settings: names of the stack, the tables and the function, number of threads, and the region
            that was found.
        session: holds the credentials and the region.
        endpoint: URL of the local cloud; None for AWS.
        retry_seconds: seconds for which a request is tried, from its first try to its last.
    """

    settings: Settings
    session: boto3.Session
    endpoint: str | None = None
    retry_seconds: float = RETRY_SECONDS
    _making: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)
    _refused: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)

    @property
    def credentials_rejected(self) -> bool:
        """Return whether there were no credentials, or they were refused: connect again.

        botocore reads its files once a session.
        """
        return self._refused.is_set()

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        """Return the client for tables and items.

        It does not validate parameters, which takes time for each item of a batch: all of them
        are built in this package, and DynamoDB validates them itself.
        """
        return self._made(lambda **how: self.session.client("dynamodb", **how), validate=False)

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        """Return the client for the stack."""
        return self._made(lambda **how: self.session.client("cloudformation", **how))

    @cached_property
    def lambda_(self) -> LambdaClient:
        """Return the client for the function and its mapping; it waits for the function itself."""
        return self._made(lambda **how: self.session.client("lambda", **how), answer=_INVOCATION)

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        """Return the client for the function's log."""
        return self._made(lambda **how: self.session.client("logs", **how))

    @cached_property
    def sqs(self) -> SQSClient:
        """Return the client for the failure queue."""
        return self._made(lambda **how: self.session.client("sqs", **how))

    @cached_property
    def iam(self) -> Any:
        """Return the client for the function's role."""
        return self._made(lambda **how: self.session.client("iam", **how))

    @cached_property
    def cloudwatch(self) -> Any:
        """Return the client for the alarms and the dashboard of CloudWatch."""
        return self._made(lambda **how: self.session.client("cloudwatch", **how))

    @cached_property
    def sns(self) -> Any:
        """Return the client for the topic that the alarms are sent to."""
        return self._made(lambda **how: self.session.client("sns", **how))

    @cached_property
    def caller(self) -> str:
        """Return the ARN of whose credentials these are; empty where nobody can be asked.

        A network may let the pipeline's services through, and not the one that knows.

        Raises:
            CredentialsError: there are no credentials, or AWS does not accept them.
        """
        with translated("asking whose the credentials are"), self._reading_credentials():
            client = self._made(lambda **how: self.session.client("sts", **how))
            try:
                return str(client.get_caller_identity()["Arn"])
            except (vendor.ConnectionError, vendor.HTTPClientError):
                return ""

    def _made(
        self, make: Callable[..., _Client], *, validate: bool = True, answer: float = _ANSWER
    ) -> _Client:
        """Make a client with the retry policy, and watch whether its credentials are refused."""
        with self._making, self._reading_credentials():
            config = self._config(validate=validate, answer=answer)
            client = make(endpoint_url=self.endpoint, config=config)
        seconds = (_CONNECTION + answer) * self.retry_seconds
        RetryPolicy(self.retry_seconds, one_try=seconds).guard(client)
        client.meta.events.register("after-call", self._note_refusal)
        client.meta.events.register("after-call-error", self._note_missing)
        return client

    def _note_refusal(self, parsed: dict[str, Any], **_call: Any) -> None:
        if parsed.get("Error", {}).get("Code") in CREDENTIAL_CODES:
            self._refused.set()

    def _note_missing(self, exception: Exception, **_call: Any) -> None:
        if is_from_reading_credentials(exception):
            self._refused.set()
            raise as_missing(exception) from exception
        if isinstance(exception, MISSING):
            self._refused.set()

    @contextmanager
    def _reading_credentials(self) -> Iterator[None]:
        """Note in this block, which makes a client, whether there are no credentials for it."""
        try:
            with missing_credentials():
                yield
        except MISSING:
            self._refused.set()
            raise

    def _config(self, *, validate: bool, answer: float) -> Config:
        from botocore.config import Config

        return Config(
            # One attempt: the retry policy decides about more.
            retries={"mode": "standard", "total_max_attempts": 1},
            max_pool_connections=self.settings.threads + 2,
            connect_timeout=_CONNECTION * self.retry_seconds,
            read_timeout=answer * self.retry_seconds,
            parameter_validation=validate,
            ignore_configured_endpoint_urls=True,  # type: ignore[call-arg] # the stubs lack it
            # Empty, not None: a proxy that the environment names must not see loopback traffic.
            proxies={} if self.endpoint else None,
        )


def connect(settings: Settings) -> Cloud:
    """Connect to AWS, with the credentials, the profile and the region that boto3 finds.

    What the settings name goes first. Streamlit puts the top level of its secrets into the
    environment, where boto3 looks.

    Raises:
        CredentialsError: the profile that is named does not exist.
        SettingsError: no region is named anywhere, or it is none.
    """
    import boto3

    quiet_readers()
    with translated("connecting to AWS"):
        session = boto3.Session(
            profile_name=settings.profile or None, region_name=settings.region or None
        )
        region = session.region_name or ""
    if not re.fullmatch(REGION, region, re.ASCII):
        received = f"received {region[:80]!r}" if region else "found none"
        raise SettingsError(
            "Name the region: set IRIS_REGION or AWS_REGION, or run `aws configure set region "
            f"us-east-1{profile_option()}`. Expected a region such as us-east-1 in the environment "
            f"or the profile, {received}."
        )
    return Cloud(replace(settings, region=region), session)


def connect_local(settings: Settings, endpoint: str) -> Cloud:
    """Connect to the local cloud, without reading a real account's profile, files or variables.

    Args:
        settings: of the cloud half.
        endpoint: URL of the local cloud, `http://127.0.0.1:PORT` or `http://[::1]:PORT`.

    Raises:
        SettingsError: the endpoint is not on the loopback; no record may leave this machine.
    """
    import boto3
    import botocore.session

    if not _LOOPBACK.fullmatch(endpoint):
        raise SettingsError(
            "Start the local cloud again, or choose AWS: expected it at http://127.0.0.1:PORT or "
            f"http://[::1]:PORT, received {endpoint[:100]!r}."
        )
    isolated = botocore.session.Session(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )
    key, secret = LOCAL_CREDENTIALS
    settings = replace(settings, region=settings.region or LOCAL_REGION)
    session = boto3.Session(
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        region_name=settings.region,
        botocore_session=isolated,
    )
    return Cloud(settings, session, endpoint)
