"""The loop over both halves: train a model, test it, let the function filter, reconcile."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from app.services.event_log import bind_run, log_event
from app.services.probability_summary import ProbabilityCollector
from app.services.workspace import Workspace
from aws import function, run_table
from aws.clients import Cloud
from aws.errors import CloudError, is_unreachable
from aws.reconciliation import reconcile, wait_for_candidates
from aws.redaction import redacted
from aws.retrain_rule import ExpectedCandidates
from aws.score_table import ScoreWriter
from iris_core.cancellation import IsCancelled, never
from iris_core.data.datasets import DataSet
from iris_core.errors import Cancelled, StoreError
from iris_core.evaluation.testing import TestReport, test
from iris_core.model.models import Model
from iris_core.records.keys import new_run_id
from iris_core.records.reconciliation import Reconciliation
from iris_core.records.record import Record
from iris_core.records.run import Run, RunState

WAIT = 120.0
"""Seconds that the function is given to filter a run."""

OnProgress = Callable[[str, int, int], None]
"""Told the line (`predicted`, `stored` or `filtered`), how many, and of how many."""


def silently(_line: str, _done: int, _total: int) -> None:
    """An `OnProgress` for those who do not watch."""


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """A test run, what its tables say, and what the model got right."""

    run: Run
    reconciliation: Reconciliation
    report: TestReport


def run_test(
    workspace: Workspace,
    model: Model,
    dataset: DataSet,
    *,
    threshold: str | None = None,
    timeout: float = WAIT,
    on_progress: OnProgress = silently,
    cancelled: IsCancelled = never,
) -> TestOutcome:
    """Test every record, write each to the score table, wait for the function, and reconcile.

    `threshold` is set on the function first; without it the function's own counts. The records
    carry it, so that nobody who changes the function's meanwhile changes what becomes of this run.
    The run is kept in the run table from its first moment on, and says what became of it.
    """
    cloud = workspace.cloud()
    if threshold is not None:
        function.set_threshold(cloud, threshold)
    run = Run(
        id=new_run_id(),
        model=model.card.id,
        dataset=dataset.id,
        dataset_name=dataset.name,
        rows=dataset.rows,
        threshold=function.threshold(cloud),
    )
    bind_run(run.id)
    save_run(workspace, cloud, run)
    began = time.perf_counter()
    expected, confidence = ExpectedCandidates(run.id, run.threshold), ProbabilityCollector()
    try:
        report = _write(cloud, run, model, dataset, (expected, confidence), on_progress, cancelled)
        run = replace(
            run,
            state=RunState.WRITTEN,
            tested=report.rows,
            accuracy=report.accuracy,
            loss=report.loss,
            metrics=confidence.metrics(report, run.threshold),
        )
        save_run(workspace, cloud, run)
        wait_for_candidates(
            cloud,
            expected.by_partition,
            timeout=timeout,
            on_progress=lambda found, expected: on_progress("filtered", found, expected),
            cancelled=cancelled,
        )
        result = reconcile(cloud, run.id, run.rows, run.threshold)
        run = reconciled(run, result, time.perf_counter() - began)
        save_run(workspace, cloud, run)
    except Cancelled:
        log_event("run cancelled")
        _note_end(workspace, cloud, replace(run, state=RunState.CANCELLED))
        raise
    except Exception as error:
        failed = replace(run, state=RunState.FAILED, note=redacted(str(error))[:500])
        log_event("run failed", kind=type(error).__name__, why=failed.note)
        # A cloud that is gone has been waited for long enough.
        _note_end(workspace, None if is_unreachable(error) else cloud, failed)
        raise
    return TestOutcome(run, result, report)


def _write(
    cloud: Cloud,
    run: Run,
    model: Model,
    dataset: DataSet,
    watchers: Sequence[Callable[[Record], object]],
    on_progress: OnProgress,
    cancelled: IsCancelled,
) -> TestReport:
    """Test every record and write it; returns when the cloud has acknowledged all of them.

    The `watchers` are told each record too.
    """
    with score_writer(cloud, run) as writer:

        def sink(record: Record) -> None:
            for watcher in watchers:
                watcher(record)
            writer(record)

        def progress(done: int, total: int) -> None:
            on_progress("predicted", done, total)
            on_progress("stored", writer.written, total)

        report = test(model, dataset, sink, on_progress=progress, cancelled=cancelled)
    on_progress("stored", writer.written, report.rows)
    return report


def score_writer(cloud: Cloud, run: Run) -> ScoreWriter:
    """Writes the records of a run, to be judged by its threshold."""
    return ScoreWriter(cloud, run.id, threshold=run.threshold, retry_seconds=cloud.retry_seconds)


def save_run(workspace: Workspace, cloud: Cloud, run: Run) -> None:
    """Keep the state of a run, in the workspace first: a crash of the cloud must not take it."""
    workspace.journal.save(run)
    run_table.save(cloud, run)
    log_event(
        f"run {run.state}",
        model=run.model,
        dataset=run.dataset,
        rows=run.rows,
        tested=run.tested,
        stored=run.stored,
        expected=run.expected,
        found=run.found,
        seconds=run.seconds,
    )


def _note_end(workspace: Workspace, cloud: Cloud | None, run: Run) -> None:
    """Keep the state of a run that ends too early, wherever that can be done.

    Whatever happened, and though a disk or a cloud may fail, it must not look as if it went on.
    """
    with suppress(StoreError):
        workspace.journal.save(run)
    if cloud is not None:
        with suppress(CloudError):
            run_table.save(cloud, run)


def reconciled(run: Run, result: Reconciliation, seconds: float | None) -> Run:
    """The run with what its tables say; `seconds` from its start to here."""
    return replace(
        run,
        state=RunState.RECONCILED if result.complete else RunState.INCOMPLETE,
        stored=result.stored,
        expected=result.expected,
        found=result.found,
        seconds=seconds,
    )
