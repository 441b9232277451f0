"""Background work that outlives a page switch and a browser reload. Standard library only.

A job belongs to the process, never to a browser session, and calls no screen: pages poll it.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

_log = logging.getLogger(__name__)

MAX_ENDED_JOBS = 50
"""Ended jobs that are remembered."""


class JobState(StrEnum):
    """The state of a job; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one step of a job's work is: `done` of `total`."""

    done: int
    total: int

    @property
    def share(self) -> float:
        """The share that is done, 0 to 1; a step without any work is complete."""
        return min(1.0, self.done / self.total) if self.total else 1.0


@dataclass(eq=False)
class Job:
    """One piece of work: its state, its progress by step, and in the end its result or error.

    Pages read it, the worker writes it.
    """

    id: str
    kind: str
    title: str
    state: JobState = JobState.QUEUED
    progress: dict[str, Progress] = field(default_factory=dict)
    events: list[Any] = field(default_factory=list)
    """What the work reported so far, such as epochs or stack events; only ever appended to."""
    subject: str = ""
    """What the work is about, such as a run's id; empty if that does not matter."""
    projects: frozenset[str] = frozenset()
    """The ids of the projects whose data and models the work needs."""
    result: Any = None
    error: Exception | None = None
    started: float | None = None
    ended: float | None = None
    cancel_requested: threading.Event = field(default_factory=threading.Event, repr=False)
    """Set by `JobRunner.cancel`: the work is to stop at its next safe point."""

    @property
    def is_over(self) -> bool:
        """Whether the state is final."""
        return self.state in (JobState.FINISHED, JobState.FAILED, JobState.CANCELLED)

    @property
    def seconds(self) -> float:
        """Seconds for which it ran, or has been running."""
        if self.started is None:
            return 0.0
        return (self.ended or time.monotonic()) - self.started

    def report(self, step: str, done: int, total: int) -> None:
        """Say how far one step of the work is."""
        # A new mapping, so that a page never sees one change while it draws.
        self.progress = {**self.progress, step: Progress(done, total)}

    def cancelled(self) -> bool:
        """Return whether the work was asked to stop."""
        return self.cancel_requested.is_set()


class JobRunner:
    """Runs jobs, one at a time a queue, in the order in which they were submitted."""

    def __init__(self, *, cancellation: type[Exception]) -> None:
        """Take for cancelled what ends with `cancellation`; any other error is a failure."""
        self._cancellation = cancellation
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._jobs: dict[str, Job] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def submit(
        self,
        kind: str,
        title: str,
        work: Callable[[Job], Any],
        *,
        queue: str | None = None,
        subject: str = "",
        projects: Collection[str] = (),
        keeps_one: bool = False,
    ) -> Job:
        """Queue `work`; it is called with its job, to report to and to be cancelled through.

        Args:
            kind: by which `latest` finds the job.
            title: for people.
            work: returns the job's result; asked to stop, it raises the runner's cancellation.
            queue: of kinds that must not run at once; by default each kind has its own.
            subject: what the work is about.
            projects: the ids of those whose data and models it needs.
            keeps_one: of the ended jobs of the kind only the newest is remembered, for their
                results are large.
        """
        name = queue or kind
        with self._lock:
            number = next(self._numbers)
            job = Job(
                f"{kind}-{number}", kind, title, subject=subject, projects=frozenset(projects)
            )
            if keeps_one:
                self._forget(kind, keep=1)
            self._jobs[job.id] = job
            self._forget(keep=MAX_ENDED_JOBS)
            pool = self._pools.setdefault(name, ThreadPoolExecutor(1, thread_name_prefix=name))
        pool.submit(self._run, job, work)
        return job

    def latest(self, *kinds: str) -> Job | None:
        """Return the newest job of these kinds, None if there is none."""
        with self._lock:
            of_kinds = [job for job in self._jobs.values() if job.kind in kinds]
        return of_kinds[-1] if of_kinds else None

    def finished(self, kind: str, subject: str) -> list[Job]:
        """Return the finished jobs of a kind on a subject, newest first."""
        with self._lock:
            return [
                job
                for job in reversed(self._jobs.values())
                if (job.kind, job.subject, job.state) == (kind, subject, JobState.FINISHED)
            ]

    def running(self) -> list[Job]:
        """Return the jobs that are queued or running, oldest first."""
        with self._lock:
            return [job for job in self._jobs.values() if not job.is_over]

    def cancel(self, job: Job) -> None:
        """Ask a job's work to stop; it does so at its next safe point."""
        job.cancel_requested.set()

    def close(self) -> None:
        """Cancel what runs and wait for it to stop."""
        for job in self.running():
            self.cancel(job)
        with self._lock:
            pools = list(self._pools.values())
        for pool in pools:
            pool.shutdown(wait=True)

    def _run(self, job: Job, work: Callable[[Job], Any]) -> None:
        if job.cancelled():
            job.state = JobState.CANCELLED
            return
        job.state, job.started = JobState.RUNNING, time.monotonic()
        outcome = JobState.FINISHED
        try:
            job.result = work(job)
        except self._cancellation as error:
            outcome = JobState.CANCELLED
            job.error = error
            _log.info("job %s was cancelled", job.id)
        except Exception as error:  # noqa: BLE001 - whatever it is, the page shows it
            outcome = JobState.FAILED
            job.error = error
            _log.info("job %s ended as %s", job.id, outcome, exc_info=error)
        # Last of all: whoever sees a final state also sees the result, the error and the time.
        job.ended = time.monotonic()
        job.state = outcome

    def _forget(self, *kinds: str, keep: int) -> None:
        """Forget ended jobs but the newest: of some kinds, or of all if none is named."""
        over = [
            job.id
            for job in self._jobs.values()
            if job.is_over and (not kinds or job.kind in kinds)
        ]
        for job_id in over[:-keep]:
            del self._jobs[job_id]
