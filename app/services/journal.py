"""The journal: what the workspace notes of runs and verdicts, should the local cloud lose them.

The local cloud saves its tables when it is stopped; a crash takes what came after the last time.
Runs can be tested again under the same keys, but only if it is known which model and data they
were of; verdicts cannot be computed at all. So both are noted here, on disk: a run before the
cloud has it, a verdict right after.

    HOME/journal/<cloud>/<run>.json            the run as it was last saved
    HOME/journal/<cloud>/<run>.verdicts.jsonl  a line a verdict, only ever appended to
    HOME/journal/<cloud>/<run>.scores          how the probabilities are spread, for its curves

<cloud> is the target, followed by the prefix of its names if there is one (`aws-team-dev`).
A note that cannot be read stands in nobody's way: the others count, and it is named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from iris_core.errors import SchemaError, StoreError
from iris_core.evaluation.score_histograms import ScoreHistograms
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key, check_run_id
from iris_core.records.opinions import Opinions
from iris_core.records.run import Run
from iris_core.records.verdict import UNDECIDED, Decision, Verdict, undone_by
from iris_core.storage.atomic_files import append_lines, read_lines, remove_file, write_file


@dataclass(frozen=True, slots=True)
class NotedVerdict:
    """A verdict as it is noted.

    Attributes:
        partition_key: of the candidate.
        sort_key: of the candidate.
        decision: the reviewer's.
        label: the true class, if the record is relabelled.
        version: of the verdict.
        fingerprint: what the record's row is known by; empty in notes of earlier versions.
        given: the label that the record had; empty in notes of earlier versions.
        at: the time of the verdict, ISO 8601, UTC; empty in notes of earlier versions.
        note: the reviewer's, for people.
        carried_from: id of the run whose review it comes from; empty for a new verdict.
        who: the reviewer; empty in notes of earlier versions.
        id: of the verdict, or of the bulk or the undo that gave it; empty if it was not given in
            this workspace, which then cannot undo it.
        undoes: id of the verdict or bulk that was undone by it, or, if this one has another id,
            that could not be undone because of it; else empty.
        undone_at: the time of the undo, ISO 8601, UTC, for `at` is that of the verdict it restores.
        opinions: on the candidate since then, as JSON; empty in notes of earlier versions.
        settled_by: who settled their disagreement; empty if nobody did.
    """

    partition_key: str
    sort_key: str
    decision: Decision | Literal["undecided"]
    label: str
    version: int
    fingerprint: str = ""
    given: str = ""
    at: str = ""
    note: str = ""
    carried_from: str = ""
    who: str = ""
    id: str = ""
    undoes: str = ""
    undone_at: str = ""
    opinions: str = ""
    settled_by: str = ""

    @classmethod
    def of(cls, candidate: Candidate, *, is_own: bool = False) -> NotedVerdict:
        """Return what is noted of a candidate's verdict, or of one that was taken back.

        Args:
            candidate: as it is.
            is_own: whether the verdict was given in this workspace.

        Raises:
            ValueError: it never had one.
        """
        verdict = candidate.verdict
        if verdict is None and not candidate.version:
            raise ValueError(f"{candidate.key} has no verdict.")
        return cls(
            *candidate.key,
            decision=verdict.decision if verdict else UNDECIDED,
            label=verdict.label if verdict and verdict.decision == "relabel" else "",
            version=candidate.version,
            fingerprint=candidate.record.fingerprint,
            given=candidate.record.actual_string,
            at=verdict.at if verdict else candidate.taken_back_at,
            note=verdict.note if verdict else "",
            carried_from=verdict.carried_from if verdict else "",
            who=verdict.who if verdict else candidate.taken_back_by,
            id=candidate.verdict_id if is_own else "",
            undoes=undone_by(candidate.verdict_id),
            opinions=candidate.opinions.to_text(),
            settled_by=candidate.opinions.settled_by,
        )

    @property
    def identity(self) -> tuple[Key, str, str, int]:
        """What two notes of one verdict have in common, whichever version of the app made them."""
        return self.key, self.decision, self.label, self.version

    def is_that_of(self, other: NotedVerdict) -> bool:
        """Return whether two notes are of one verdict: a lost one may have had the same version."""
        return self.identity == other.identity and (
            self.at == other.at or not self.at or not other.at
        )

    @property
    def key(self) -> Key:
        """The candidate's key."""
        return Key(self.partition_key, self.sort_key)

    @property
    def reviewers_opinions(self) -> Opinions:
        """The opinions on the candidate since then; in a note of an earlier version its own."""
        if self.opinions:
            return Opinions.from_text(self.opinions, self.settled_by)
        if self.decision == UNDECIDED:
            return Opinions()
        label = self.given if self.decision == "right" else self.label
        verdict = Verdict(self.decision, label, self.at, self.note, self.carried_from, self.who)
        return Opinions.of_verdict(verdict)


class Journal:
    """Notes about the runs of one cloud, in a folder of the workspace."""

    def __init__(self, home: Path, cloud_name: str) -> None:
        self._home = home / "journal" / cloud_name

    def save(self, run: Run) -> None:
        """Note a run, over an earlier state of the same run.

        Raises:
            StoreError: it cannot be written.
        """
        write_file(self._path(run.id, ".json"), json.dumps(run.to_dict()).encode())

    def runs(self) -> list[Run]:
        """Return the noted runs, newest first; broken notes are passed over."""
        return list(self.newest_runs())

    def newest_runs(self) -> Iterator[Run]:
        """Yield the noted runs, newest first, each read when it is asked for."""
        return (note for note in self._notes() if isinstance(note, Run))

    def broken(self) -> list[str]:
        """Return a sentence for each run whose note is broken, with the remedy."""
        return [str(note) for note in self._notes() if isinstance(note, StoreError)]

    def run(self, run_id: str) -> Run | None:
        """Return one noted run, None if there is no note of it.

        Raises:
            StoreError: its note is broken.
        """
        path = self._path(run_id, ".json")
        return _read_run(path) if path.exists() else None

    def forget(self, run_id: str) -> None:
        """Remove all notes of a run that was deleted, its verdicts too.

        Raises:
            StoreError: a note could not be removed.
        """
        for ending in (".verdicts.jsonl", ".scores", ".json"):
            remove_file(self._path(run_id, ending))

    def save_scores(self, run_id: str, scores: ScoreHistograms) -> None:
        """Keep how a run's probabilities are spread: its curves, too large for the run table.

        Raises:
            StoreError: they cannot be written.
        """
        write_file(self._path(run_id, ".scores"), json.dumps(scores.to_dict()).encode())

    def scores(self, run_id: str) -> ScoreHistograms | None:
        """Return how a run's probabilities are spread, None if that was not kept, or is broken."""
        path = self._path(run_id, ".scores")
        try:
            return ScoreHistograms.from_dict(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, RecursionError, SchemaError):
            return None

    def add_verdicts(self, run_id: str, verdicts: Sequence[NotedVerdict]) -> None:
        """Append verdicts to a run's notes; they are on disk when this returns.

        Raises:
            StoreError: they cannot be written.
        """
        lines = [json.dumps(asdict(verdict)) for verdict in verdicts]
        if lines:
            append_lines(self._path(run_id, ".verdicts.jsonl"), lines)

    def reviewed_runs(self) -> list[str]:
        """Return the ids of the runs of which verdicts are noted, oldest first."""
        ending = ".verdicts.jsonl"
        return sorted(path.name.removesuffix(ending) for path in self._home.glob(f"*{ending}"))

    def newest_verdict(self, run_id: str) -> NotedVerdict | None:
        """Return the verdict on a run's candidates that was noted last, None if there is none."""
        return next(reversed(list(self.verdict_notes(run_id))), None)

    def verdicts(self, run_id: str) -> list[NotedVerdict]:
        """Return the newest verdict on each candidate of a run, in the order of their keys.

        One that was taken back is left out.
        """
        newest = [versions[-1] for versions in self.all_verdicts(run_id)]
        return [verdict for verdict in newest if verdict.decision != UNDECIDED]

    def all_verdicts(self, run_id: str) -> list[list[NotedVerdict]]:
        """Return all verdicts on each candidate of a run, the newest last, in the order of keys."""
        by_key: dict[Key, list[NotedVerdict]] = {}
        for verdict in self.verdict_notes(run_id):
            by_key.setdefault(verdict.key, []).append(verdict)
        return [by_key[key] for key in sorted(by_key)]

    def verdict_notes(self, run_id: str) -> Iterator[NotedVerdict]:
        """Yield the verdicts on a run's candidates as they were noted, the newest last.

        Raises:
            StoreError: they cannot be read at all.
        """
        for line in read_lines(self._path(run_id, ".verdicts.jsonl"), "verdicts"):
            try:
                verdict = NotedVerdict(**json.loads(line))
            except (ValueError, TypeError):
                continue  # blank, or torn by a crash: that verdict was never acknowledged
            yield verdict

    def _notes(self) -> Iterator[Run | StoreError]:
        """Yield each noted run, newest first, or why its note cannot be read."""
        for path in sorted(self._home.glob("*.json"), reverse=True):
            try:
                yield _read_run(path)
            except StoreError as error:
                yield error

    def _path(self, run_id: str, ending: str) -> Path:
        return self._home / f"{check_run_id(run_id)}{ending}"


def journals(home: Path) -> list[Journal]:
    """Return the notes about every cloud that the workspace at `home` has worked on."""
    return [Journal(home, path.name) for path in sorted((home / "journal").glob("*/"))]


def _read_run(path: Path) -> Run:
    """Read a note; raise `StoreError` if it is not that of the run after which it is named."""
    try:
        run = Run.from_dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        reason = str(error)
    else:
        if run.id == path.stem:
            return run
        reason = f"it is that of '{run.id}'"
    raise StoreError(
        f"Remove {path}: expected the note of a run, received a broken one ({reason}). What the "
        "cloud has of the run stays."
    )
