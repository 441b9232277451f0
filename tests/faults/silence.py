"""A cloud that falls silent, waited for as long as people wait: the patience is not shortened."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from app.services import recovery
from aws.retry_policy import RETRY_SECONDS
from tests.faults import proxy as faults
from tests.faults.cloud_workspace import cloud_trial
from tests.faults.proxy import Proxy
from tests.faults.rows import Row

ROWS = 2_000
SLACK = 2.0
"""Seconds in which the run is ended and noted, once the last request is given up."""


def table() -> list[Row]:
    """Let the cloud fall silent in the middle of a run, which is given up, and then resumed."""
    silent = faults.after(faults.hang, 20)
    with TemporaryDirectory() as home, cloud_trial(Path(home), ROWS) as made:
        made.empty_cloud()
        endpoint = made.cloud.endpoint or ""
        with Proxy(endpoint) as proxy:
            proxy.fault = silent
            run, _ = made.attempt(made.through(proxy.endpoint))
            seconds = time.monotonic() - silent.first
        _, result = recovery.replay(made.workspace, run.id)
    late = seconds > RETRY_SECONDS + SLACK
    return [
        Row("silent cloud is given up", silent.times, int(not result.complete), 0, late, seconds)
    ]
