"""Jobs run in the background, report their progress, and can be cancelled."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from app.services.jobs import MAX_ENDED_JOBS, Job, JobRunner, JobState, Progress


class StoppedError(Exception):
    """What work raises that was cancelled."""


@pytest.fixture
def runner() -> Iterator[JobRunner]:
    jobs = JobRunner(cancellation=StoppedError)
    yield jobs
    jobs.close()


def wait_for(job: Job) -> Job:
    over = threading.Event()
    for _ in range(1000):
        if job.is_over:
            return job
        over.wait(0.01)
    raise AssertionError(f"{job} did not end")


def test_finished_job_has_its_result(runner: JobRunner) -> None:
    job = wait_for(runner.submit("train", "Train iris", lambda job: job.title.upper()))
    assert (job.state, job.result, job.error) == (JobState.FINISHED, "TRAIN IRIS", None)
    assert job.seconds >= 0


def test_failed_job_keeps_its_error_and_the_next_one_runs(runner: JobRunner) -> None:
    def fail(_job: Job) -> None:
        raise ValueError("the reason")

    failed = wait_for(runner.submit("train", "bad", fail))
    assert (failed.state, str(failed.error)) == (JobState.FAILED, "the reason")
    assert wait_for(runner.submit("train", "good", lambda _: 1)).state is JobState.FINISHED


def test_progress_is_reported_step_by_step(runner: JobRunner) -> None:
    def work(job: Job) -> None:
        job.report("predicted", 5, 10)
        job.report("stored", 2, 10)
        job.report("predicted", 10, 10)

    job = wait_for(runner.submit("test", "t", work))
    assert job.progress == {"predicted": Progress(10, 10), "stored": Progress(2, 10)}
    assert [step.share for step in job.progress.values()] == [1.0, 0.2]
    assert Progress(0, 0).share == 1.0


def test_cancelled_job_ends_at_its_next_safe_point(runner: JobRunner) -> None:
    reached = threading.Event()

    def work(job: Job) -> None:
        reached.set()
        while not job.cancelled():
            pass
        raise StoppedError("stopped on request")

    job = runner.submit("train", "long", work)
    assert reached.wait(5)
    assert job in runner.running()
    runner.cancel(job)
    assert wait_for(job).state is JobState.CANCELLED


def test_error_after_a_cancel_click_is_a_failure_and_is_shown(runner: JobRunner) -> None:
    reached = threading.Event()

    def work(job: Job) -> None:
        reached.set()
        while not job.cancelled():
            pass
        raise ValueError("the disk is full")

    job = runner.submit("train", "long", work)
    assert reached.wait(5)
    runner.cancel(job)
    assert wait_for(job).state is JobState.FAILED
    assert str(job.error) == "the disk is full"


def test_jobs_of_a_kind_run_one_after_the_other_and_kinds_at_once(
    runner: JobRunner,
) -> None:
    gate = threading.Event()
    first = runner.submit("train", "first", lambda _: gate.wait(10))
    second = runner.submit("train", "second", lambda _: "second")
    other = wait_for(runner.submit("test", "other", lambda _: "other"))
    assert (second.state, other.state) == (JobState.QUEUED, JobState.FINISHED)
    assert runner.latest("train") is second
    gate.set()
    assert wait_for(first).is_over
    assert wait_for(second).result == "second"


def test_job_cancelled_in_the_queue_never_starts(runner: JobRunner) -> None:
    gate = threading.Event()
    runner.submit("train", "first", lambda _: gate.wait(10))
    second = runner.submit("train", "second", lambda _: "ran")
    runner.cancel(second)
    gate.set()
    assert wait_for(second).state is JobState.CANCELLED
    assert second.result is None


def test_only_the_newest_ended_jobs_are_remembered(runner: JobRunner) -> None:
    first = wait_for(runner.submit("first", "first", lambda _: None))
    assert runner.latest("first") is first
    for number in range(MAX_ENDED_JOBS + 5):
        wait_for(runner.submit("test", str(number), lambda _: None))
    newest = wait_for(runner.submit("test", "newest", lambda _: None))
    assert runner.latest("first") is None
    assert runner.latest("test") is newest
    assert runner.latest("none of these") is None


def test_of_kinds_with_large_results_the_newest_is_kept_beside_the_one_that_runs(
    runner: JobRunner,
) -> None:
    def search(subject: str) -> Job:
        return runner.submit("search", "", lambda _: subject, subject=subject, keeps_one=True)

    other = wait_for(runner.submit("train", "", lambda _: None))
    for subject in ("first", "second", "first", "first"):
        job = wait_for(search(subject))
    assert [found.id for found in runner.finished("search", "first")] == [job.id, "search-4"]
    assert runner.finished("search", "second") == []
    assert runner.latest("train") is other
    # AND what failed is not finished
    failed = wait_for(runner.submit("search", "", lambda _: 1 / 0, subject="first"))
    assert failed not in runner.finished("search", "first")


def test_closing_cancels_what_runs() -> None:
    runner = JobRunner(cancellation=StoppedError)
    started = threading.Event()

    def work(job: Job) -> None:
        started.set()
        while not job.cancelled():
            pass

    job = runner.submit("train", "long", work)
    assert started.wait(5)
    runner.close()
    assert job.is_over
