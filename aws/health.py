"""The health of the pipeline, in the few numbers that a monitor watches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from aws import failures, function, run_table
from aws.clients import Cloud
from aws.function_log import summarise
from iris_core.records.keys import started_at
from iris_core.records.run import Run, RunState

WINDOW = timedelta(hours=24)
"""The age up to which runs and log lines are read."""
MAX_LAG_SECONDS = 300.0
"""Seconds after which records that wait for the function are a fault, no delay."""
LOG_LINES = 100_000
STALE_RUN_SECONDS = 3600.0
"""Seconds after which a run that is still marked as running was probably interrupted."""


@dataclass(frozen=True, slots=True)
class Health:
    """Faults of the last 24 hours in numbers; each is 0 in a healthy pipeline.

    Attributes:
        lag_records: records that are stored and that the function has not received yet.
        lag_seconds: time since the start of the oldest run that has such records.
        failures_queued: batches that the stream gave up on; the queue keeps them for 14 days.
        unjudgeable_records: records that the function could not evaluate.
        unreconciled_runs: runs that ended with records missing, or were interrupted.
    """

    lag_records: int
    lag_seconds: float
    failures_queued: int
    unjudgeable_records: int
    unreconciled_runs: int

    @property
    def well(self) -> bool:
        """Return whether nobody needs to look; records that wait for a short while are no fault."""
        faults = self.failures_queued or self.unjudgeable_records or self.unreconciled_runs
        return not faults and self.lag_seconds <= MAX_LAG_SECONDS


def health(cloud: Cloud, *, now: datetime | None = None) -> Health:
    """Measure the health from the newest runs, the function's log and the failure queue.

    Reads no record: the log says how many the function received. The stream may deliver a record
    twice, so the lag may be counted too small; but a run that ended with records missing counts
    as unreconciled.

    Args:
        cloud: the one to measure.
        now: the end of the 24 hours; the current time by default.
    """
    now = now or datetime.now(UTC)
    log = summarise(function.log_lines(cloud, since=now - WINDOW, limit=LOG_LINES))
    runs = _newest(cloud, now - WINDOW)
    lags = {
        run.id: run.tested - log.by_run.get(run.id, 0)
        for run in runs
        if run.state != RunState.RECONCILED and run.tested > log.by_run.get(run.id, 0)
    }
    waiting_since = min(map(started_at, lags), default=now)
    return Health(
        lag_records=sum(lags.values()),
        lag_seconds=round((now - waiting_since).total_seconds(), 1),
        failures_queued=failures.count(cloud) or 0,
        unjudgeable_records=log.counts.get("unjudgeable", 0),
        unreconciled_runs=sum(_is_unreconciled(run, now) for run in runs),
    )


def _is_unreconciled(run: Run, now: datetime) -> bool:
    if run.state in (RunState.RUNNING, RunState.WRITTEN):
        return (now - started_at(run.id)).total_seconds() > STALE_RUN_SECONDS
    return run.state in (RunState.INCOMPLETE, RunState.FAILED)


def _newest(cloud: Cloud, since: datetime) -> list[Run]:
    """Return the runs that were started since then, newest first."""
    return list(takewhile(lambda run: started_at(run.id) >= since, run_table.runs(cloud)))
