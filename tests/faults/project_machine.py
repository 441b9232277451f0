"""A project goes round the loop, killed at any call, in any order of steps: the invariants hold.

Verdicts are carried over and applied, models retrained, promoted and rolled back. The stores, the
journal and the models are real, the cloud is in memory. What is no person's step, such as a mapping
that is switched off, `state_machine` mixes in.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from app.services.model.champion import promote, roll_back
from app.services.model.training import load_model, train_model
from app.services.projects import find_project
from app.services.review.applying import apply_to_dataset, apply_to_run
from app.services.review.retraining import plan_retraining
from app.services.review.verdicts import give_verdict
from app.services.runs import recovery
from app.services.runs.pipeline import run_test
from iris_core.errors import DataError, StoreError
from iris_core.records.candidate import Candidate
from iris_core.records.run import Run
from iris_core.records.verdict import UNDECIDED
from iris_core.storage.cards import Change
from tests.faults.cloud_workspace import WorkspaceOnCloud
from tests.faults.interruptions import KilledError, interrupted
from tests.faults.project_invariants import ProjectInvariants
from tests.faults.project_records import Given, Promoted, StoredVerdict, champions, uncorrected

NUMBERS = st.integers(0, 1_000)
DECISIONS = st.sampled_from(["right", "relabel", "relabel", "drop", UNDECIDED])


def kills(points: int) -> st.SearchStrategy[int | None]:
    """Give the point at which a step is killed, that many it has; None if it is not."""
    return st.none() | st.integers(0, points)


class ProjectMachine(ProjectInvariants):
    """The steps of a project, each of which may be killed."""

    def teardown(self) -> None:
        """Complete every run, whatever has happened."""
        for run in self.runs():
            self.replay_one(run, None)
        self.acknowledged_verdicts_are_there()
        shutil.rmtree(self.home.parent)

    @initialize()
    def begin(self) -> None:
        """Begin with a run, and some rows of it reviewed since the cloud was saved."""
        self.test(0, 0, None)
        self.save_cloud()
        for which, decision in enumerate(("relabel", "drop", "right")):
            self.review(2 * which, decision, None)

    @rule(model=NUMBERS, data=NUMBERS, kill=kills(80))
    def test(self, model: int, data: int, kill: int | None) -> None:
        cards = find_project(self.workspace, self.project).datasets
        self.test_on(cards[data % len(cards)].id, model, kill)

    def test_on(self, dataset_id: str, model: int = 0, kill: int | None = None) -> None:
        """Test a model on data; unless killed, the run comes reviewed."""
        loaded = load_model(self.workspace, self.chosen_model(model))
        dataset = self.workspace.datasets.load(dataset_id)

        def test() -> None:
            run_test(self.workspace, loaded, dataset, threshold="1", timeout=0)

        if self.work(test, kill):
            self.row_verdicts_are_on_their_candidates(self.runs()[0])

    def row_verdicts_are_on_their_candidates(self, run: Run) -> None:
        """A new run comes reviewed, by verdicts that name the run in which they were given."""
        for candidate in self.candidates(run):
            verdict = candidate.verdict
            found = (verdict.label, verdict.note, verdict.carried_from) if verdict else None
            given = candidate.record.actual_string
            allowed = [
                (v.on(given), v.note, v.run) if v and v.on(given) is not None else None
                for v in self.verdicts.get(candidate.record.fingerprint, {None})
            ]
            assert found in allowed, (candidate.key, found, allowed)

    def chosen_model(self, which: int) -> str:
        """Return the id of one of the models."""
        cards = self.workspace.models.list().cards
        return cards[which % len(cards)].id

    @rule(which=NUMBERS, decision=DECISIONS, kill=kills(12))
    def review(self, which: int, decision: Any, kill: int | None) -> None:
        known = [
            candidate
            for run in self.runs()
            for candidate in self.candidates(run)
            if candidate.record.fingerprint in self.rows
            and (decision != UNDECIDED or candidate.verdict)
        ]
        if known:
            self.review_one(known[which % len(known)], decision, kill)

    def review_one(self, candidate: Candidate, decision: Any, kill: int | None) -> None:
        """Give a verdict on a candidate; what was acknowledged has to last."""
        until_the_next_millisecond()
        self.given += 1
        row, given = candidate.record.fingerprint, candidate.record.actual_string
        others = {"setosa": "versicolor", "versicolor": "virginica", "virginica": "setosa"}
        new = others[given] if decision == "relabel" else ""
        label = given if decision == "right" else new
        note = f"verdict {self.given}"
        on_row = Given(note, decision, given, label, candidate.key.run)

        def give() -> None:
            give_verdict(self.workspace, candidate, decision, label=new or None, note=note)

        before = self.verdicts.get(row, {None})
        on_candidate = self.of_candidates.get(candidate.key, {None})
        is_given = self.work(give, kill)
        stored = None if decision == UNDECIDED else StoredVerdict(decision, new, note, "", "")
        self.verdicts[row] = {None if decision == UNDECIDED else on_row}
        self.of_candidates[candidate.key] = {stored}
        if not is_given:
            self.verdicts[row] |= before
            self.of_candidates[candidate.key] |= on_candidate

    @rule(which=NUMBERS, kill=kills(60))
    def replay(self, which: int, kill: int | None) -> None:
        if runs := self.runs():
            self.replay_one(runs[which % len(runs)], kill)

    def replay_one(self, run: Run, kill: int | None) -> None:
        """Complete a run; unless killed, table and journal have the same verdicts then, once."""

        def replay() -> None:
            _, result = recovery.replay(self.workspace, run.id, timeout=0)
            assert result.complete, result

        if not self.work(replay, kill):
            return
        self.at_risk.discard(run.id)
        in_table = {c.key: StoredVerdict.in_table(c) for c in self.candidates(run) if c.version}
        notes = self.workspace.journal.all_verdicts(run.id)
        in_journal = {v[-1].key: StoredVerdict.in_journal(v[-1]) for v in notes}
        assert in_journal == in_table, in_journal.items() ^ in_table.items()

    @rule(which=NUMBERS, kill=kills(140))
    def apply(self, which: int, kill: int | None) -> None:
        runs = self.runs()
        cards = [c for c in self.workspace.datasets.list().cards if c.change != Change.EVALUATION]

        def apply() -> None:
            choice = which % (len(runs) + len(cards))
            with suppress(DataError):  # nothing is reviewed
                if choice < len(runs):
                    applied = apply_to_run(self.workspace, runs[choice])
                else:
                    applied = apply_to_dataset(self.workspace, cards[choice - len(runs)].id)
                results.append(applied.dataset.id)

        results: list[str] = []
        is_applied = self.work(apply, kill)
        if is_applied and not results:
            assert not any(v and None not in v for v in self.verdicts.values())
        elif is_applied:
            card = self.workspace.projects.card(self.project)
            assert card is not None
            assert card.data == results[0]
            evaluation = self.workspace.datasets.load(str(card.evaluation))
            assert uncorrected(evaluation, self.verdicts) == []

    @rule(which=NUMBERS, further=st.booleans(), kill=kills(140))
    def retrain(self, which: int, further: bool, kill: int | None) -> None:
        def retrain() -> None:
            model = self.workspace.models.card(self.chosen_model(which))
            plan = plan_retraining(self.workspace, model.id, further=further)
            dataset = self.workspace.datasets.load(plan.dataset)
            trained.append(
                train_model(
                    self.workspace,
                    dataset,
                    model.spec,
                    options=plan.options,
                    parent=plan.parent,
                    name=model.name,
                    reviewed_weight=2,
                ).card.id
            )

        trained: list[str] = []
        self.work(retrain, kill)
        assert {card.id for card in self.workspace.models.list().cards}.issuperset(trained)

    @rule(which=NUMBERS, kill=kills(50))
    def promote(self, which: int, kill: int | None) -> None:
        self.change_champion([self.promotion(which)], kill)

    @rule(kill=kills(30))
    def roll_back(self, kill: int | None) -> None:
        self.change_champion([self.roll_back_one], kill)

    @rule(which=NUMBERS, also=st.none() | NUMBERS, at=st.integers(0, 50))
    def promote_at_once(self, which: int, also: int | None, at: int) -> None:
        other = self.roll_back_one if also is None else self.promotion(also)
        self.change_champion([self.promotion(which), other], None, at)

    def promotion(self, which: int) -> Callable[[], Promoted]:
        """Return the promotion of a model that is not the champion."""
        champion = champions(self.log, self.first)[-1]
        others = [c.id for c in self.workspace.models.list().cards if c.id != champion]
        model = others[which % len(others)]

        def promote_one() -> Promoted:
            promote(WorkspaceOnCloud(self.home, self.cloud), model, who="ada")
            return model, False

        return promote_one

    def roll_back_one(self) -> Promoted:
        """Bring back the champion before."""
        workspace = WorkspaceOnCloud(self.home, self.cloud)
        return roll_back(workspace, find_project(workspace, self.project), who="bob")[0], True

    def change_champion(
        self, changes: list[Callable[[], Promoted]], kill: int | None, at: int | None = None
    ) -> None:
        """Change the champion; `at` a point of the first change the second happens as a whole."""
        done: list[Promoted] = []

        def attempt(change: Callable[[], Promoted]) -> None:
            with suppress(DataError, StoreError):  # there is nothing to do, or it came too late
                done.append(change())

        def at_point(number: int) -> None:
            if number == at:
                type(self).injected += 1
                attempt(changes[1])
            if kill is not None and number >= kill:
                raise KilledError

        is_complete = interrupted(
            lambda: attempt(changes[0]), self.cloud, at_point, before_query=self.mapping.deliver
        )
        self.open()
        entries = self.workspace.promotions.entries(self.project)
        log = [(entry.model, entry.is_rollback) for entry in entries]
        assert log[: len(self.log)] == self.log
        new = log[len(self.log) :]
        if not self.log and new:
            assert new.pop(0) == (self.first, False)
        if is_complete:
            assert sorted(new) == sorted(done)
        else:
            type(self).injected += 1
            assert len(new) <= 1
        self.log = log

    @rule()
    def restart(self) -> None:
        self.open()

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
        self.was_crashed = True
        self.at_risk = {run.id for run in self.runs()}


def until_the_next_millisecond() -> None:
    """Let no two verdicts have the same time: of two on one row the later one counts."""
    now = f"{datetime.now(UTC):%f}"[:3]
    while f"{datetime.now(UTC):%f}"[:3] == now:
        pass
