"""A project with all that was acknowledged in it, and what has to hold after every step."""

from __future__ import annotations

import copy
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, invariant

from app.services.model.champion import champion_model
from app.services.model.training import load_model
from app.services.projects import projects
from app.services.review.ledger import row_verdicts
from aws import retrain_table, run_table
from aws.settings import Settings
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key
from iris_core.records.run import Run
from iris_core.storage.cards import Change
from iris_core.storage.model_store import ModelStore
from tests.faults.cloud_workspace import WorkspaceOnCloud
from tests.faults.file_workspace import contents
from tests.faults.interruptions import KilledError, interrupted
from tests.faults.memory import MemoryCloud
from tests.faults.project_records import (
    Given,
    Promoted,
    StoredVerdict,
    champions,
    conflicting_notes,
    on_both_sides,
    wrong_rows,
)
from tests.faults.stream import StreamMapping


class ProjectInvariants(RuleBasedStateMachine):
    """One project of a workspace; what was acknowledged is remembered outside of it.

    Attributes:
        prepared: the workspace that each example begins with: two models, and their data.
        rows: the rows that are reviewed, so few that some are again and again.
        injected: kills, crashes and interleaved steps, of all examples.
        verdicts: the possible newest verdicts on each row that anybody reviewed. A kill before
            the acknowledgement leaves the old ones and the new one.
        of_candidates: the possible verdicts of each candidate that anybody reviewed.
        at_risk: runs of which a crash of the cloud took something; a replay has to restore it.
        log: the promotions.
        models: the files of each model as it was saved.
    """

    prepared: Path
    project: str
    rows: frozenset[str]
    injected = 0

    def __init__(self) -> None:
        super().__init__()
        room = Path(tempfile.mkdtemp(dir=self.prepared.parent))
        self.home = Path(shutil.copytree(self.prepared, room / "home"))
        self.cloud: Any = MemoryCloud(Settings(threads=1))
        self.mapping = StreamMapping(self.cloud.stream, self.cloud.lambda_.handle, deliveries=2)
        self.saved = copy.deepcopy(self.cloud.dynamodb.tables)
        self.verdicts: dict[str, set[Given | None]] = {}
        self.of_candidates: dict[Key, set[StoredVerdict | None]] = {}
        self.given = 0
        self.at_risk: set[str] = set()
        self.was_crashed = False
        self.log: list[Promoted] = []
        self.models: dict[str, dict[str, bytes]] = {}
        self.trained_on: set[int] = set()
        self.datasets: set[str] = set()
        self.store = ModelStore(self.home)
        self.open()
        self.first = self.workspace.models.list().cards[-1].id

    def open(self) -> None:
        """Open the workspace, as a new process does; the models that it has read are kept."""
        self.workspace = WorkspaceOnCloud(self.home, self.cloud)
        self.workspace.models = self.store

    def work(self, do: Callable[[], object], kill: int | None) -> bool:
        """Work while the stream delivers; return whether the work was completed.

        Args:
            do: the work.
            kill: the number of the point at which the process is killed, if it gets there.
        """

        def die(number: int) -> None:
            if kill is not None and number >= kill:
                raise KilledError

        if interrupted(do, self.cloud, die, before_query=self.mapping.deliver):
            return True
        type(self).injected += 1
        self.open()
        return False

    def runs(self) -> list[Run]:
        """Return every run that the workspace or the cloud has noted."""
        in_cloud = {run.id: run for run in run_table.runs(self.cloud)}
        return [in_cloud.get(run.id, run) for run in self.workspace.journal.runs()]

    def candidates(self, run: Run) -> list[Candidate]:
        """Return the candidates of a run, whatever the stream has not delivered yet."""
        self.mapping.deliver()
        return list(retrain_table.candidates(self.cloud, run))

    @invariant()
    def acknowledged_verdicts_are_there(self) -> None:
        by_row = row_verdicts(self.workspace, self.project)
        for row, possible in self.verdicts.items():
            found = Given.of(by_row.get(row))
            assert found in possible, (row, found, possible)
        for key, possible_verdicts in self.of_candidates.items():
            if None not in possible_verdicts and key.run not in self.at_risk:
                candidate = retrain_table.load(self.cloud, key)
                assert candidate is not None
                stored = StoredVerdict.in_table(candidate)._replace(at="")
                assert stored in possible_verdicts, (key, stored, possible_verdicts)

    @invariant()
    def each_version_of_a_verdict_is_noted_once(self) -> None:
        for run in [] if self.was_crashed else self.workspace.journal.reviewed_runs():
            assert conflicting_notes(self.workspace.journal.verdict_notes(run)) == []

    @invariant()
    def everything_opens(self) -> None:
        datasets, models = self.workspace.datasets.list(), self.workspace.models.list()
        broken = (*datasets.broken, *models.broken, *self.workspace.projects.broken())
        assert not (*broken, *self.workspace.promotions.broken(), *self.workspace.journal.broken())
        assert [entry.id for entry in projects(self.workspace)] == [self.project]
        for card in datasets.cards:
            if card.id not in self.datasets:
                self.check_dataset(card.id, card.change, card.parent)
        files = contents(self.home / "models")
        for model in models.cards:
            if model.id not in self.models:
                trained_on = load_model(self.workspace, model.id).trained_on
                assert trained_on is not None
                self.trained_on |= set(trained_on.tolist())
                own = {name: files[name] for name in files if name.startswith(f"{model.id}/")}
                self.models[model.id] = own
        # Whatever came after, each model is what it was, byte for byte.
        assert all(self.models[model].items() <= files.items() for model in self.models)

    def check_dataset(self, dataset_id: str, change: Change, parent: str | None) -> None:
        """Load a new data set; a corrected one has each row with one label, that of its verdict."""
        dataset = self.workspace.datasets.load(dataset_id)
        if change is Change.CORRECTED:
            base = self.workspace.datasets.load(str(parent))
            assert wrong_rows(base, dataset, self.verdicts) == []
        self.datasets.add(dataset_id)

    @invariant()
    def there_is_one_champion(self) -> None:
        line = champions(self.log, self.first)
        assert champion_model(self.workspace, self.project).card.id == line[-1]

    @invariant()
    def no_row_that_evaluates_is_trained_on(self) -> None:
        card, split = (
            self.workspace.projects.card(self.project),
            self.workspace.projects.split(self.project),
        )
        assert card is not None
        assert split is not None
        evaluation = self.workspace.datasets.load(str(card.evaluation))
        assert on_both_sides(self.trained_on, evaluation, split) == set()
