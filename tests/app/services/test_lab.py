"""The steps of lab 3, as the workspace has them."""

from __future__ import annotations

from pathlib import Path

from app.services.lab import dashboard_steps
from app.services.workspace import Workspace
from aws.settings import Settings
from iris_core.records.run import RunState
from tests.aws.samples import sample_run


def test_steps_are_done_one_after_the_other(tmp_path: Path, trained_home: Path) -> None:
    empty, trained = Workspace(tmp_path, Settings()), Workspace(trained_home, Settings())
    assert [step.is_done for step in dashboard_steps(empty, None)] == [False, False, None, False]
    assert [step.is_done for step in dashboard_steps(trained, None)] == [True, True, None, False]
    empty.journal.save(sample_run(70, state=RunState.RECONCILED, tested=70))
    test = dashboard_steps(empty, None)[-1]
    assert (test.is_done, test.state) == (True, "70 records in the newest run.")
