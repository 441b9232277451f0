"""Kill a process at every point of a test run and of a review; then complete the run.

The invariant: a run that the workspace or the cloud has noted can be completed by a new process,
which writes no record that is stored already. Then the keys in the score table are those that were
to be tested, and the candidates those of the retrain rule, neither more nor fewer; each of a row
that was reviewed before has its verdict, once in the cloud and once in the notes. A verdict that
was acknowledged, or taken back, is so in both. Model and data are there byte for byte.
"""

from __future__ import annotations

import json
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.services.review.bulk import give_verdicts, unfinished_bulks
from app.services.review.choices import Choice
from app.services.review.ledger import row_of, row_verdicts
from app.services.review.undoing import undo
from app.services.review.verdicts import give_verdict
from app.services.runs.pipeline import run_test
from app.services.runs.recovery import find_run, replay
from app.services.workspace import Workspace
from aws import retrain_table, run_table
from aws.clients import Cloud
from aws.reconciliation import reconcile
from aws.settings import Settings
from iris_core.data.datasets import DataSet
from iris_core.records.keys import Key
from iris_core.records.run import Run
from iris_core.records.verdict import RowVerdict, Verdict
from tests.faults.action_checks import FaultOutcome, report_row
from tests.faults.failpoints import Action, Failpoint, calls, killed
from tests.faults.file_workspace import MODEL, contents, populate
from tests.faults.report_rows import Row
from tests.iris_core.samples import flowers

ROWS = 300
REVIEWED = 12
"""Candidates of the first run that are reviewed, so that later runs carry their verdicts over."""
IN_BULK = 20
"""Candidates that get a verdict at once; some have one already."""


def tested_data() -> DataSet:
    """Return data with more rows than one batch for each thread."""
    return flowers(ROWS, seed=1)


def run_a_test(home: Path) -> Iterator[str]:
    """Test the model on the data."""
    workspace = Workspace(home, Settings())
    workspace.cloud()
    model, dataset = workspace.models.load(MODEL), workspace.datasets.load(tested_data().id)
    yield "ready"
    yield run_test(workspace, model, dataset).run.id


def review(home: Path) -> Iterator[str]:
    """Give a verdict on the first unreviewed candidate of the newest run."""
    workspace = Workspace(home, Settings())
    cloud = workspace.cloud()
    run = next(run_table.runs(cloud))
    candidate = next(each for each in retrain_table.candidates(cloud, run) if each.verdict is None)
    yield "ready"
    yield str(give_verdict(workspace, candidate, "drop").key)


def take_back(home: Path) -> Iterator[str]:
    """Take back the verdict on the first reviewed candidate of the newest run."""
    workspace = Workspace(home, Settings())
    cloud = workspace.cloud()
    run = next(run_table.runs(cloud))
    candidate = next(each for each in retrain_table.candidates(cloud, run) if each.verdict)
    yield "ready"
    yield str(give_verdict(workspace, candidate, "undecided").key)


def give_in_bulk(home: Path) -> Iterator[str]:
    """Give a verdict on many candidates of the newest run at once."""
    workspace = Workspace(home, Settings())
    cloud = workspace.cloud()
    run = next(run_table.runs(cloud))
    found = islice(retrain_table.candidates(cloud, run), IN_BULK)
    choices = {entry.key: Choice("drop", note=secrets.token_hex(4)) for entry in found}
    yield "ready"
    yield str(give_verdicts(workspace, run, choices, who="ada").given)


@dataclass(frozen=True, slots=True)
class LiveWorkspace:
    """A populated workspace whose local cloud this process keeps running."""

    workspace: Workspace

    @property
    def home(self) -> Path:
        """Its folder."""
        return self.workspace.home

    def kill_run(self, point: Failpoint) -> FaultOutcome | None:
        """Kill a test run at a point; None if it did not reach the point."""
        files, earlier = self._model_and_data_files(), self._runs()
        reviewed = row_verdicts(self.workspace, flowers().columns.project)
        acknowledged = killed(run_a_test, self.home, point)
        if acknowledged is None:
            return None
        began = time.perf_counter()
        runs = self._runs() - earlier
        if len(runs) > 1 or not runs.issuperset(acknowledged):
            return FaultOutcome(str(point), lost=True, torn=f"{acknowledged} is noted as {runs}")
        rewritten = 0
        for run_id in runs:
            cloud, run = self.workspace.cloud(), find_run(self.workspace, run_id)
            stored = reconcile(cloud, run.id, run.rows, run.threshold).stored
            with _writes(cloud) as written:
                _, result = replay(self.workspace, run_id)
            # A request that the killed process had sent may be applied after `stored` was counted:
            # then fewer are written. More would be records that were stored already.
            rewritten = max(rewritten, written.total() - (ROWS - stored))
            if not result.complete or result.stored != ROWS:
                return FaultOutcome(str(point), lost=True, torn=str(result))
            if uncarried := self._uncarried(run, reviewed):
                return FaultOutcome(str(point), lost=True, torn=str(uncarried))
        return FaultOutcome(
            str(point),
            doubled=rewritten > 0,
            torn="" if self._model_and_data_files() == files else "model or data have changed",
            seconds=time.perf_counter() - began,
        )

    def kill_review(self, point: Failpoint) -> FaultOutcome | None:
        """Kill a review at a point; None if it did not reach the point."""
        return self._kill_verdict(review, point)

    def kill_taking_back(self, point: Failpoint) -> FaultOutcome | None:
        """Kill the taking back of a verdict at a point; None if it did not reach the point."""
        return self._kill_verdict(take_back, point)

    def kill_bulk(self, point: Failpoint) -> FaultOutcome | None:
        """Kill verdicts in bulk at a point; None if they did not reach the point.

        Each candidate has its old verdict or its new one, and the report says how many have which;
        a bulk that is interrupted is undone, and then all have their old one.
        """
        run = next(run_table.runs(self.workspace.cloud()))
        old = self._verdicts(run)
        acknowledged = killed(give_in_bulk, self.home, point)
        if acknowledged is None:
            return None
        began = time.perf_counter()
        # A request that the killed process had sent may be applied between two looks.
        before = self._changed(run, old)
        unfinished = unfinished_bulks(self.workspace, run)
        after = self._changed(run, old)
        reported = [bulk.given for bulk in unfinished] or [after]
        is_lost = bool(acknowledged) and after < IN_BULK
        is_right = len(reported) == 1 and before <= reported[0] <= after
        torn = "" if is_right else f"{reported} reported, {before} to {after} given"
        if after or unfinished:
            undo(self.workspace, run, who="ada")
        if self._verdicts(run) != old or unfinished_bulks(self.workspace, run):
            torn = "not as before after the undo"
        in_cloud, in_notes = self._reviewed(run)
        if in_cloud != in_notes:
            torn = "cloud and notes differ after the undo"
        return FaultOutcome(
            str(point), lost=is_lost, torn=torn, seconds=time.perf_counter() - began
        )

    def _changed(self, run: Run, old: dict[Key, Verdict | None]) -> int:
        """Return how many candidates have another verdict than they had."""
        return sum(verdict != old[key] for key, verdict in self._verdicts(run).items())

    def _verdicts(self, run: Run) -> dict[Key, Verdict | None]:
        """Return the verdict on each candidate of a run."""
        candidates = retrain_table.candidates(self.workspace.cloud(), run)
        return {candidate.key: candidate.verdict for candidate in candidates}

    def _kill_verdict(self, action: Action, point: Failpoint) -> FaultOutcome | None:
        """Kill a verdict; cloud and notes have what was acknowledged, and agree after a replay."""
        acknowledged = killed(action, self.home, point)
        if acknowledged is None:
            return None
        began = time.perf_counter()
        run = next(run_table.runs(self.workspace.cloud()))
        before = self._reviewed(run)
        replay(self.workspace, run.id)
        in_cloud, in_notes = self._reviewed(run)
        is_kept = action is review
        seen = [key in keys for keys in (*before, in_cloud, in_notes) for key in acknowledged]
        return FaultOutcome(
            str(point),
            lost=(not is_kept) in seen,
            torn="" if in_cloud == in_notes else "cloud and notes differ after the replay",
            seconds=time.perf_counter() - began,
        )

    def _reviewed(self, run: Run) -> tuple[set[str], set[str]]:
        """Return the keys of the reviewed candidates of a run, by the cloud and by the notes."""
        candidates = retrain_table.candidates(self.workspace.cloud(), run)
        return (
            {str(candidate.key) for candidate in candidates if candidate.verdict},
            {str(verdict.key) for verdict in self.workspace.journal.verdicts(run.id)},
        )

    def _uncarried(self, run: Run, reviewed: dict[str, RowVerdict]) -> list[str]:
        """Return the candidates of a run whose verdict is not that of their row, noted once."""
        noted = Counter(entry.key for entry in self.workspace.journal.verdict_notes(run.id))
        wrong = []
        for candidate in retrain_table.candidates(self.workspace.cloud(), run):
            row, verdict = row_of(self.workspace, run, candidate), candidate.verdict
            of_row = reviewed.get(row.fingerprint) if row else None
            expected = of_row.for_label(row.given) if row and of_row else None
            times = 1 if expected else 0
            found = (verdict.decision if verdict else None, candidate.version, noted[candidate.key])
            if found != (expected, times, times):
                wrong.append(f"{candidate.key}: {found} instead of {expected}")
        return wrong

    def _model_and_data_files(self) -> dict[str, bytes]:
        """Return the files of models and data."""
        return {
            path: content
            for path, content in contents(self.home).items()
            if path.startswith(("models/", "datasets/"))
        }

    def _runs(self) -> set[str]:
        """Return the ids of the runs that the workspace or the cloud has noted."""
        in_cloud = run_table.runs(self.workspace.cloud())
        return {run.id for run in (*in_cloud, *self.workspace.journal.runs())}


@contextmanager
def _writes(cloud: Cloud) -> Iterator[Counter[str]]:
    """Count the records that are sent to each table in the block."""
    sent: Counter[str] = Counter()

    def count(params: dict[str, Any], **_others: object) -> None:
        for table, requests in json.loads(params["body"])["RequestItems"].items():
            sent[table] += len(requests)

    events = cloud.dynamodb.meta.events
    events.register("before-call.dynamodb.BatchWriteItem", count)
    try:
        yield sent
    finally:
        events.unregister("before-call.dynamodb.BatchWriteItem", count)


@contextmanager
def live_workspace(home: Path) -> Iterator[LiveWorkspace]:
    """Populate a workspace with a reviewed run too, and keep its local cloud running."""
    populate(home)
    workspace = Workspace(home, Settings())
    workspace.datasets.add(tested_data())
    workspace.cloud()
    try:
        review_some(workspace, run_test(workspace, workspace.models.load(MODEL), tested_data()).run)
        yield LiveWorkspace(workspace)
    finally:
        workspace.close()


def review_some(workspace: Workspace, run: Run) -> None:
    """Give verdicts of each kind on the first candidates of a run."""
    for candidate in islice(retrain_table.candidates(workspace.cloud(), run), REVIEWED):
        record = candidate.record
        if record.actual_string != record.class_string:
            give_verdict(workspace, candidate, "relabel", label=record.class_string)
        else:
            give_verdict(workspace, candidate, "right" if record.row % 2 else "drop")


def points(action: Action, live: LiveWorkspace) -> list[Failpoint]:
    """Return every point that an action passes when nobody kills it."""
    return calls(action, live.home)[1]


def table() -> list[Row]:
    """Kill a run, a review, the taking back of a verdict and verdicts in bulk at each point."""
    with TemporaryDirectory() as room, live_workspace(Path(room) / "home") as live:
        return [
            _row("kill: test run", live.kill_run, points(run_a_test, live)),
            _row("kill: review", live.kill_review, points(review, live)),
            _row("kill: taking back", live.kill_taking_back, points(take_back, live)),
            _row("kill: verdicts in bulk", live.kill_bulk, points(give_in_bulk, live)),
        ]


def _row(
    fault: str,
    kill: Callable[[Failpoint], FaultOutcome | None],
    failpoints: Sequence[Failpoint],
) -> Row:
    """Kill at each point, and sum the outcomes up."""
    return report_row(fault, [outcome for point in failpoints if (outcome := kill(point))])
