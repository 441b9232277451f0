"""Review: a person's verdicts on candidates, and the data set that comes of them."""

from __future__ import annotations

from app.services.event_log import log_event
from app.services.journal import NotedVerdict
from app.services.workspace import Workspace
from aws import retrain_table
from iris_core.data.feature_text import Plain, read_features
from iris_core.errors import DataError, StoreError
from iris_core.records.candidate import Candidate
from iris_core.records.run import Run
from iris_core.records.verdict import Decision


def give_verdict(
    workspace: Workspace, candidate: Candidate, decision: Decision, *, label: str | None = None
) -> Candidate:
    """Store a reviewer's verdict in the retrain table and note it in the workspace.

    The verdict that it replaces is noted first, for this workspace may not know it: when a crash of
    the local cloud brings that one back, a replay must not take it for the later one.

    Raises `StoreError` when it is stored but could not be noted: the verdict counts, but a crash of
    the local cloud would take it.
    """
    decided = retrain_table.save_verdict(workspace.cloud(), candidate, decision, label=label)
    log_event("verdict", run=decided.key.run, row=decided.key.row, decision=decision)
    try:
        for known in (candidate, decided):
            if known.verdict is not None:
                workspace.journal.add_verdict(NotedVerdict.of(known))
    except StoreError as error:
        raise StoreError(
            f"The verdict on {decided.key} is stored, but the workspace could not note it, and a "
            f"crash of the local cloud would take it: {error}"
        ) from error
    return decided


def classes(workspace: Workspace, run: Run) -> tuple[str, ...]:
    """The classes that a run's model tells apart; raises `NotFoundError` if nobody knows them."""
    return run.metrics.class_names or workspace.models.card(run.model).schema.classes


def features(candidate: Candidate) -> dict[str, Plain]:
    """The record's fields, read back from its text; raises `DataError` when that cannot be done."""
    return fields_of(candidate.record.feature_string, f"Record {candidate.key}")


def fields_of(text: str, whose: str) -> dict[str, Plain]:
    """The fields in a record's `Features`; raises `DataError`, which names `whose` they are."""
    try:
        return read_features(text)
    except DataError as error:
        raise DataError(f"{whose}: {error} Drop it.") from error
