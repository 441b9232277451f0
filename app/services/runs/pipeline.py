"""A test run over both halves: predict, write, let the function filter, reconcile."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from app.services.event_log import bind_run, log_event
from app.services.journal import Journal
from app.services.review.carrying import carry_verdicts
from app.services.runs.probability_summary import ProbabilityCollector
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
from iris_core.data.matching import check_labels
from iris_core.errors import Cancelled, StoreError
from iris_core.evaluation.testing import TestReport, test
from iris_core.model.models import Model
from iris_core.records.keys import new_run_id
from iris_core.records.reconciliation import Reconciliation
from iris_core.records.record import Record
from iris_core.records.run import Run, RunState

FUNCTION_SECONDS = 120.0
"""Seconds that the function is given to filter a run."""

OnProgress = Callable[[str, int, int], None]
"""Called with a step, how many are done, and of how many.

The steps are `predicted`, `stored` and `filtered`; `delayed` are records that wait for the table.
"""


def no_progress(_step: str, _done: int, _total: int) -> None:
    """Do nothing: an `OnProgress` for those who do not watch."""


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """A test run as it ended.

    Attributes:
        run: as the run table keeps it.
        reconciliation: what its tables hold, against what they should.
        report: what the model got right.
        reviewed: number of candidates that come reviewed: their rows were, in an earlier run.
    """

    run: Run
    reconciliation: Reconciliation
    report: TestReport
    reviewed: int


def run_test(
    workspace: Workspace,
    model: Model,
    dataset: DataSet,
    *,
    threshold: str | None = None,
    timeout: float = FUNCTION_SECONDS,
    on_progress: OnProgress = no_progress,
    cancelled: IsCancelled = never,
) -> TestOutcome:
    """Test every record, write each to the score table, wait for the function, and reconcile.

    The run is in the run table, with its state, from its first moment on.

    Args:
        workspace: whose cloud is used.
        model: to be tested.
        dataset: to test it on.
        threshold: 0 to 1; by default the function's own. Every record carries it, so the function
            applies it to this run whatever its own is, then and later.
        timeout: seconds to wait for the function.
        on_progress: called as the run goes on.
        cancelled: asked before each chunk of records, and while the function filters.

    Raises:
        DataError: the model knows none of the labels; no run is begun.
        SettingsError: the threshold is no number from 0 to 1.
        Cancelled: `cancelled` said so; the run's state says it too.
        CloudError: the cloud failed; the run's note says why.
    """
    if dataset.is_labelled:
        check_labels(dataset, model.card.schema.classes)
    cloud = workspace.cloud()
    journal = workspace.journal_of(cloud)
    run = Run(
        id=new_run_id(),
        model=model.card.id,
        dataset=dataset.id,
        dataset_name=dataset.name,
        rows=dataset.rows,
        threshold=function.threshold(cloud)
        if threshold is None
        else function.check_threshold(threshold),
        project=model.card.schema.columns.project,
        record_days=cloud.settings.record_days,
    )
    bind_run(run.id)
    save_run(journal, cloud, run)
    began = time.perf_counter()
    expected, confidence = ExpectedCandidates(run.id, run.threshold), ProbabilityCollector()
    writer = score_writer(cloud, run)
    try:
        report = _write(writer, model, dataset, (expected, confidence), on_progress, cancelled)
        keep_scores(journal, run, report)
        run = replace(with_report(run, report, confidence), state=RunState.WRITTEN)
        save_run(journal, cloud, run)
        await_candidates(cloud, expected, timeout, on_progress, cancelled)
        reviewed = carry_verdicts(workspace, cloud, run, cancelled=cancelled)
        result = reconcile(cloud, run.id, run.rows, run.threshold)
        run = with_result(run, result, time.perf_counter() - began)
        save_run(journal, cloud, run)
    except Cancelled:
        log_event("run cancelled")
        ended = replace(run, tested=confidence.records, stored=writer.written)
        _save_early_end(journal, cloud, replace(ended, state=RunState.CANCELLED))
        raise
    except Exception as error:
        ended = replace(run, tested=confidence.records, stored=writer.written)
        failed = replace(ended, state=RunState.FAILED, note=redacted(str(error))[:500])
        log_event("run failed", kind=type(error).__name__, why=failed.note)
        # A cloud that is gone has been waited for long enough.
        _save_early_end(journal, None if is_unreachable(error) else cloud, failed)
        raise
    return TestOutcome(run, result, report, reviewed)


def await_candidates(
    cloud: Cloud,
    expected: ExpectedCandidates,
    timeout: float,
    on_progress: OnProgress,
    cancelled: IsCancelled,
) -> None:
    """Wait until the function has copied what is expected, or its time is up.

    Raises:
        Cancelled: `cancelled` said so before all were copied.
    """
    complete = wait_for_candidates(
        cloud,
        expected.by_partition,
        timeout=timeout,
        on_progress=lambda copied, total: on_progress("filtered", copied, total),
        cancelled=cancelled,
    )
    if not complete and cancelled():
        raise Cancelled(
            "Cancelled while the function filtered. What is stored stays; complete the run later."
        )


def score_writer(cloud: Cloud, run: Run) -> ScoreWriter:
    """Return a writer of the run's records, which carry its threshold and when they expire."""
    expiry = run.records_expire_at
    return ScoreWriter(
        cloud,
        run.id,
        threshold=run.threshold,
        expires_at=int(expiry.timestamp()) if expiry else None,
        retry_seconds=cloud.retry_seconds,
    )


def save_run(journal: Journal, cloud: Cloud, run: Run) -> None:
    """Save the state of a run, in the workspace first: a crash of the cloud must not take it."""
    journal.save(run)
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


def keep_scores(journal: Journal, run: Run, report: TestReport) -> None:
    """Keep how the probabilities of a run are spread; a run is complete without its curves."""
    if report.scores is None:
        return
    try:
        journal.save_scores(run.id, report.scores)
    except StoreError as error:
        log_event("scores not kept", why=str(error))


def with_report(run: Run, report: TestReport, confidence: ProbabilityCollector) -> Run:
    """Return the run with its metrics.

    Args:
        run: as it was.
        report: on all its records.
        confidence: that has collected all its records.
    """
    return replace(
        run,
        tested=report.rows,
        accuracy=report.accuracy,
        loss=report.loss,
        metrics=confidence.metrics(report, run.threshold),
    )


def with_result(run: Run, result: Reconciliation, seconds: float | None) -> Run:
    """Return the run with what its tables hold.

    Args:
        run: as it was.
        result: of its reconciliation.
        seconds: from its start to now, None if that is not known.
    """
    return replace(
        run,
        state=RunState.RECONCILED if result.complete else RunState.INCOMPLETE,
        stored=result.stored,
        expected=result.expected,
        found=result.found,
        seconds=seconds,
    )


def _write(
    score_writer: ScoreWriter,
    model: Model,
    dataset: DataSet,
    watchers: Sequence[Callable[[Record], object]],
    on_progress: OnProgress,
    cancelled: IsCancelled,
) -> TestReport:
    """Test every record and write it; return when the cloud has acknowledged all of them."""
    with score_writer as writer:

        def sink(record: Record) -> None:
            for watcher in watchers:
                watcher(record)
            writer(record)

        def progress(done: int, total: int) -> None:
            on_progress("predicted", done, total)
            _report_stored(writer, total, on_progress)

        report = test(model, dataset, sink, on_progress=progress, cancelled=cancelled)
    _report_stored(score_writer, report.rows, on_progress)
    return report


def _report_stored(writer: ScoreWriter, total: int, on_progress: OnProgress) -> None:
    on_progress("stored", writer.written, total)
    if writer.delayed:
        on_progress("delayed", writer.delayed, total)


def _save_early_end(journal: Journal, cloud: Cloud | None, run: Run) -> None:
    """Save the state of a run that ends too early, wherever that can be done.

    Whatever happened, and though a disk or a cloud may fail, it must not look as if it went on.
    """
    with suppress(StoreError):
        journal.save(run)
    if cloud is not None:
        with suppress(CloudError):
            run_table.save(cloud, run)
