"""The clients of one cloud: how requests are sent, and with whose credentials.

boto3 takes a quarter of a second to import, so it is imported where a cloud is first connected to.
"""

from __future__ import annotations

import os
import re
import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from aws.errors import CREDENTIAL_CODES, SettingsError, translated
from aws.retry_policy import RETRY_SECONDS, RetryPolicy
from aws.settings import Settings

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
"""What the local cloud is given instead of real credentials."""

# As it is written, for programs differ in what they make of other ways to write a host.
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\]):\d{1,5}", re.ASCII)
_CONNECTION, _ANSWER, _INVOCATION = 1 / 12, 1 / 6, 5 / 6
"""Shares of the retry time that one try may wait: for a connection, an answer, an invocation."""

_Client = TypeVar("_Client", bound="BaseClient")


@dataclass(frozen=True)
class Cloud:
    """One cloud to work on: its settings and its clients, made on first use, safe across threads.

    Get one from `connect` or `connect_local`.
    """

    settings: Settings
    session: boto3.Session
    endpoint: str | None = None
    retry_seconds: float = RETRY_SECONDS
    """Seconds for which a request that is not taken is sent again, the first try included."""
    _making: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)
    _refused: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)

    @property
    def is_refused(self) -> bool:
        """Whether the cloud has refused the credentials: connect again to use renewed ones."""
        return self._refused.is_set()

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        """Tables and their items. Parameters are not validated again: `items` made them."""
        with self._making:
            return self._with_retries(
                self.session.client(
                    "dynamodb", endpoint_url=self.endpoint, config=self._config(validate=False)
                )
            )

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        """The stack."""
        with self._making:
            return self._with_retries(
                self.session.client(
                    "cloudformation", endpoint_url=self.endpoint, config=self._config()
                )
            )

    @cached_property
    def lambda_(self) -> LambdaClient:
        """The function and the stream mapping. Its answers wait for the function itself."""
        with self._making:
            return self._with_retries(
                self.session.client(
                    "lambda", endpoint_url=self.endpoint, config=self._config(answer=_INVOCATION)
                ),
                answer=_INVOCATION,
            )

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        """The function's log."""
        with self._making:
            return self._with_retries(
                self.session.client("logs", endpoint_url=self.endpoint, config=self._config())
            )

    @cached_property
    def sqs(self) -> SQSClient:
        """The failure queue."""
        with self._making:
            return self._with_retries(
                self.session.client("sqs", endpoint_url=self.endpoint, config=self._config())
            )

    def _with_retries(self, client: _Client, *, answer: float = _ANSWER) -> _Client:
        """The client, which sends again what was not taken until the retry policy ends it."""
        RetryPolicy(self.retry_seconds, one_try=(_CONNECTION + answer) * self.retry_seconds).guard(
            client
        )
        client.meta.events.register("after-call", self._note_refusal)
        return client

    def _note_refusal(self, parsed: dict[str, Any], **_call: Any) -> None:
        if parsed.get("Error", {}).get("Code") in CREDENTIAL_CODES:
            self._refused.set()

    def _config(self, *, validate: bool = True, answer: float = _ANSWER) -> Config:
        from botocore.config import Config

        return Config(
            # One attempt: the retry policy decides about more.
            retries={"mode": "standard", "total_max_attempts": 1},
            max_pool_connections=self.settings.threads + 2,
            connect_timeout=_CONNECTION * self.retry_seconds,
            read_timeout=answer * self.retry_seconds,
            parameter_validation=validate,
            ignore_configured_endpoint_urls=True,  # type: ignore[call-arg] # the stubs lack it
            # An empty mapping, not None: a proxy in the environment must not see loopback traffic.
            proxies={} if self.endpoint else None,
        )


def connect(settings: Settings) -> Cloud:
    """AWS itself, with boto3's own chain of credentials.

    Streamlit puts what is at the top level of its secrets into the environment, where the chain
    finds it. Raises `CredentialsError` when the profile that is named does not exist.
    """
    import boto3

    with translated("connecting to AWS"):
        return Cloud(settings, boto3.Session(region_name=settings.region))


def connect_local(settings: Settings, endpoint: str) -> Cloud:
    """The local cloud at `endpoint`: no profile, file or variable of a real account is read.

    Raises `SettingsError` when the endpoint is not on the loopback: no record leaves this machine.
    """
    import boto3
    import botocore.session

    if not _LOOPBACK.fullmatch(endpoint):
        raise SettingsError(
            f"Expected a local cloud at http://127.0.0.1:PORT or http://[::1]:PORT, received "
            f"{endpoint[:100]!r}. Start the local cloud again, or choose AWS."
        )
    isolated = botocore.session.Session(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )
    key, secret = LOCAL_CREDENTIALS
    session = boto3.Session(
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        region_name=settings.region,
        botocore_session=isolated,
    )
    return Cloud(settings, session, endpoint)
