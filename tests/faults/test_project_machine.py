"""A project keeps what it has, in any order: the short form of what `make faults` explores."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from iris_core.records.candidate import Candidate
from iris_core.records.run import Run
from tests.faults.project_machine import ProjectMachine
from tests.faults.project_records import champions
from tests.faults.state_machine_runs import explore, prepared_project_machine


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> type[ProjectMachine]:
    return prepared_project_machine(tmp_path_factory.mktemp("project") / "home")


def test_project_keeps_what_it_has_in_any_order_of_steps(machine: type[ProjectMachine]) -> None:
    explore(machine, examples=6, steps=12)


@pytest.fixture
def project(machine: type[ProjectMachine]) -> Iterator[ProjectMachine]:
    """GIVEN a run of the project of which three rows are reviewed."""
    project = machine()
    project.begin()
    yield project
    project.teardown()


def reviewed(project: ProjectMachine, run: Run) -> Candidate:
    """Return the first candidate of a run that is reviewed."""
    return next(candidate for candidate in project.candidates(run) if candidate.verdict)


def test_verdict_that_a_replay_restores_does_not_outrank_a_later_one(
    project: ProjectMachine,
) -> None:
    # GIVEN a verdict that the cloud has lost, and then another one on the same row in a later run
    (earlier,) = project.runs()
    project.crash_cloud()
    project.test_on(earlier.dataset)
    project.review_one(reviewed(project, project.runs()[0]), "right", None)
    # WHEN the earlier run is replayed
    project.replay_one(earlier, None)
    # THEN the later verdict is the row's
    project.acknowledged_verdicts_are_there()


def test_carried_verdict_does_not_outrank_the_one_that_it_comes_from(
    project: ProjectMachine,
) -> None:
    # GIVEN a corrected version, and a run in which the relabelled row comes with its new label
    (run,) = project.runs()
    project.apply(0, None)
    (corrected,) = [c for c in project.workspace.datasets.list().cards if c.change == "corrected"]
    project.test_on(corrected.id)
    # WHEN it is tested as it was labelled first, THEN it comes relabelled again
    project.test_on(run.dataset)
    decisions = [c.verdict.decision for c in project.candidates(project.runs()[0]) if c.verdict]
    assert "relabel" in decisions
    project.acknowledged_verdicts_are_there()


def test_verdict_of_a_killed_process_is_noted_though_a_lost_one_had_its_version(
    project: ProjectMachine,
) -> None:
    # GIVEN a verdict that the cloud has lost, and another one that a killed process did not note
    (run,) = project.runs()
    key = reviewed(project, run).key
    project.crash_cloud()
    (lost,) = [candidate for candidate in project.candidates(run) if candidate.key == key]
    assert lost.version == 0
    project.review_one(lost, "drop", 2)
    # WHEN the run is replayed, THEN table and journal have the same verdict
    project.replay_one(run, None)


def test_of_two_promotions_at_once_one_is_refused_at_whatever_call(
    machine: type[ProjectMachine],
) -> None:
    for at in range(0, 48, 3):
        project = machine()
        project.promote_at_once(0, 0, at)
        project.there_is_one_champion()
        project.teardown()


def test_roll_back_goes_back_one_champion_though_it_is_killed_first(
    project: ProjectMachine,
) -> None:
    for which in range(3):
        project.promote(which, None)
    line = champions(project.log, project.first)
    assert len(line) == 4
    for kill in (5, None, 12, None):
        project.roll_back(kill)
        project.there_is_one_champion()
        project.everything_opens()
    assert champions(project.log, project.first) == line[:2]
