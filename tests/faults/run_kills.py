"""Kill a process at every point of a test run and of a review; then bring the run to its end.

The invariant: a run that the workspace or the cloud knows of can be brought to its end by a new
process, which writes no record that is stored already. Then the keys in the score table are those
that were to be tested, and the candidates those that the rule asks for, neither more nor fewer. A
verdict that was acknowledged is in the cloud and in the workspace. Model and data are there byte
for byte.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.services.pipeline import run_test
from app.services.recovery import find_run, replay
from app.services.review import give_verdict
from app.services.workspace import Workspace
from aws import retrain_table, run_table
from aws.clients import Cloud
from aws.reconciliation import reconcile
from aws.settings import Settings
from iris_core.data.datasets import DataSet
from tests.faults.failpoints import Failpoint, calls, killed
from tests.faults.file_workspace import MODEL, contents, furnish
from tests.faults.rows import Row
from tests.faults.trials import Harm, row
from tests.iris_core.samples import flowers

ROWS = 300


def tested_data() -> DataSet:
    """Rows enough for a batch for each thread, and more."""
    return flowers(ROWS, seed=1)


def run_a_test(home: Path) -> Iterator[str]:
    """Test the model on the data."""
    workspace = Workspace(home, Settings())
    workspace.cloud()
    model, dataset = workspace.models.load(MODEL), workspace.datasets.load(tested_data().id)
    yield "ready"
    yield run_test(workspace, model, dataset).run.id


def review(home: Path) -> Iterator[str]:
    """Decide on the first candidate of the newest run that nobody has decided on."""
    workspace = Workspace(home, Settings())
    cloud = workspace.cloud()
    run = next(run_table.runs(cloud))
    candidate = next(
        found for found in retrain_table.candidates(cloud, run) if found.verdict is None
    )
    yield "ready"
    yield str(give_verdict(workspace, candidate, "drop").key)


@dataclass(frozen=True, slots=True)
class Site:
    """A furnished workspace whose local cloud is held by this process."""

    workspace: Workspace

    @property
    def home(self) -> Path:
        """Where it is."""
        return self.workspace.home

    def harm_of_run(self, point: Failpoint) -> Harm | None:
        """Kill a test run at a point; None if it did not come there."""
        before, known = self._kept(), self._runs()
        said = killed(run_a_test, self.home, point)
        if said is None:
            return None
        began = time.perf_counter()
        found = self._runs() - known
        if len(found) > 1 or not found.issuperset(said):
            return Harm(str(point), lost=True, torn=f"of the run {said} there is {found}")
        again = 0
        for run_id in found:
            cloud, run = self.workspace.cloud(), find_run(self.workspace, run_id)
            stored = reconcile(cloud, run.id, run.rows, run.threshold).stored
            with _writes(cloud) as written:
                _, result = replay(self.workspace, run_id)
            again = written.total() - (ROWS - stored)
            if not result.complete or result.stored != ROWS:
                return Harm(str(point), lost=True, torn=str(result))
        return Harm(
            str(point),
            doubled=again != 0,
            torn="" if self._kept() == before else "model or data are not what they were",
            seconds=time.perf_counter() - began,
        )

    def harm_of_review(self, point: Failpoint) -> Harm | None:
        """Kill a review at a point; None if it did not come there."""
        said = killed(review, self.home, point)
        if said is None:
            return None
        began = time.perf_counter()
        cloud = self.workspace.cloud()
        run = next(run_table.runs(cloud))
        candidates = retrain_table.candidates(cloud, run)
        decided = {str(found.key) for found in candidates if found.verdict}
        noted = {str(verdict.key) for verdict in self.workspace.journal.verdicts(run.id)}
        lost = not decided.issuperset(said) or not noted.issuperset(said)
        torn = "" if decided >= noted else "noted, but not decided"
        return Harm(str(point), lost=lost, torn=torn, seconds=time.perf_counter() - began)

    def _kept(self) -> dict[str, bytes]:
        """The files of models and data."""
        return {
            path: content
            for path, content in contents(self.home).items()
            if path.startswith(("models/", "datasets/"))
        }

    def _runs(self) -> set[str]:
        """The runs that the workspace or the cloud knows of."""
        in_cloud = run_table.runs(self.workspace.cloud())
        return {run.id for run in (*in_cloud, *self.workspace.journal.runs())}


@contextmanager
def _writes(cloud: Cloud) -> Iterator[Counter[str]]:
    """Count the records that are sent to each table meanwhile."""
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
def site(home: Path) -> Iterator[Site]:
    """Furnish a workspace, and hold its local cloud."""
    furnish(home)
    workspace = Workspace(home, Settings())
    workspace.datasets.add(tested_data())
    workspace.cloud()
    try:
        yield Site(workspace)
    finally:
        workspace.close()


def points(deed: Callable[[Path], Iterator[str]], place: Site) -> list[Failpoint]:
    """Every point that a deed passes in a run that nobody kills."""
    return calls(deed, place.home)[1]


def table() -> list[Row]:
    """Kill a run and a review at each point."""
    with TemporaryDirectory() as room, site(Path(room) / "home") as place:
        return [
            _row("kill: test run", place.harm_of_run, points(run_a_test, place)),
            _row("kill: review", place.harm_of_review, points(review, place)),
        ]


def _row(fault: str, harm: Callable[[Failpoint], Harm | None], where: Sequence[Failpoint]) -> Row:
    return row(fault, [made for point in where if (made := harm(point)) is not None])
