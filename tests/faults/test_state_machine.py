"""The invariants hold in any order of steps: the short form of what `make faults` explores."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from iris_core.records.run import RunState
from tests.faults.state_machine import LoopMachine
from tests.faults.state_machine_runs import explore, prepared_machine


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> type[LoopMachine]:
    return prepared_machine(tmp_path_factory.mktemp("home"))


@pytest.fixture
def loop(machine: type[LoopMachine]) -> Iterator[LoopMachine]:
    """GIVEN a run with all candidates, and a local cloud that has saved nothing."""
    loop = machine()
    loop.run(None, None)
    loop.mapping.deliver()
    yield loop
    loop.teardown()


def test_invariants_hold_in_any_order_of_steps(machine: type[LoopMachine]) -> None:
    explore(machine, examples=10, steps=12)


def test_later_verdict_survives_a_crash_that_restores_the_earlier(
    loop: LoopMachine,
) -> None:
    # GIVEN a reviewer who changed a verdict after the cloud was saved
    loop.review(0, ("right", None), None)
    loop.save_cloud()
    loop.review(0, ("drop", None), None)
    for _ in range(2):
        # WHEN the cloud is killed, and the run replayed
        loop.crash_cloud()
        assert loop.at_risk
        loop.replay(0, None)
        # THEN the last verdict counts
        loop.acknowledged_verdicts_are_there()


def test_verdict_survives_a_crash_that_restores_one_that_was_not_noted(loop: LoopMachine) -> None:
    # GIVEN a process that was killed when the cloud had a verdict and the workspace had not
    loop.review(0, ("right", None), 1)
    loop.save_cloud()
    # WHEN somebody gives another verdict, the cloud is killed, and the run replayed
    loop.review(0, ("drop", None), None)
    loop.crash_cloud()
    assert loop.at_risk
    loop.replay(0, None)
    # THEN the last verdict counts
    loop.acknowledged_verdicts_are_there()


def test_run_lost_in_a_crash_is_not_reconciled_until_checked_again(
    loop: LoopMachine,
) -> None:
    (run,) = loop.runs()
    assert run.state == RunState.RECONCILED
    # WHEN the cloud is killed, and so is the replay
    loop.crash_cloud()
    loop.replay(0, 6)
    # THEN the run is not called reconciled any more
    (run,) = loop.runs()
    assert run.state == RunState.INCOMPLETE
    loop.replay(0, None)
    (run,) = loop.runs()
    assert run.state == RunState.RECONCILED
