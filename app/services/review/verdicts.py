"""Review: a person's verdicts on candidates, and the candidates' fields to review them by."""

from __future__ import annotations

from typing import Literal

from app.services.event_log import log_event
from app.services.journal import NotedVerdict
from app.services.workspace import Workspace
from aws import retrain_table
from aws.clients import Cloud
from iris_core.data.feature_text import Plain, read_features
from iris_core.errors import DataError, StoreError
from iris_core.records.candidate import Candidate
from iris_core.records.run import Run
from iris_core.records.verdict import Decision


def give_verdict(
    workspace: Workspace,
    candidate: Candidate,
    decision: Decision | Literal["undecided"],
    *,
    label: str | None = None,
    note: str = "",
    who: str = "",
    settles: bool = False,
) -> Candidate:
    """Save a reviewer's verdict in the retrain table and note it in the workspace.

    The verdict that it replaces is noted first, for this workspace may not know it: when a crash of
    the local cloud brings that one back, a replay must not take it for the later one.

    Args:
        workspace: whose cloud holds the candidate.
        candidate: as the reviewer saw it.
        decision: `right`, `relabel` or `drop`, or `undecided` to take a verdict back.
        label: the true class, for `relabel`.
        note: for people, why.
        who: the reviewer, by whose name the verdict can be undone.
        settles: whether it ends the disagreement of reviewers.

    Returns:
        The candidate as it is now.

    Raises:
        ConflictError: somebody else reviewed it first.
        SettingsError: the label does not fit the decision, or nobody's name stands for what it
            settles.
        StoreError: the verdict is saved but could not be noted: it counts, but a crash of the local
            cloud would take it.
    """
    cloud = workspace.cloud()
    reviewed = retrain_table.save_verdict(
        cloud, candidate, decision, label=label, note=note, who=who, settles=settles
    )
    log_event("verdict", run=reviewed.key.run, row=reviewed.key.row, decision=decision)
    journal = workspace.journal_of(cloud)
    versions = [NotedVerdict.of(reviewed, is_own=True)]
    if candidate.version:
        versions.insert(0, NotedVerdict.of(candidate, is_own=is_private(cloud)))
    try:
        journal.add_verdicts(reviewed.key.run, versions)
    except StoreError as error:
        raise StoreError(
            f"The verdict on {reviewed.key} is stored, but the workspace could not note it, and a "
            f"crash of the local cloud would take it: {error}"
        ) from error
    return reviewed


def is_private(cloud: Cloud) -> bool:
    """Return whether all verdicts of a cloud were given in this workspace, as in the local one."""
    return cloud.settings.target == "local"


def classes(workspace: Workspace, run: Run) -> tuple[str, ...]:
    """Return the classes of a run's model.

    Raises:
        NotFoundError: the run has no metrics, and the model is gone.
    """
    return run.metrics.class_names or workspace.models.card(run.model).schema.classes


def features(candidate: Candidate) -> dict[str, Plain]:
    """Return the record's fields, read back from its text.

    Raises:
        DataError: it is no text of fields.
    """
    return fields_of(candidate.record.feature_string, f"Record {candidate.key}")


def fields_of(text: str, owner: str) -> dict[str, Plain]:
    """Return the fields in a record's `Features`.

    Args:
        text: the attribute.
        owner: whose it is, for a message.

    Raises:
        DataError: it is no text of fields.
    """
    try:
        return read_features(text)
    except DataError as error:
        raise DataError(f"{owner}: {error} Drop it.") from error
