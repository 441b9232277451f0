"""An account on AWS in which functions are deployed and never run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from moto import mock_aws
from moto.awslambda.models import LambdaBackend


@contextmanager
def idle_account() -> Iterator[None]:
    """Work in moto, which would look for Docker to run a function in, within this block."""
    with mock_aws(), patch.object(LambdaBackend, "send_dynamodb_items", lambda *_of: True):
        yield
