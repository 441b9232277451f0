"""Runs of the state machine: its model and data, and the row of the report."""

from __future__ import annotations

import traceback
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from app.services.data.datasets import default_dataset
from app.services.model.training import train_model
from iris_core.model.options import ModelSpec, TrainOptions
from tests.faults.cloud_workspace import WorkspaceOnCloud
from tests.faults.memory import MemoryCloud
from tests.faults.report_rows import Row
from tests.faults.state_machine import LoopMachine

EXAMPLES, STEPS = 300, 30
"""Orders in the long form, and the most steps of each."""


def prepared_machine(home: Path) -> type[LoopMachine]:
    """Return the machine with a model and data, which are made once."""
    cloud: Any = MemoryCloud()
    workspace = WorkspaceOnCloud(home, cloud)
    iris = default_dataset(workspace)
    LoopMachine.trained = workspace
    LoopMachine.model = train_model(workspace, iris, ModelSpec(), options=TrainOptions(epochs=1))
    LoopMachine.dataset = iris.with_rows("a few", iris.frame.iloc[::20])
    workspace.datasets.add(LoopMachine.dataset)
    return LoopMachine


def explore(machine: type[LoopMachine], examples: int, steps: int) -> None:
    """Let up to so many steps happen in so many orders.

    Raises:
        AssertionError: the first invariant that does not hold.
    """
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            # Threads make a shorter example of a failure hard to find; the first one is reported.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def table() -> list[Row]:
    """Explore many long orders, different ones each time."""
    with TemporaryDirectory() as home:
        machine = prepared_machine(Path(home))
        try:
            explore(machine, EXAMPLES, STEPS)
        except AssertionError:
            traceback.print_exc()
            return [Row("all of it in any order", machine.injected, lost=1)]
        return [Row("all of it in any order", machine.injected)]
