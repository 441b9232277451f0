"""How many records of the newest run have passed each stage of the pipeline."""

from __future__ import annotations

from dataclasses import dataclass

from app.services.job_starters import TESTING
from app.services.jobs import Job
from iris_core.records.run import Run, RunState

UNFINISHED = (RunState.RUNNING, RunState.WRITTEN)
"""The states of a run whose candidates may still come."""


@dataclass(frozen=True, slots=True)
class PipelineCounts:
    """Records of a run, stage by stage; all 0 without a run.

    Attributes:
        rows: of the data set that is tested.
        tested: predicted by the model.
        stored: written to the score table.
        expected: candidates that there must be, 0 while that is not known.
        copied: candidates in the retrain table.
    """

    rows: int = 0
    tested: int = 0
    stored: int = 0
    expected: int = 0
    copied: int = 0


def pipeline_counts(run: Run | None, job: Job | None) -> PipelineCounts:
    """Return the counts of a run; those of a test under way as they come.

    Args:
        run: the newest run.
        job: the job that is running, of any kind.
    """
    if run is None:
        rows = tested = stored = expected = copied = 0
    else:
        rows, tested, stored = run.rows, run.tested, run.stored
        expected, copied = run.expected, run.found
    if job is not None and job.kind in TESTING and not job.is_over:
        done = {line: progress.done for line, progress in job.progress.items()}
        tested, stored = done.get("predicted", tested), done.get("stored", stored)
        if predicted := job.progress.get("predicted"):
            rows = predicted.total
        if filtered := job.progress.get("filtered"):
            expected, copied = filtered.total, filtered.done
    return PipelineCounts(rows, tested, stored, expected, copied)
