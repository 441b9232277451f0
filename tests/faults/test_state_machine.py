"""Whatever happens in whatever order: the short form of what `make faults` goes through."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from iris_core.records.run import RunState
from tests.faults.any_order import Loop, go_through, prepared


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> type[Loop]:
    return prepared(tmp_path_factory.mktemp("home"))


@pytest.fixture
def loop(machine: type[Loop]) -> Iterator[Loop]:
    """GIVEN a run whose candidates are there, and a local cloud that has saved nothing."""
    loop = machine()
    loop.run(None, None)
    loop.mapping.deliver()
    yield loop
    loop.teardown()


def test_invariants_hold_whatever_happens_in_whatever_order(machine: type[Loop]) -> None:
    go_through(machine, examples=10, steps=12)


def test_later_of_two_verdicts_outlives_a_crash_that_brings_back_the_earlier(loop: Loop) -> None:
    # GIVEN a reviewer who thought again after the cloud was saved
    loop.review(0, ("right", None), None)
    loop.save_cloud()
    loop.review(0, ("drop", None), None)
    for _ in range(2):
        # WHEN the cloud is killed, and the run replayed
        loop.crash_cloud()
        assert loop.at_risk
        loop.replay(0, None)
        # THEN what counts is what was decided last
        loop.acknowledged_verdicts_are_there()


def test_verdict_outlives_a_crash_that_brings_back_one_that_nobody_noted(loop: Loop) -> None:
    # GIVEN a reviewer who was killed when the cloud had a verdict and the workspace did not yet
    loop.review(0, ("right", None), 1)
    loop.save_cloud()
    # WHEN somebody decides otherwise, the cloud is killed, and the run replayed
    loop.review(0, ("drop", None), None)
    loop.crash_cloud()
    assert loop.at_risk
    loop.replay(0, None)
    # THEN what counts is what was decided last
    loop.acknowledged_verdicts_are_there()


def test_run_that_a_crash_took_is_not_reconciled_until_that_is_seen_again(loop: Loop) -> None:
    (run,) = loop.runs()
    assert run.state == RunState.RECONCILED
    # WHEN the cloud is killed, and so is the replay
    loop.crash_cloud()
    loop.replay(0, 6)
    # THEN the run does not say what it said before
    (run,) = loop.runs()
    assert run.state == RunState.INCOMPLETE
    loop.replay(0, None)
    (run,) = loop.runs()
    assert run.state == RunState.RECONCILED
