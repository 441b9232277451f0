"""How the pipeline is, in the few numbers that a monitor watches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aws import failures, function, run_table
from aws.clients import Cloud
from aws.function_log import summarise
from iris_core.records.keys import started_at
from iris_core.records.run import Run, RunState

WINDOW = timedelta(hours=24)
"""The runs and the log that are looked at."""
LATE = 300.0
"""Seconds after which records that wait for the function are a fault, no delay."""
LOG_LINES = 100_000
LONG = 3600.0
"""Seconds after which a run that still says to be under way was probably broken off."""


@dataclass(frozen=True, slots=True)
class Health:
    """What is wrong, in numbers that are 0 when nothing is.

    `lag_records`: stored, and not handed to the function yet; `lag_seconds`: since the start of the
    oldest run that has such records. `failures_queued`: batches that the stream gave up on.
    `unjudgeable_records`: those that the function refused. `unreconciled_runs`: runs that ended
    with records missing, or were broken off. All of the last 24 hours, but for the queue, which
    keeps 14 days.
    """

    lag_records: int
    lag_seconds: float
    failures_queued: int
    unjudgeable_records: int
    unreconciled_runs: int

    @property
    def well(self) -> bool:
        """Whether nobody needs to look; records that wait for a short while are no fault."""
        wrong = self.failures_queued or self.unjudgeable_records or self.unreconciled_runs
        return not wrong and self.lag_seconds <= LATE


def health(cloud: Cloud, *, now: datetime | None = None) -> Health:
    """Look at the newest runs, the function's log and the failure queue.

    Reads no record: how many the function was handed is in its log. Lambda may hand over a record
    twice, so a lag may be told too small, but not when it is a run's last word: a run whose records
    are missing is `unreconciled`.
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
    queued = failures.waiting(cloud)
    return Health(
        sum(lags.values()),
        round((now - waiting_since).total_seconds(), 1),
        queued,
        log.counts.get("unjudgeable", 0),
        sum(_is_unreconciled(run, now) for run in runs),
    )


def _is_unreconciled(run: Run, now: datetime) -> bool:
    if run.state in (RunState.RUNNING, RunState.WRITTEN):
        return (now - started_at(run.id)).total_seconds() > LONG
    return run.state in (RunState.INCOMPLETE, RunState.FAILED)


def _newest(cloud: Cloud, since: datetime) -> list[Run]:
    """The runs that were started since then, newest first."""
    found: list[Run] = []
    for run in run_table.runs(cloud):
        if started_at(run.id) < since:
            break
        found.append(run)
    return found
