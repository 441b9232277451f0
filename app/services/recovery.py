"""Recovery: bring a run to its end, whatever a crash, a cancel or a failure took from it."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace

from app.services.event_log import bind_run, log_event
from app.services.journal import NotedVerdict
from app.services.pipeline import (
    WAIT,
    OnProgress,
    reconciled,
    save_run,
    score_writer,
    silently,
)
from app.services.probability_summary import ProbabilityCollector
from app.services.workspace import Workspace
from aws import reconciliation, retrain_table, run_table
from aws.clients import Cloud
from aws.errors import ConflictError, SettingsError
from aws.reconciliation import reconcile, wait_for_candidates
from aws.retrain_rule import ExpectedCandidates
from iris_core.cancellation import IsCancelled, never
from iris_core.data.datasets import DataSet
from iris_core.evaluation.testing import test
from iris_core.model.models import Model
from iris_core.records.reconciliation import Reconciliation
from iris_core.records.record import Record
from iris_core.records.run import Run, RunState


def replay(
    workspace: Workspace,
    run_id: str,
    *,
    timeout: float = WAIT,
    on_progress: OnProgress = silently,
    cancelled: IsCancelled = never,
) -> tuple[Run, Reconciliation]:
    """Bring a run to its end, whatever it lacks: stored records, candidates, or verdicts.

    Rows that are not stored are tested again under the same keys, by the same model on the same
    data; candidates that are not found are handed to the function again; verdicts that are noted
    in the workspace but lost in the cloud are given again. What is there already stays. Rows that
    are written again are left to the stream for `timeout` seconds, then handed to the function.
    """
    cloud = workspace.cloud()
    run = find_run(workspace, run_id)
    bind_run(run.id)
    # A crash may have taken records of a run that was reconciled: it is so again when that is seen.
    open_again = run.state == RunState.RECONCILED
    save_run(workspace, cloud, replace(run, state=RunState.INCOMPLETE) if open_again else run)
    result = reconcile(cloud, run.id, run.rows, run.threshold)
    log_event("run replayed", missing=len(result.missing), unstored=len(result.unstored))
    if result.missing:
        # First of all: nobody else would deliver them, and writing waits for all candidates.
        reconciliation.replay(cloud, result.missing, run.threshold)
        result = reconcile(cloud, run.id, run.rows, run.threshold)
    if result.unstored:
        model, dataset = workspace.models.load(run.model), workspace.datasets.load(run.dataset)
        run, expected = _write_again(
            cloud, run, model, dataset, result.unstored, on_progress, cancelled
        )
        wait_for_candidates(
            cloud,
            expected,
            timeout=timeout,
            on_progress=lambda found, total: on_progress("filtered", found, total),
            cancelled=cancelled,
        )
        result = reconcile(cloud, run.id, run.rows, run.threshold)
    if result.missing:
        reconciliation.replay(cloud, result.missing, run.threshold)
        result = reconcile(cloud, run.id, run.rows, run.threshold)
    _restore_verdicts(workspace, cloud, run)
    run = reconciled(run, result, run.seconds)
    save_run(workspace, cloud, run)
    return run, result


def lost_runs(workspace: Workspace) -> list[Run]:
    """Runs that the workspace remembers and the cloud does not have: a crash took them."""
    known = {run.id for run in run_table.runs(workspace.cloud())}
    return [run for run in workspace.journal.runs() if run.id not in known]


def find_run(workspace: Workspace, run_id: str) -> Run:
    """A run from the cloud, else from the workspace's notes; raises `SettingsError` if in none."""
    try:
        return run_table.load(workspace.cloud(), run_id)
    except SettingsError:
        noted = workspace.journal.run(run_id)
        if noted is None:
            raise
        return noted


def _write_again(
    cloud: Cloud,
    run: Run,
    model: Model,
    dataset: DataSet,
    unstored: tuple[int, ...],
    on_progress: OnProgress,
    cancelled: IsCancelled,
) -> tuple[Run, Counter[str]]:
    """Test a run's data again and write the rows that are not stored.

    Returns the run with what is known of it now, and the candidates to expect a partition.
    """
    wanted = set(unstored)
    counted, confidence = ExpectedCandidates(run.id, run.threshold), ProbabilityCollector()
    with score_writer(cloud, run) as writer:

        def sink(record: Record) -> None:
            counted(record)
            confidence(record)
            if record.row in wanted:
                writer(record)

        report = test(
            model,
            dataset,
            sink,
            on_progress=lambda done, total: on_progress("stored", done, total),
            cancelled=cancelled,
        )
    tested = replace(
        run,
        tested=report.rows,
        accuracy=report.accuracy,
        loss=report.loss,
        metrics=confidence.metrics(report, run.threshold),
        note="",
    )
    return tested, counted.by_partition


def _restore_verdicts(workspace: Workspace, cloud: Cloud, run: Run) -> None:
    """Give noted verdicts to candidates that have lost theirs, or have an earlier one again."""
    for *earlier, newest in workspace.journal.all_verdicts(run.id):
        found = retrain_table.load(cloud, newest.key)
        if found is None or (found.verdict is not None and NotedVerdict.of(found) not in earlier):
            continue
        with suppress(ConflictError):
            again = retrain_table.save_verdict(
                cloud, found, newest.decision, label=newest.label or None
            )
            # Noted too: it is what a later crash may bring back.
            workspace.journal.add_verdict(NotedVerdict.of(again))
