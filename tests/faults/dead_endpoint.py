"""An endpoint that is dead in the middle of a run, retried for as long as by default."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from app.services.runs import recovery
from aws.retry_policy import RETRY_SECONDS
from tests.faults import proxy as faults
from tests.faults.cloud_workspace import cloud_test_bed
from tests.faults.proxy import Proxy
from tests.faults.report_rows import Row

ROWS = 2_000
SLACK = 2.0
"""Seconds to end the run and save its state, once the last request is given up."""


def table() -> list[Row]:
    """Let the endpoint die in the middle of a run, which is given up, and then resumed."""
    dead = faults.after(faults.hang, 20)
    with TemporaryDirectory() as home, cloud_test_bed(Path(home), ROWS) as trial:
        trial.empty_cloud()
        endpoint = trial.cloud.endpoint or ""
        with Proxy(endpoint) as proxy:
            proxy.fault = dead
            run, _ = trial.attempt(trial.through(proxy.endpoint))
            seconds = time.monotonic() - dead.first
        _, result = recovery.replay(trial.workspace, run.id)
    late = seconds > RETRY_SECONDS + SLACK
    return [
        Row("dead endpoint is given up", dead.times, int(not result.complete), 0, late, seconds)
    ]
