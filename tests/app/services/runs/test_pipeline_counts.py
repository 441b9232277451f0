"""The counts of the pipeline: those of the newest run, or of the test that goes on."""

from __future__ import annotations

import threading

import pytest

from app.services.job_starters import TEST, TRAIN
from app.services.jobs import Job, JobRunner
from app.services.runs.pipeline_counts import PipelineCounts, pipeline_counts
from iris_core.errors import Cancelled
from iris_core.records.run import Run, RunState
from tests.aws.samples import sample_run


@pytest.fixture
def run() -> Run:
    return sample_run(100, state=RunState.RECONCILED, tested=100, stored=90, expected=30, found=20)


def test_without_a_run_all_counts_are_zero() -> None:
    assert pipeline_counts(None, None) == PipelineCounts()


def test_run_has_its_own_counts(run: Run) -> None:
    counts = PipelineCounts(rows=100, tested=100, stored=90, expected=30, copied=20)
    assert pipeline_counts(run, None) == counts


@pytest.mark.parametrize("kind", [TEST, TRAIN])
def test_only_a_test_under_way_has_newer_counts(run: Run, kind: str) -> None:
    runner, gate, reported = JobRunner(cancellation=Cancelled), threading.Event(), threading.Event()

    def work(job: Job) -> None:
        job.report("predicted", 60, 100)
        job.report("filtered", 5, 12)
        reported.set()
        gate.wait(30)

    job = runner.submit(kind, "Work", work)
    try:
        assert reported.wait(30)
        counts = pipeline_counts(run, job)
    finally:
        gate.set()
        runner.close()
    if kind == TEST:
        assert counts == PipelineCounts(rows=100, tested=60, stored=90, expected=12, copied=5)
        assert pipeline_counts(run, job) == pipeline_counts(run, None)
    else:
        assert counts == pipeline_counts(run, None)
