"""Undo: the newest verdict of a workspace, or bulk of verdicts, goes back to what was before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.services.event_log import log_event
from app.services.journal import Journal, NotedVerdict
from app.services.review.bulk import intents_of, note_bulk
from app.services.review.history import VerdictStack, stacks
from app.services.review.ledger import note_of
from app.services.review.saving import at_once, batches
from app.services.runs.pipeline import OnProgress, no_progress
from app.services.workspace import Workspace
from aws import retrain_table
from aws.clients import Cloud
from aws.errors import CloudError, ConflictError
from iris_core.cancellation import IsCancelled, never
from iris_core.errors import NotFoundError
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key
from iris_core.records.opinions import Opinions
from iris_core.records.run import Run
from iris_core.records.verdict import UNDECIDED, undo_of

STEP = "undone"
"""The step of progress."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A record on which a verdict was not undone.

    Attributes:
        key: the candidate's.
        why: as a clause, without a full stop.
    """

    key: Key
    why: str


@dataclass(frozen=True, slots=True)
class Undone:
    """What came of an undo.

    Attributes:
        id: of the verdict, or of the bulk of verdicts.
        undone: the candidates that are as they were before it.
        refused: those that stay as they are, such as one that somebody else reviewed since.
        left: number of records of it that were not reached, for the work was cancelled; the next
            undo goes on with them.
    """

    id: str
    undone: tuple[Key, ...]
    refused: tuple[Refused, ...]
    left: int = 0


def undo(
    workspace: Workspace,
    run: Run,
    *,
    who: str | None = None,
    verdict_id: str = "",
    on_progress: OnProgress = no_progress,
    cancelled: IsCancelled = never,
) -> Undone:
    """Take the newest verdict, or bulk, of this workspace on a run back to what was before it.

    That is the verdict that it replaced, with its note, reviewer and time, or none. Where somebody
    reviewed a record since, their verdict stays. An undo cannot be undone; the next one takes back
    the verdict before. One that was killed or cancelled is completed by the next. Of a bulk that
    was interrupted is undone what was given of it, be it nothing.

    Args:
        workspace: in which the verdict was given.
        run: whose candidate it is on.
        who: whose newest verdict it is; by default anybody's.
        verdict_id: of one verdict or bulk that is to be undone, be it the newest or not.
        on_progress: called as the work goes on.
        cancelled: asked before each batch of records; what is undone by then stays so.

    Raises:
        NotFoundError: there is nothing to undo.
        CloudError: the cloud failed meanwhile; what was undone by then stays so.
        StoreError: it is undone but could not be noted, or a bulk of the run is under way.
    """
    cloud = workspace.cloud()
    journal, intents = workspace.journal_of(cloud), intents_of(workspace, cloud, run)
    # A visitor who may change nothing is refused here.
    journal.add_verdicts(run.id, [])
    with intents.locked():
        interrupted = [
            bulk
            for bulk in intents.all()
            if (bulk.id == verdict_id if verdict_id else who in (None, bulk.who))
        ]
        if interrupted:
            # From now on it is a bulk of what was given of it.
            note_bulk(cloud, journal, run, interrupted[-1])
            intents.remove(interrupted[-1].id)
        notes = list(journal.verdict_notes(run.id))
        known = stacks(notes)
        open_ids = _open_ids(notes, known, None if verdict_id else who)
        if verdict_id:
            open_ids = [open_id for open_id in open_ids if open_id == verdict_id]
        if interrupted and interrupted[-1].id not in open_ids:
            return Undone(interrupted[-1].id, (), ())
        if not open_ids:
            whose = f" by {who}" if who else ""
            raise NotFoundError(
                f"Give a verdict on a candidate of run {run.id} first: there is none{whose} in "
                "this workspace that could be undone."
            )
        newest = interrupted[-1].id if interrupted else open_ids[-1]
        return _Undo(cloud, journal, run, known, newest).run(on_progress, cancelled)


def undo_all(
    workspace: Workspace,
    run: Run,
    verdict_ids: Sequence[str],
    *,
    on_progress: OnProgress = no_progress,
    cancelled: IsCancelled = never,
) -> Undone:
    """Undo several bulks, such as those of an import, the newest first.

    Args:
        workspace: in which they were given.
        run: whose candidates they are on.
        verdict_ids: of the bulks, the newest last; those that are undone already are passed over.
        on_progress: as of `undo`.
        cancelled: as of `undo`.

    Raises:
        NotFoundError: all of them are undone.
        CloudError: the cloud failed meanwhile; what was undone by then stays so.
        StoreError: it is undone but could not be noted, or a bulk of the run is under way.
    """
    parts: list[Undone] = []
    for verdict_id in reversed(verdict_ids):
        try:
            parts.append(
                undo(
                    workspace,
                    run,
                    verdict_id=verdict_id,
                    on_progress=on_progress,
                    cancelled=cancelled,
                )
            )
        except NotFoundError:
            if not parts and verdict_id == verdict_ids[0]:
                raise
    return Undone(
        parts[-1].id,
        tuple(key for part in parts for key in part.undone),
        tuple(refused for part in parts for refused in part.refused),
        sum(part.left for part in parts),
    )


def _open_ids(
    notes: Iterable[NotedVerdict], known: dict[Key, VerdictStack], who: str | None
) -> list[str]:
    """Return the ids of the verdicts and bulks not undone on all their records, newest last."""
    open_ids = {
        verdict_id: None
        for note in notes
        if (verdict_id := note.id) in known[note.key].given
        and verdict_id not in known[note.key].closed
        and who in (None, known[note.key].given[verdict_id])
    }
    return list(open_ids)


class _Undo:
    """The undo of one verdict, or of one bulk."""

    def __init__(
        self,
        cloud: Cloud,
        journal: Journal,
        run: Run,
        known: dict[Key, VerdictStack],
        verdict_id: str,
    ) -> None:
        self._cloud, self._journal, self._run = cloud, journal, run
        self._known, self._id = known, verdict_id
        self._own = {own for stack in known.values() for own in stack.given}

    def run(self, on_progress: OnProgress, cancelled: IsCancelled) -> Undone:
        """Undo it on each of its records, several at once, and note each batch."""
        keys = sorted(
            key
            for key, stack in self._known.items()
            if self._id in stack.given and self._id not in stack.closed
        )
        undone: list[Key] = []
        refused: list[Refused] = []
        for batch in batches(keys):
            if cancelled():
                break
            outcomes, error = at_once(self._undo_one, batch)
            notes = [note for _, of_record in outcomes for note in of_record]
            self._journal.add_verdicts(self._run.id, notes)
            for outcome, _ in outcomes:
                if isinstance(outcome, Refused):
                    refused.append(outcome)
                else:
                    undone.append(outcome)
            on_progress(STEP, len(undone) + len(refused), len(keys))
            if error is not None:
                raise CloudError(
                    f"{len(undone)} of {len(keys)} records are as they were before: {error} Undo "
                    "again, it goes on with the others."
                ) from error
        log_event("verdicts undone", undone=len(undone), refused=len(refused))
        left = len(keys) - len(undone) - len(refused)
        return Undone(self._id, tuple(undone), tuple(refused), left)

    def _undo_one(self, key: Key) -> tuple[Key | Refused, list[NotedVerdict]]:
        """Undo it on one record; return what came of it, and what is to be noted."""
        candidate = retrain_table.load(self._cloud, key)
        stack = self._known[key]
        if candidate is None or candidate.version < stack.version:
            return Refused(key, "the cloud has lost the verdict; complete the run first"), []
        now = note_of(self._cloud, candidate, self._own)
        if now.undoes == self._id:
            # By a process that was killed before it noted it.
            return key, [now]
        if why := stack.why_not(self._id, candidate):
            return Refused(key, why), [now, replace(now, undoes=self._id)]
        try:
            restored = self._restore(candidate, stack.before())
        except ConflictError:
            return self._undo_one(key)
        undone_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        return key, [replace(NotedVerdict.of(restored, is_own=True), undone_at=undone_at)]

    def _restore(self, candidate: Candidate, before: NotedVerdict | None) -> Candidate:
        """Save what a verdict replaced; raise `ConflictError` if somebody was quicker."""
        if before is None:
            return retrain_table.save_verdict(
                self._cloud,
                candidate,
                UNDECIDED,
                at="",
                verdict_id=undo_of(self._id),
                opinions=Opinions(),
            )
        return retrain_table.save_verdict(
            self._cloud,
            candidate,
            before.decision,
            label=before.label or None,
            note=before.note,
            carried_from=before.carried_from,
            at=before.at,
            who=before.who,
            verdict_id=undo_of(self._id),
            opinions=before.reviewers_opinions,
        )
