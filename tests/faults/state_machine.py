"""Runs, kills, replays, redeliveries, reviews and restarts in any order: the invariants hold.

On a cloud in memory, with the real pipeline, recovery, review, journal and function.
"""

from __future__ import annotations

import copy
import random
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.services.review import verdicts
from app.services.runs import recovery
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from aws import retrain_table, run_table
from aws.errors import ConflictError
from aws.settings import Settings
from iris_core.data.datasets import DataSet
from iris_core.model.models import Model
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key, key_of
from iris_core.records.run import Run, RunState
from iris_core.records.verdict import Decision, Verdict
from tests.faults.audit import Audit, audit
from tests.faults.cloud_workspace import WorkspaceOnCloud
from tests.faults.memory import MemoryCloud, undisturbed
from tests.faults.stream import StreamMapping

REVIEWED = 3
"""Candidates that get verdicts: so few that some get several."""
KILLS = st.none() | st.integers(0, 60)
"""When a process is killed: at this one of the cloud's calls, before or after it is applied."""
NUMBERS = st.integers(0, 1_000)
DECISIONS: st.SearchStrategy[tuple[Decision, str | None]] = st.sampled_from(
    [("right", None), ("relabel", "no flower"), ("drop", None)]
)

DecisionAndLabel = tuple[str, str] | None
"""None where there is no verdict."""
T = TypeVar("T")


def one_of(some: list[T], which: int) -> list[T]:
    """Return one entry chosen by a number; none of an empty list."""
    return [some[which % len(some)]] if some else []


class KilledError(BaseException):
    """The process ends here: none of its calls reaches the cloud any more."""


def decision_of(verdict: Verdict | None) -> DecisionAndLabel:
    """Return a verdict without its time."""
    return (verdict.decision, verdict.label) if verdict else None


class LoopMachine(RuleBasedStateMachine):
    """One workspace and one cloud; what was acknowledged is remembered outside of them.

    Attributes:
        injected: kills, crashes and redelivered batches, of all examples.
        verdicts: the possible verdicts of a record. An acknowledged one is the only possibility;
            a kill before the acknowledgement leaves the old one and the new one.
        at_risk: records whose verdict was lost in a crash of the cloud; a replay has to restore it.
    """

    trained: Workspace
    model: Model
    dataset: DataSet
    injected = 0

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(dir=self.trained.home))
        self.cloud: Any = MemoryCloud(Settings(threads=1))
        self.mapping = StreamMapping(
            self.cloud.stream, self.cloud.lambda_.handle, batch_size=7, deliveries=3
        )
        self.saved = copy.deepcopy(self.cloud.dynamodb.tables)
        self.verdicts: dict[Key, set[DecisionAndLabel]] = {}
        self.at_risk: set[Key] = set()
        self.open()

    def teardown(self) -> None:
        """Complete every run, whatever has happened."""
        self.mapping.enabled = True
        self.mapping.deliver()
        for run in self.runs():
            self.replay_one(run, None)
            assert self.audit(run).clean, self.audit(run)
        assert not self.at_risk
        self.acknowledged_verdicts_are_there()
        shutil.rmtree(self.home)

    def open(self) -> None:
        """Open the workspace, as a new process does."""
        self.workspace = WorkspaceOnCloud(self.home, self.cloud)
        self.workspace.datasets = self.trained.datasets
        self.workspace.models = self.trained.models

    def runs(self) -> list[Run]:
        """Return every run that the workspace or the cloud has noted."""
        in_cloud = {run.id: run for run in run_table.runs(self.cloud)}
        return [in_cloud.get(run.id, run) for run in self.workspace.journal.runs()]

    def audit(self, run: Run) -> Audit:
        """Compare the tables with what a run tested."""
        score, retrain = (
            {key: item for key, item in self.cloud.items(table).items() if Key(*key).run == run.id}
            for table in (self.cloud.settings.score_table, self.cloud.settings.retrain_table)
        )
        return audit(score, retrain, [key_of(run.id, r) for r in range(run.rows)], run.threshold)

    def work(self, do: Callable[[], object], kill: int | None) -> bool:
        """Work while the stream delivers.

        Args:
            do: the work.
            kill: the number of the cloud's call at which the process is killed, if it gets there.

        Returns:
            whether the work was completed.
        """
        calls = 0
        killed = False

        def interrupt(when: str, operation: str) -> None:
            nonlocal calls, killed
            if kill is not None and calls >= kill:
                killed = True
                raise KilledError
            calls += 1
            if (when, operation) == ("before", "Query"):
                self.cloud.dynamodb.interrupt = undisturbed
                self.mapping.deliver()
                self.cloud.dynamodb.interrupt = interrupt

        self.cloud.dynamodb.interrupt = interrupt
        try:
            do()
        except (Exception, KilledError):
            if not killed:
                raise
            type(self).injected += 1
            self.open()
            return False
        finally:
            self.cloud.dynamodb.interrupt = undisturbed
        return True

    @rule(kill=KILLS, threshold=st.sampled_from([None, "0.5", "1"]))
    def run(self, kill: int | None, threshold: str | None) -> None:
        def test() -> None:
            run_test(self.workspace, self.model, self.dataset, threshold=threshold, timeout=0)

        self.work(test, kill)

    @rule(which=NUMBERS, kill=KILLS)
    def replay(self, which: int, kill: int | None) -> None:
        for run in one_of(self.runs(), which):
            self.replay_one(run, kill)

    def replay_one(self, run: Run, kill: int | None) -> None:
        """Complete a run, unless killed: then nothing of it is at risk any more."""

        def replay() -> None:
            _, result = recovery.replay(self.workspace, run.id, timeout=0)
            assert result.complete, result

        if self.work(replay, kill):
            self.at_risk -= {key for key in self.at_risk if key.run == run.id}

    @rule(batches=st.integers(1, 20), seed=st.integers(0, 9))
    def redeliver(self, batches: int, seed: int) -> None:
        self.mapping.chance = random.Random(seed)
        self.mapping.deliver_again(batches)
        type(self).injected += batches

    @rule(enabled=st.booleans())
    def switch_mapping(self, enabled: bool) -> None:
        self.mapping.enabled = enabled
        self.mapping.deliver()

    def candidates(self) -> list[Candidate]:
        return [c for run in self.runs() for c in retrain_table.candidates(self.cloud, run)]

    @rule(which=NUMBERS, decision=DECISIONS, kill=st.none() | st.integers(0, 1))
    def review(self, which: int, decision: tuple[Decision, str | None], kill: int | None) -> None:
        for candidate in one_of(self.candidates()[:REVIEWED], which):
            self.review_one(candidate, decision, kill)

    def review_one(
        self, candidate: Candidate, decision: tuple[Decision, str | None], kill: int | None
    ) -> None:
        """Give a verdict on a candidate; what was acknowledged, and only that, has to last."""
        key = candidate.key
        labels = {"right": candidate.record.actual_string, "relabel": decision[1], "drop": ""}
        expected = (decision[0], labels[decision[0]] or "")

        def give() -> None:
            reviewed = verdicts.give_verdict(
                self.workspace, candidate, decision[0], label=decision[1]
            )
            assert decision_of(reviewed.verdict) == expected
            with pytest.raises(ConflictError):  # whoever read it before learns of the conflict
                verdicts.give_verdict(self.workspace, candidate, "right")

        if self.work(give, kill):
            self.verdicts[key] = {expected}
            self.at_risk.discard(key)
        else:
            self.verdicts[key] = {*self.verdicts.get(key, {None}), expected}

    @rule()
    def save_cloud(self) -> None:
        """Stop the local cloud in good order, and start it again."""
        self.mapping.deliver()
        self.saved = copy.deepcopy(self.cloud.dynamodb.tables)

    @rule()
    def crash_cloud(self) -> None:
        """Kill the local cloud: it keeps what it had saved, and an empty stream."""
        self.cloud.dynamodb.tables = copy.deepcopy(self.saved)
        self.mapping.forget()
        type(self).injected += 1
        self.at_risk |= {key for key in self.verdicts if not self.has_possible_verdict(key)}

    def has_possible_verdict(self, key: Key) -> bool:
        """Return whether the cloud has one of the possible verdicts on a record."""
        candidate = retrain_table.load(self.cloud, key)
        return decision_of(candidate.verdict if candidate else None) in self.verdicts[key]

    @invariant()
    def acknowledged_verdicts_are_there(self) -> None:
        safe = self.verdicts.keys() - self.at_risk
        assert [key for key in safe if not self.has_possible_verdict(key)] == []

    @invariant()
    def nothing_is_stored_that_was_not_tested(self) -> None:
        run_ids = {run.id for run in self.runs()}
        for table in (self.cloud.settings.score_table, self.cloud.settings.retrain_table):
            assert {Key(*key).run for key in self.cloud.items(table)} <= run_ids
        for run in self.runs():
            result = self.audit(run)
            assert not result.doubled
            assert not result.unexpected

    @invariant()
    def reconciled_run_lacks_nothing(self) -> None:
        for run in run_table.runs(self.cloud):
            if run.state == RunState.RECONCILED:
                assert self.audit(run).clean
