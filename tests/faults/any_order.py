"""Runs, kills, replays, redeliveries, reviews and restarts in any order: the invariants hold.

On a cloud in memory, with the true pipeline, recovery, review, journal and function.
"""

from __future__ import annotations

import copy
import random
import shutil
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from app.services import recovery, review
from app.services.datasets import default_dataset
from app.services.pipeline import run_test
from app.services.training import train_model
from app.services.workspace import Workspace
from aws import retrain_table, run_table
from aws.errors import ConflictError
from aws.settings import Settings
from iris_core.data.datasets import DataSet
from iris_core.model.models import Model
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key, key_of
from iris_core.records.run import Run, RunState
from iris_core.records.verdict import Decision, Verdict
from tests.faults.audit import Audit, audit
from tests.faults.cloud_workspace import GivenCloud
from tests.faults.memory import MemoryCloud, undisturbed
from tests.faults.rows import Row
from tests.faults.stream import StreamMapping

EXAMPLES, STEPS = 300, 30
"""Orders in the long form, and what happens in each at most."""
REVIEWED = 3
MOMENTS = st.none() | st.integers(0, 60)
"""When a process is killed: at this one of the cloud's calls, before or after it is applied."""
NUMBERS = st.integers(0, 1_000)
DECISIONS: st.SearchStrategy[tuple[Decision, str | None]] = st.sampled_from(
    [("right", None), ("relabel", "no flower"), ("drop", None)]
)

Decided = tuple[str, str] | None
"""A decision with its label; None where nothing is decided."""
T = TypeVar("T")


def one_of(some: list[T], which: int) -> list[T]:
    """One entry chosen by a number, or none when there is none."""
    return [some[which % len(some)]] if some else []


class KilledError(BaseException):
    """The process ends here: none of its calls reaches the cloud any more."""


def decided(verdict: Verdict | None) -> Decided:
    """What a verdict says, without its time."""
    return (verdict.decision, verdict.label) if verdict else None


class Loop(RuleBasedStateMachine):
    """One workspace and one cloud; what was acknowledged is remembered beside them.

    Attributes:
        verdicts: what a record's verdict may be. Of an acknowledged one there is one possibility;
            a kill before the acknowledgement leaves what was and what was to be.
        at_risk: records whose verdict a crash of the cloud took; a replay has to bring it back.
    """

    trained: Workspace
    model: Model
    dataset: DataSet
    struck = 0
    """Kills, crashes and batches that came again, of all examples together."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(dir=self.trained.home))
        self.cloud: Any = MemoryCloud(Settings(threads=1))
        self.mapping = StreamMapping(
            self.cloud.stream, self.cloud.lambda_.handle, batch_size=7, deliveries=3
        )
        self.saved = copy.deepcopy(self.cloud.dynamodb.tables)
        self.verdicts: dict[Key, set[Decided]] = {}
        self.at_risk: set[Key] = set()
        self.open()

    def teardown(self) -> None:
        """Whatever happened, every run can be brought to its end."""
        self.mapping.enabled = True
        self.mapping.deliver()
        for run in self.runs():
            self.replay_one(run, None)
            assert self.audit(run).clean, self.audit(run)
        assert not self.at_risk
        self.acknowledged_verdicts_are_there()
        shutil.rmtree(self.home)

    def open(self) -> None:
        """What a process does that begins to work on the workspace."""
        self.workspace = GivenCloud(self.home, self.cloud)
        self.workspace.datasets = self.trained.datasets
        self.workspace.models = self.trained.models

    def runs(self) -> list[Run]:
        """Every run that the workspace or the cloud knows."""
        known = {run.id: run for run in run_table.runs(self.cloud)}
        return [known.get(run.id, run) for run in self.workspace.journal.runs()]

    def audit(self, run: Run) -> Audit:
        """Compare the tables with what a run has tested."""
        score, retrain = (
            {key: item for key, item in self.cloud.items(table).items() if Key(*key).run == run.id}
            for table in (self.cloud.settings.score_table, self.cloud.settings.retrain_table)
        )
        return audit(score, retrain, [key_of(run.id, r) for r in range(run.rows)], run.threshold)

    def work(self, do: Callable[[], object], kill: int | None) -> bool:
        """Work while the stream delivers; with `kill`, be killed at that moment, if it comes.

        Returns whether the work was done to its end.
        """
        moment = 0
        killed = False

        def interrupt(when: str, operation: str) -> None:
            nonlocal moment, killed
            if kill is not None and moment >= kill:
                killed = True
                raise KilledError
            moment += 1
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
            type(self).struck += 1
            self.open()
            return False
        finally:
            self.cloud.dynamodb.interrupt = undisturbed
        return True

    @rule(kill=MOMENTS, threshold=st.sampled_from([None, "0.5", "1"]))
    def run(self, kill: int | None, threshold: str | None) -> None:
        def test() -> None:
            run_test(self.workspace, self.model, self.dataset, threshold=threshold, timeout=0)

        self.work(test, kill)

    @rule(which=NUMBERS, kill=MOMENTS)
    def replay(self, which: int, kill: int | None) -> None:
        for run in one_of(self.runs(), which):
            self.replay_one(run, kill)

    def replay_one(self, run: Run, kill: int | None) -> None:
        """Bring a run to its end, unless killed: nothing of it is at risk any more then."""

        def replay() -> None:
            _, result = recovery.replay(self.workspace, run.id, timeout=0)
            assert result.complete, result

        if self.work(replay, kill):
            self.at_risk -= {key for key in self.at_risk if key.run == run.id}

    @rule(batches=st.integers(1, 20), seed=st.integers(0, 9))
    def redeliver(self, batches: int, seed: int) -> None:
        self.mapping.chance = random.Random(seed)
        self.mapping.deliver_again(batches)
        type(self).struck += batches

    @rule(enabled=st.booleans())
    def switch_mapping(self, enabled: bool) -> None:
        self.mapping.enabled = enabled
        self.mapping.deliver()

    def candidates(self) -> list[Candidate]:
        return [c for run in self.runs() for c in retrain_table.candidates(self.cloud, run)]

    @rule(which=NUMBERS, decision=DECISIONS, kill=st.none() | st.integers(0, 1))
    def review(self, which: int, decision: tuple[Decision, str | None], kill: int | None) -> None:
        # Of few, so that some are decided on again and again.
        for candidate in one_of(self.candidates()[:REVIEWED], which):
            self.decide(candidate, decision, kill)

    def decide(
        self, candidate: Candidate, decision: tuple[Decision, str | None], kill: int | None
    ) -> None:
        """Decide on a candidate; what was acknowledged, and only that, has to last."""
        key = candidate.key
        labels = {"right": candidate.record.actual_string, "relabel": decision[1], "drop": ""}
        wanted = (decision[0], labels[decision[0]] or "")

        def decide() -> None:
            assert (
                decided(
                    review.give_verdict(
                        self.workspace, candidate, decision[0], label=decision[1]
                    ).verdict
                )
                == wanted
            )
            with pytest.raises(ConflictError):  # somebody who read it before is told
                review.give_verdict(self.workspace, candidate, "right")

        if self.work(decide, kill):
            self.verdicts[key] = {wanted}
            self.at_risk.discard(key)
        else:
            self.verdicts[key] = {*self.verdicts.get(key, {None}), wanted}

    @rule()
    def save_cloud(self) -> None:
        """The local cloud stops in good order, and starts again."""
        self.mapping.deliver()
        self.saved = copy.deepcopy(self.cloud.dynamodb.tables)

    @rule()
    def crash_cloud(self) -> None:
        """The local cloud is killed: it has what it had saved, and an empty stream."""
        self.cloud.dynamodb.tables = copy.deepcopy(self.saved)
        self.mapping.forget()
        type(self).struck += 1
        self.at_risk |= {key for key in self.verdicts if not self.is_as_decided(key)}

    def is_as_decided(self, key: Key) -> bool:
        """Whether the cloud has a verdict on a record that it may have."""
        found = retrain_table.load(self.cloud, key)
        return decided(found.verdict if found else None) in self.verdicts[key]

    @invariant()
    def acknowledged_verdicts_are_there(self) -> None:
        kept = self.verdicts.keys() - self.at_risk
        assert [key for key in kept if not self.is_as_decided(key)] == []

    @invariant()
    def nothing_is_there_that_was_not_tested(self) -> None:
        known = {run.id for run in self.runs()}
        for table in (self.cloud.settings.score_table, self.cloud.settings.retrain_table):
            assert {Key(*key).run for key in self.cloud.items(table)} <= known
        for run in self.runs():
            found = self.audit(run)
            assert not found.doubled
            assert not found.uncalled

    @invariant()
    def run_that_says_it_is_reconciled_lacks_nothing(self) -> None:
        for run in run_table.runs(self.cloud):
            if run.state == RunState.RECONCILED:
                assert self.audit(run).clean


def prepared(home: Path) -> type[Loop]:
    """The machine, with a model and data that are made once."""
    cloud: Any = MemoryCloud()
    trained = GivenCloud(home, cloud)
    iris = default_dataset(trained)
    Loop.trained = trained
    Loop.model = train_model(trained, iris, ModelSpec(), options=TrainOptions(epochs=1))
    Loop.dataset = iris.with_rows("a few", iris.frame.iloc[::20])
    trained.datasets.add(Loop.dataset)
    return Loop


def go_through(machine: type[Loop], examples: int, steps: int) -> None:
    """Let so many things happen in so many orders; raises what is first found wrong."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            # Threads make a shorter example of a failure hard to find; the first one is told.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def table() -> list[Row]:
    """Go through many long orders, other ones each time."""
    with TemporaryDirectory() as home:
        machine = prepared(Path(home))
        try:
            go_through(machine, EXAMPLES, STEPS)
        except AssertionError:
            traceback.print_exc()
            return [Row("all of it in any order", machine.struck, lost=1)]
        return [Row("all of it in any order", machine.struck)]
