"""Runs, kills, replays, redeliveries, reviews and restarts in any order: the invariants hold.

On a cloud in memory, with the true pipeline, recovery, review, journal and function.
"""

from __future__ import annotations

import copy
import random
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from app import recovery, review
from app.pipeline import default_dataset, run_test, train_model
from app.services import Services
from aws import retrain_table, run_table
from aws.errors import ConflictError
from aws.keys import Key, key_of
from aws.retrain_table import Candidate, Decision
from aws.run_table import Run
from aws.settings import Settings
from iris_core.datasets import DataSet
from iris_core.models import Model
from iris_core.options import ModelSpec, TrainOptions
from tests.faults.audit import Audit, audit
from tests.faults.cloud_workspace import GivenCloud
from tests.faults.memory import MemoryCloud, undisturbed
from tests.faults.stream import StreamMapping

ROWS = 60
MOMENTS = st.none() | st.integers(0, 60)
"""When a process is killed: at this one of the cloud's calls, before or after it is applied."""
NUMBERS = st.integers(0, 1_000)
DECISIONS: st.SearchStrategy[tuple[Decision, str | None]] = st.sampled_from(
    [("right", None), ("relabel", "no flower"), ("drop", None)]
)


T = TypeVar("T")


def one_of(some: list[T], which: int) -> list[T]:
    """One entry chosen by a number, or none when there is none."""
    return [some[which % len(some)]] if some else []


class KilledError(BaseException):
    """The process ends here: none of its calls reaches the cloud any more."""


class Loop(RuleBasedStateMachine):
    """One workspace and one cloud; what was acknowledged is remembered beside them."""

    trained: Services
    model: Model
    dataset: DataSet

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(dir=self.trained.home))
        self.cloud: Any = MemoryCloud(Settings(threads=1))
        self.mapping = StreamMapping(
            self.cloud.stream, self.cloud.lambda_.handle, batch_size=7, deliveries=3
        )
        self.saved = copy.deepcopy(self.cloud.dynamodb.tables)
        self.decided: dict[Key, tuple[str, str]] = {}
        self.open()

    def teardown(self) -> None:
        """Whatever happened, every run can be brought to its end."""
        self.mapping.enabled = True
        self.mapping.deliver()
        for run in self.runs():
            _, result = recovery.replay(self.services, run.id, timeout=0)
            assert result.complete, result
            assert self.audit(run).clean, self.audit(run)
        for key, verdict in self.decided.items():
            found = retrain_table.load(self.cloud, key)
            assert found
            assert found.verdict
            assert (found.verdict.decision, found.verdict.label) == verdict
        shutil.rmtree(self.home)

    def open(self) -> None:
        """What a process does that begins to work on the workspace."""
        self.services = GivenCloud(self.home, self.cloud)
        self.services.datasets = self.trained.datasets
        self.services.models = self.trained.models

    def runs(self) -> list[Run]:
        """Every run that the workspace or the cloud knows."""
        known = {run.id: run for run in run_table.runs(self.cloud)}
        return [known.get(run.id, run) for run in self.services.journal.runs()]

    def audit(self, run: Run) -> Audit:
        """Compare the tables with what a run has tested."""
        score, retrain = (
            {key: item for key, item in self.cloud.items(table).items() if Key(*key).run == run.id}
            for table in (self.cloud.settings.score_table, self.cloud.settings.retrain_table)
        )
        return audit(score, retrain, [key_of(run.id, r) for r in range(run.rows)], run.threshold)

    def work(self, do: Callable[[], object], kill: int | None) -> None:
        """Work while the stream delivers; with `kill`, be killed at that moment, if it comes."""
        moment = 0

        def interrupt(when: str, operation: str) -> None:
            nonlocal moment
            if kill is not None and moment >= kill:
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
            if kill is None:
                raise
            self.open()
        finally:
            self.cloud.dynamodb.interrupt = undisturbed

    @rule(kill=MOMENTS, threshold=st.sampled_from([None, "0.5", "1"]))
    def run(self, kill: int | None, threshold: str | None) -> None:
        def test() -> None:
            run_test(self.services, self.model, self.dataset, threshold=threshold, timeout=0)

        self.work(test, kill)

    @rule(which=NUMBERS, kill=MOMENTS)
    def replay(self, which: int, kill: int | None) -> None:
        for run in one_of(self.runs(), which):
            self.work(partial(recovery.replay, self.services, run.id, timeout=0), kill)

    @rule(batches=st.integers(1, 20), seed=st.integers(0, 9))
    def redeliver(self, batches: int, seed: int) -> None:
        self.mapping.chance = random.Random(seed)
        self.mapping.deliver_again(batches)

    @rule(enabled=st.booleans())
    def switch_mapping(self, enabled: bool) -> None:
        self.mapping.enabled = enabled
        self.mapping.deliver()

    def candidates(self) -> list[Candidate]:
        return [c for run in self.runs() for c in retrain_table.candidates(self.cloud, run)]

    @rule(which=NUMBERS, decision=DECISIONS, kill=st.none() | st.integers(0, 1))
    def review(self, which: int, decision: tuple[Decision, str | None], kill: int | None) -> None:
        for candidate in one_of(self.candidates(), which):
            self.decide(candidate, decision, kill)

    def decide(
        self, candidate: Candidate, decision: tuple[Decision, str | None], kill: int | None
    ) -> None:
        """Decide on a candidate; what was acknowledged, and only that, has to last."""

        def decide() -> None:
            decided = review.decide(self.services, candidate, decision[0], label=decision[1])
            assert decided.verdict
            self.decided[decided.key] = (decided.verdict.decision, decided.verdict.label)
            with pytest.raises(ConflictError):  # somebody who read it before is told
                review.decide(self.services, candidate, "right")

        before = self.decided.pop(candidate.key, None)
        self.work(decide, kill)
        if candidate.key not in self.decided:  # killed: the cloud has the old one or the new one
            now = retrain_table.load(self.cloud, candidate.key)
            if now and now.verdict:
                self.decided[candidate.key] = (now.verdict.decision, now.verdict.label)
            else:
                assert before is None, "an acknowledged verdict is there after the kill"

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
            if run.state == run_table.RECONCILED:
                assert self.audit(run).clean


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> type[Loop]:
    cloud: Any = MemoryCloud()
    trained = GivenCloud(tmp_path_factory.mktemp("home"), cloud)
    iris = default_dataset(trained)
    Loop.trained = trained
    Loop.model = train_model(trained, iris, ModelSpec(), options=TrainOptions(epochs=1))
    Loop.dataset = iris.with_rows("a few", iris.frame.iloc[::20])
    trained.datasets.add(Loop.dataset)
    return Loop


def test_invariants_hold_whatever_happens_in_whatever_order(machine: type[Loop]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=10,
            stateful_step_count=12,
            deadline=None,
            # Threads make a shorter example of a failure hard to find; the first one is told.
            phases=[Phase.generate],
        ),
    )
