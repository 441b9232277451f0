"""Bulk: verdicts on many candidates of a run at once, which are one to be undone."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.services.event_log import log_event
from app.services.journal import Journal, NotedVerdict
from app.services.review.bulk_intents import Bulk, BulkIntents, IntendedVerdict
from app.services.review.choices import Choice, check, intended, is_given
from app.services.review.ledger import note_of
from app.services.review.saving import at_once, batches
from app.services.review.verdicts import classes
from app.services.runs.pipeline import OnProgress, no_progress
from app.services.workspace import Workspace
from aws import retrain_table
from aws.clients import Cloud
from aws.errors import CloudError, ConflictError
from iris_core.cancellation import IsCancelled, never
from iris_core.errors import NotFoundError
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key
from iris_core.records.run import Run

STEP = "reviewed"
"""The step of progress."""
_FEW = 1_000
"""Candidates that are read by their keys; of more the whole run is read, a page at a time."""


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What came of a bulk.

    Attributes:
        id: of the bulk; empty if there was nothing to give.
        given: number of candidates that got their verdict.
        unchanged: number of candidates that had it already.
        conflicts: the candidates that are as they were, for somebody reviewed them meanwhile, or
            they are no candidates.
        left: number of candidates that were not reached, for the work was cancelled.
    """

    id: str
    given: int
    unchanged: int
    conflicts: tuple[Key, ...]
    left: int = 0


@dataclass(frozen=True, slots=True)
class UnfinishedBulk:
    """A bulk that was interrupted, to be completed or undone.

    Attributes:
        id: of the bulk.
        who: the reviewer.
        at: when it was begun, ISO 8601, UTC.
        given: number of its verdicts that were given.
        of: number of verdicts that were to be given.
    """

    id: str
    who: str
    at: str
    given: int
    of: int


def give_verdicts(
    workspace: Workspace,
    run: Run,
    choices: Mapping[Key, Choice],
    *,
    who: str = "",
    on_progress: OnProgress = no_progress,
    cancelled: IsCancelled = never,
) -> BulkResult:
    """Give verdicts on many candidates of a run, which `undo` takes back as one.

    Each is stored on the condition that nobody reviewed its candidate since it was seen. What is to
    be given is noted first: if the process is killed, `unfinished_bulks` says how far it came.

    Args:
        workspace: whose cloud holds the candidates.
        run: whose candidates.
        choices: by the key of the candidate.
        who: the reviewer.
        on_progress: called as the work goes on.
        cancelled: asked before each batch; what is given by then stays.

    Raises:
        DataError: a choice is no verdict; nothing was given.
        CloudError: the cloud failed meanwhile; the message says how many were given.
        StoreError: it could not be noted, or another bulk of the run is under way.
    """
    cloud = workspace.cloud()
    relabels = any(choice.decision == "relabel" for choice in choices.values())
    check(choices.values(), classes(workspace, run) if relabels else ())
    found = _candidates(cloud, run, choices)
    verdicts: list[tuple[Candidate, IntendedVerdict]] = []
    conflicts = [key for key in choices if key not in found]
    for key, candidate in found.items():
        choice = choices[key]
        verdict = intended(candidate, choice)
        if choice.version not in (None, candidate.version):
            conflicts.append(key)
        elif not is_given(candidate, verdict):
            verdicts.append((candidate, verdict))
    unchanged = len(choices) - len(conflicts) - len(verdicts)
    if not verdicts:
        return BulkResult("", 0, unchanged, tuple(sorted(conflicts)))
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    bulk = Bulk(secrets.token_hex(8), run.id, who, at, tuple(verdict for _, verdict in verdicts))
    journal, intents = workspace.journal_of(cloud), intents_of(workspace, cloud, run)
    before = [note_of(cloud, entry, ()) for entry, _ in verdicts if entry.version]
    # First of all: a visitor who may change nothing is refused here.
    journal.add_verdicts(run.id, before)
    with intents.locked():
        intents.save(bulk)
        given = _Giving(cloud, journal, bulk).give(verdicts, on_progress, cancelled)
        intents.remove(bulk.id)
    left = len(verdicts) - given.count - len(given.conflicts)
    log_event("verdicts given", given=given.count, conflicts=len(given.conflicts), left=left)
    all_conflicts = tuple(sorted([*conflicts, *given.conflicts]))
    return BulkResult(bulk.id, given.count, unchanged, all_conflicts, left)


def unfinished_bulks(workspace: Workspace, run: Run) -> list[UnfinishedBulk]:
    """Return the bulks of a run that were interrupted, or are under way, the oldest first.

    Raises:
        StoreError: the note of one is broken.
    """
    cloud = workspace.cloud()
    bulks = intents_of(workspace, cloud, run).all()
    if not bulks:
        return []
    given = {(note.id, note.key) for note in workspace.journal_of(cloud).verdict_notes(run.id)}
    wanted = {verdict.key for bulk in bulks for verdict in bulk.verdicts}
    given |= {(entry.verdict_id, key) for key, entry in _candidates(cloud, run, wanted).items()}
    return [
        UnfinishedBulk(
            bulk.id,
            bulk.who,
            bulk.at,
            sum((bulk.id, verdict.key) in given for verdict in bulk.verdicts),
            len(bulk.verdicts),
        )
        for bulk in bulks
    ]


def complete_bulk(
    workspace: Workspace,
    run: Run,
    bulk_id: str,
    *,
    on_progress: OnProgress = no_progress,
    cancelled: IsCancelled = never,
) -> BulkResult:
    """Give those verdicts of an interrupted bulk that are not given yet.

    Returns:
        What came of the whole bulk; the verdicts that were given before count as given.

    Raises:
        NotFoundError: it is complete, or undone.
        CloudError: the cloud failed meanwhile; the message says how many were given.
        StoreError: it is under way, or could not be noted.
    """
    cloud = workspace.cloud()
    journal, intents = workspace.journal_of(cloud), intents_of(workspace, cloud, run)
    with intents.locked():
        bulk = next((bulk for bulk in intents.all() if bulk.id == bulk_id), None)
        if bulk is None:
            raise NotFoundError(
                f"Give the verdicts anew: expected an interrupted bulk of run {run.id}, received "
                f"{bulk_id!r}, which is complete or undone."
            )
        before = note_bulk(cloud, journal, run, bulk)
        found = _candidates(cloud, run, {verdict.key for verdict in bulk.verdicts})
        rest = [verdict for verdict in bulk.verdicts if verdict.key not in before]
        conflicts = [
            verdict.key
            for verdict in rest
            if verdict.key not in found or found[verdict.key].version != verdict.version
        ]
        verdicts = [(found[v.key], v) for v in rest if v.key not in conflicts]
        given = _Giving(cloud, journal, bulk).give(verdicts, on_progress, cancelled)
        left = len(verdicts) - given.count - len(given.conflicts)
        intents.remove(bulk.id)
    all_conflicts = tuple(sorted([*conflicts, *given.conflicts]))
    return BulkResult(bulk.id, len(before) + given.count, 0, all_conflicts, left)


def intents_of(workspace: Workspace, cloud: Cloud, run: Run) -> BulkIntents:
    """Return the bulks of a run that are under way, or were interrupted."""
    return BulkIntents(workspace.home, cloud.settings.cloud_name, run.id)


def note_bulk(cloud: Cloud, journal: Journal, run: Run, bulk: Bulk) -> set[Key]:
    """Note the verdicts of a bulk that a killed process gave and did not note.

    Returns:
        The candidates that got their verdict.
    """
    noted = {note.key for note in journal.verdict_notes(run.id) if note.id == bulk.id}
    wanted = {verdict.key for verdict in bulk.verdicts} - noted
    unnoted = [
        note_of(cloud, candidate, {bulk.id})
        for candidate in _candidates(cloud, run, wanted).values()
        if candidate.verdict_id == bulk.id
    ]
    journal.add_verdicts(run.id, unnoted)
    return noted | {note.key for note in unnoted}


@dataclass(slots=True)
class _Given:
    """How many of a bulk's verdicts were given, and which could not be."""

    count: int
    conflicts: list[Key]


class _Giving:
    """Gives the verdicts of a bulk, several at once, and notes each batch."""

    def __init__(self, cloud: Cloud, journal: Journal, bulk: Bulk) -> None:
        self._cloud, self._journal, self._bulk = cloud, journal, bulk

    def give(
        self,
        verdicts: Sequence[tuple[Candidate, IntendedVerdict]],
        on_progress: OnProgress,
        cancelled: IsCancelled,
    ) -> _Given:
        """Give verdicts on the candidates as they were seen; return what came of it."""
        given = _Given(0, [])
        for batch in batches(verdicts):
            if cancelled():
                break
            outcomes, error = at_once(self._save, batch)
            notes = [outcome for outcome in outcomes if isinstance(outcome, NotedVerdict)]
            self._journal.add_verdicts(self._bulk.run, notes)
            given.count += len(notes)
            given.conflicts += [entry for entry in outcomes if isinstance(entry, Key)]
            on_progress(STEP, given.count + len(given.conflicts), len(verdicts))
            if error is not None:
                raise CloudError(
                    f"{given.count} of {len(verdicts)} verdicts were given: {error} Complete or "
                    "undo them then."
                ) from error
        return given

    def _save(self, entry: tuple[Candidate, IntendedVerdict]) -> NotedVerdict | Key:
        """Save one verdict; return it as it is noted, or the key if somebody was quicker."""
        candidate, verdict = entry
        try:
            reviewed = retrain_table.save_verdict(
                self._cloud,
                candidate,
                verdict.decision,
                label=verdict.label or None,
                note=verdict.note,
                who=self._bulk.who,
                verdict_id=self._bulk.id,
            )
        except ConflictError:
            return candidate.key
        return NotedVerdict.of(reviewed, is_own=True)


def _candidates(cloud: Cloud, run: Run, keys: Iterable[Key]) -> dict[Key, Candidate]:
    """Return those of some candidates that are there, in test order."""
    wanted = sorted(keys)
    if len(wanted) > _FEW:
        chosen = set(wanted)
        return {e.key: e for e in retrain_table.candidates(cloud, run) if e.key in chosen}
    loaded = retrain_table.load_many(cloud, wanted)
    return {candidate.key: candidate for candidate in loaded if candidate is not None}
