"""The history of candidates' verdicts: who gave which, when, and what each replaced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from app.services.journal import NotedVerdict
from app.services.review.ledger import note_of
from app.services.workspace import Workspace
from aws import retrain_table
from aws.clients import Cloud
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key, key_of
from iris_core.records.run import Run
from iris_core.records.verdict import UNDECIDED, Decision, undo_of

StoredDecision = Decision | Literal["undecided"]


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One change of a candidate's verdict.

    Attributes:
        key: the candidate's.
        version: counts the verdicts on the candidate, from 1.
        at: the time of the change, ISO 8601, UTC; empty if it is not known.
        who: who made it; empty if it is not known.
        decision: the verdict since then.
        label: the class, if the record is relabelled.
        note: the reviewer's, for people.
        carried_from: id of the run whose review it comes from; empty for a new verdict.
        is_undo: whether it is what an undo went back to.
        before: the decision before; empty if it is not known, for the retrain table keeps only the
            newest verdict and that one was given elsewhere.
        before_label: the class before, if the record was relabelled.
    """

    key: Key
    version: int
    at: str
    who: str
    decision: StoredDecision
    label: str
    note: str
    carried_from: str
    is_undo: bool
    before: StoredDecision | Literal[""]
    before_label: str


def history(workspace: Workspace, run: Run, row: int | None = None) -> list[HistoryEntry]:
    """Return the changes of the verdicts on a run's candidates that are known.

    The journal has those that were given in this workspace, or seen in it; of others the retrain
    table has the newest of each candidate.

    Args:
        workspace: that noted them.
        run: whose candidates.
        row: from 0, of the one candidate to look at; by default all.

    Returns:
        By candidate in test order, the newest last.
    """
    cloud = workspace.cloud()
    notes: dict[Key, list[NotedVerdict]] = {}
    for note in workspace.journal_of(cloud).verdict_notes(run.id):
        if row is None or note.key.row == row:
            notes.setdefault(note.key, []).append(note)
    for candidate in _candidates(cloud, run, row):
        if candidate.version:
            notes.setdefault(candidate.key, []).append(note_of(cloud, candidate, ()))
    return [entry for key in sorted(notes) for entry in _entries(notes[key])]


def _candidates(cloud: Cloud, run: Run, row: int | None) -> Iterable[Candidate]:
    """Return the candidates of a run, or that of one row alone."""
    if row is None:
        return retrain_table.candidates(cloud, run)
    candidate = retrain_table.load(cloud, key_of(run.id, row))
    return () if candidate is None else (candidate,)


def _entries(notes: Sequence[NotedVerdict]) -> Iterator[HistoryEntry]:
    """Yield the changes of one candidate's verdict, each once."""
    reviewers = {note.id: note.who for note in notes if note.id and not note.undoes}
    seen: set[tuple[Key, str, str, int]] = set()
    before: NotedVerdict | None = None
    for note in notes:
        if note.identity in seen:
            continue
        seen.add(note.identity)
        knows_before = before is not None and before.version == note.version - 1
        yield HistoryEntry(
            note.key,
            note.version,
            note.undone_at or note.at,
            reviewers.get(note.undoes, "") if note.undoes else note.who,
            note.decision,
            note.label,
            note.note,
            note.carried_from,
            bool(note.undoes),
            before.decision if before and knows_before else UNDECIDED if note.version == 1 else "",
            before.label if before and knows_before else "",
        )
        before = note


@dataclass(slots=True)
class _State:
    """What a candidate's verdict is or was.

    Attributes:
        id: of the verdict or bulk that gave it; empty if nobody here did.
        note: as it was noted last; None where nobody had reviewed the candidate.
        knows_before: whether the state below is what it replaced.
    """

    id: str
    note: NotedVerdict | None
    knows_before: bool

    @property
    def version(self) -> int:
        """The version that it was noted with last; 0 before any."""
        return self.note.version if self.note else 0


class VerdictStack:
    """The verdicts on one candidate, each upon the one that it replaced; undone ones are gone.

    Attributes:
        given: the reviewers of the verdicts and bulks that this workspace gave it, by their ids.
        closed: ids of those that were undone, or cannot be.
    """

    def __init__(self) -> None:
        self.given: dict[str, str] = {}
        self.closed: set[str] = set()
        self._states = [_State("", None, knows_before=True)]

    def add(self, note: NotedVerdict) -> None:
        """Put the next note of the journal upon the others."""
        if note.undoes:
            self.closed.add(note.undoes)
            if note.id == undo_of(note.undoes) and self._undo(note):
                return
        top = self._states[-1]
        if top.note is not None and top.note.is_that_of(note):
            return
        own_id = "" if note.carried_from or note.undoes else note.id
        if own_id and own_id == top.id:
            # A replay has restored it, under another version.
            top.note = note
            return
        # A crash of the local cloud took these versions.
        while len(self._states) > 1 and self._states[-1].version >= note.version:
            self.given.pop(self._states.pop().id, None)
        if self._states[-1].version >= note.version:
            self._states[-1].note = None
        below = self._states[-1]
        self._states.append(_State(own_id, note, below.version == note.version - 1))
        if own_id:
            self.given.setdefault(own_id, note.who)

    def why_not(self, verdict_id: str, candidate: Candidate) -> str:
        """Return why a verdict on a candidate that was reviewed cannot be undone; empty if it can.

        Args:
            verdict_id: of the verdict or bulk.
            candidate: as it is.
        """
        top = self._states[-1]
        now = NotedVerdict.of(candidate)
        if top.id != verdict_id or top.note is None or not top.note.is_that_of(now):
            verdict = candidate.verdict
            reviewer = verdict.who if verdict else candidate.taken_back_by
            return f"{reviewer or 'somebody else'} reviewed it since, and that stays"
        if not top.knows_before:
            return "what it replaced is not known here; give another verdict instead"
        return ""

    @property
    def version(self) -> int:
        """The newest version that was noted; 0 before any."""
        return self._states[-1].version

    def before(self) -> NotedVerdict | None:
        """Return what the newest verdict replaced; None if nobody had reviewed the candidate."""
        below = self._states[-2]
        return below.note if len(self._states) > 2 else None

    def _undo(self, note: NotedVerdict) -> bool:
        """Go back to what was before a verdict; return False if that is not known."""
        found = [at for at, state in enumerate(self._states) if state.id == note.undoes]
        del self._states[found[-1] if found else len(self._states) :]
        top = self._states[-1].note
        # A replay that restores it finds it undone already.
        is_known = top is not None and (top.decision, top.label) == (note.decision, note.label)
        if found or is_known:
            self._states[-1].note = note
        return bool(found) or is_known


def stacks(notes: Iterable[NotedVerdict]) -> dict[Key, VerdictStack]:
    """Return the verdicts on each candidate, by its key, from the notes of a run."""
    by_key: dict[Key, VerdictStack] = {}
    for note in notes:
        by_key.setdefault(note.key, VerdictStack()).add(note)
    return by_key
