"""Recovery: bring a run to its end, whatever a crash, a cancel or a failure took from it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from app.services.event_log import bind_run, log_event
from app.services.journal import Journal, NotedVerdict
from app.services.model.training import load_model
from app.services.review.carrying import carry_verdicts
from app.services.review.ledger import note_verdicts_of_run
from app.services.runs.pipeline import (
    FUNCTION_SECONDS,
    OnProgress,
    await_candidates,
    keep_scores,
    no_progress,
    save_run,
    score_writer,
    with_report,
    with_result,
)
from app.services.runs.probability_summary import ProbabilityCollector
from app.services.workspace import Workspace
from aws import reconciliation, retrain_table, run_table
from aws.clients import Cloud
from aws.errors import ConflictError, SettingsError
from aws.reconciliation import reconcile
from aws.retrain_rule import ExpectedCandidates
from iris_core.cancellation import IsCancelled, never
from iris_core.data.datasets import DataSet
from iris_core.errors import Cancelled
from iris_core.evaluation.testing import test
from iris_core.model.models import Model
from iris_core.records.reconciliation import Reconciliation
from iris_core.records.record import Record
from iris_core.records.run import Run, RunState


def replay(
    workspace: Workspace,
    run_id: str,
    *,
    timeout: float = FUNCTION_SECONDS,
    on_progress: OnProgress = no_progress,
    cancelled: IsCancelled = never,
) -> tuple[Run, Reconciliation]:
    """Bring a run to its end, whatever it lacks: stored records, candidates, or verdicts.

    Rows that are not stored are tested again under the same keys, by the same model on the same
    data; candidates that are missing are replayed to the function; verdicts that are noted in the
    workspace but lost in the cloud are given again, and those that the cloud alone has are noted.
    What is there already stays: a record whose write had an unknown outcome is either stored by
    now, or it is written again. Of a run whose records have expired the verdicts alone come back.

    Args:
        workspace: that remembers the run.
        run_id: of the run.
        timeout: seconds in which the stream may deliver the rows that are written again; what it
            has not delivered then is replayed to the function.
        on_progress: called as the work goes on.
        cancelled: asked before candidates are replayed, while rows are tested again, and while
            the function filters.

    Returns:
        The run, and what its tables hold.

    Raises:
        SettingsError: neither the cloud nor the workspace knows the run.
        NotFoundError: rows are missing, and the model or the data set is gone.
        Cancelled: `cancelled` said so; what was brought back stays, and the run can be replayed
            again.
    """
    cloud = workspace.cloud()
    journal = workspace.journal_of(cloud)
    run = _find(cloud, journal, run_id)
    bind_run(run.id)
    if run.records_expired():
        return run, _without_records(workspace, journal, cloud, run)
    # A crash may have taken records of a run that was reconciled: it is so again when that is seen.
    open_again = run.state == RunState.RECONCILED
    save_run(journal, cloud, replace(run, state=RunState.INCOMPLETE) if open_again else run)
    result = reconcile(cloud, run.id, run.rows, run.threshold)
    log_event("run replayed", missing=len(result.missing), unstored=len(result.unstored))
    # First of all: nobody else would deliver them, and writing waits for all candidates.
    result = _replay_missing(cloud, run, result, cancelled)
    if result.unstored:
        model, dataset = load_model(workspace, run.model), workspace.datasets.load(run.dataset)
        run, expected = _write_again(
            journal, cloud, run, model, dataset, result.unstored, on_progress, cancelled
        )
        await_candidates(cloud, expected, timeout, on_progress, cancelled)
        result = reconcile(cloud, run.id, run.rows, run.threshold)
    result = _replay_missing(cloud, run, result, cancelled)
    _restore_verdicts(journal, cloud, run)
    note_verdicts_of_run(workspace, cloud, run)
    if run.project:
        carry_verdicts(workspace, cloud, run, cancelled=cancelled)
    run = with_result(run, result, run.seconds)
    save_run(journal, cloud, run)
    return run, result


def _without_records(
    workspace: Workspace, journal: Journal, cloud: Cloud, run: Run
) -> Reconciliation:
    """Restore the verdicts on a run whose records have expired; it stays as it was tested."""
    save_run(journal, cloud, run)
    _restore_verdicts(journal, cloud, run)
    note_verdicts_of_run(workspace, cloud, run)
    return reconcile(cloud, run.id, run.rows, run.threshold, expired=True)


def lost_runs(workspace: Workspace) -> list[Run]:
    """Return the runs that the workspace notes and the cloud lost in a crash, or their verdicts."""
    cloud = workspace.cloud()
    journal = workspace.journal_of(cloud)
    # Before the cloud is asked: a run that starts meanwhile is noted first.
    noted = journal.runs()
    stored = {run.id for run in run_table.runs(cloud)}
    return [run for run in noted if run.id not in stored or _has_lost_verdicts(cloud, journal, run)]


def find_run(workspace: Workspace, run_id: str) -> Run:
    """Return a run from the cloud, else from the workspace's notes.

    Raises:
        SettingsError: it is in neither.
    """
    cloud = workspace.cloud()
    return _find(cloud, workspace.journal_of(cloud), run_id)


def _find(cloud: Cloud, journal: Journal, run_id: str) -> Run:
    try:
        return run_table.load(cloud, run_id)
    except SettingsError:
        noted = journal.run(run_id)
        if noted is None:
            raise
        return noted


def _has_lost_verdicts(cloud: Cloud, journal: Journal, run: Run) -> bool:
    """Return whether a crash took verdicts on a run: it takes the newest one first."""
    if cloud.settings.target != "local":
        # AWS loses nothing, and each question costs a request.
        return False
    newest = journal.newest_verdict(run.id)
    if newest is None:
        return False
    candidate = retrain_table.load(cloud, newest.key)
    return candidate is not None and candidate.version < newest.version


def _replay_missing(
    cloud: Cloud, run: Run, result: Reconciliation, cancelled: IsCancelled
) -> Reconciliation:
    """Replay the candidates that are missing; return what the tables hold then."""
    if not result.missing:
        return result
    if cancelled():
        raise Cancelled("The replay was cancelled. What is stored stays; complete the run later.")
    reconciliation.replay(cloud, result.missing, run.threshold)
    return reconcile(cloud, run.id, run.rows, run.threshold)


def _write_again(
    journal: Journal,
    cloud: Cloud,
    run: Run,
    model: Model,
    dataset: DataSet,
    unstored: tuple[int, ...],
    on_progress: OnProgress,
    cancelled: IsCancelled,
) -> tuple[Run, ExpectedCandidates]:
    """Test a run's data again and write the rows that are not stored.

    Returns the run with its figures, and the candidates to expect of the whole run.
    """
    missing = set(unstored)
    expected, confidence = ExpectedCandidates(run.id, run.threshold), ProbabilityCollector()
    with score_writer(cloud, run) as writer:

        def sink(record: Record) -> None:
            expected(record)
            confidence(record)
            if record.row in missing:
                writer(record)

        report = test(
            model,
            dataset,
            sink,
            on_progress=lambda done, total: on_progress("predicted", done, total),
            cancelled=cancelled,
        )
    keep_scores(journal, run, report)
    return replace(with_report(run, report, confidence), note=""), expected


def _restore_verdicts(journal: Journal, cloud: Cloud, run: Run) -> None:
    """Give noted verdicts to candidates that have lost theirs, or have an earlier one again."""
    for *earlier, newest in journal.all_verdicts(run.id):
        candidate = retrain_table.load(cloud, newest.key)
        if candidate is None or (
            candidate.version
            and NotedVerdict.of(candidate).identity not in {noted.identity for noted in earlier}
        ):
            continue
        with suppress(ConflictError):
            restored = retrain_table.save_verdict(
                cloud,
                candidate,
                newest.decision,
                label=newest.label or None,
                note=newest.note,
                carried_from=newest.carried_from,
                # Notes of earlier versions lack the time, and an undo may leave none.
                at=newest.at if newest.at or newest.undoes else None,
                who=newest.who,
                verdict_id=newest.id,
                opinions=newest.reviewers_opinions,
            )
            # Noted too: it is what a later crash may bring back.
            journal.add_verdicts(run.id, [NotedVerdict.of(restored, is_own=bool(newest.id))])
