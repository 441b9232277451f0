"""Carry verdicts over: a candidate whose row was reviewed in an earlier run comes reviewed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from app.services.event_log import log_event
from app.services.journal import NotedVerdict
from app.services.review.ledger import note_verdicts_of_others, row_of, row_verdicts
from app.services.review.saving import at_once
from app.services.workspace import Workspace
from aws import retrain_table
from aws.clients import Cloud
from aws.errors import ConflictError
from iris_core.cancellation import IsCancelled, never
from iris_core.records.candidate import Candidate
from iris_core.records.run import Run
from iris_core.records.verdict import RowVerdict

_BATCH = 256


def carry_verdicts(
    workspace: Workspace, cloud: Cloud, run: Run, *, cancelled: IsCancelled = never
) -> int:
    """Give the candidates of a run the verdicts that their rows have; return how many got one.

    A verdict holds for a row with the label that was reviewed, or with the label that it was given.
    A candidate that somebody reviewed, or whose verdict was taken back, stays as it is.

    Args:
        workspace: that notes the verdicts.
        cloud: that holds the candidates.
        run: whose candidates.
        cancelled: asked before each batch; what is carried by then stays.
    """
    note_verdicts_of_others(workspace, cloud, run.project)
    verdicts = row_verdicts(workspace, run.project)
    carried = 0
    batch: list[tuple[Candidate, RowVerdict]] = []
    if verdicts:
        for candidate in retrain_table.candidates(cloud, run):
            verdict = _verdict_on(workspace, run, candidate, verdicts)
            if verdict is not None:
                batch.append((candidate, verdict))
            if len(batch) == _BATCH:
                if cancelled():
                    return carried
                carried += _save(workspace, cloud, run, batch)
                batch = []
        carried += _save(workspace, cloud, run, batch)
    log_event("verdicts carried over", verdicts=carried)
    return carried


def _verdict_on(
    workspace: Workspace, run: Run, candidate: Candidate, verdicts: Mapping[str, RowVerdict]
) -> RowVerdict | None:
    """Return the verdict that a candidate's row has; None if it has none, or the candidate one."""
    if candidate.version:
        return None
    row = row_of(workspace, run, candidate)
    verdict = verdicts.get(row.fingerprint) if row is not None else None
    if row is None or verdict is None or verdict.for_label(row.given) is None:
        return None
    return verdict


def _save(
    workspace: Workspace, cloud: Cloud, run: Run, batch: list[tuple[Candidate, RowVerdict]]
) -> int:
    """Save the verdicts of a batch in the table, and note them; return how many were saved.

    Raises:
        CloudError: some could not be saved; all others are noted.
    """

    def save(pair: tuple[Candidate, RowVerdict]) -> NotedVerdict | None:
        candidate, verdict = pair
        decision = verdict.for_label(candidate.record.actual_string) or "right"
        with suppress(ConflictError):
            reviewed = retrain_table.save_verdict(
                cloud,
                candidate,
                decision,
                label=verdict.label if decision == "relabel" else None,
                note=verdict.note,
                carried_from=verdict.run,
                at=verdict.at,
                who=verdict.who,
            )
            return NotedVerdict.of(reviewed)
        return None

    notes, error = at_once(save, batch)
    saved = [note for note in notes if note is not None]
    workspace.journal_of(cloud).add_verdicts(run.id, saved)
    if error is not None:
        raise error
    return len(saved)
