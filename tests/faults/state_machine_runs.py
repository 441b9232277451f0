"""Runs of the state machines: their models and data, and the rows of the report."""

from __future__ import annotations

import traceback
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from app.services.data.datasets import default_dataset
from app.services.model.training import train_model
from app.services.project_data import evaluation_split
from app.services.workspace import Workspace
from aws.settings import Settings
from iris_core.data.fingerprints import as_letters
from iris_core.model.options import ModelSpec, TrainOptions
from tests.faults.cloud_workspace import WorkspaceOnCloud
from tests.faults.memory import MemoryCloud
from tests.faults.project_machine import ProjectMachine
from tests.faults.report_rows import Row
from tests.faults.state_machine import LoopMachine
from tests.iris_core.samples import flowers

EXAMPLES, PROJECT_EXAMPLES, STEPS = 300, 100, 30
"""Orders of each machine in the long form, and the most steps of each."""


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


def prepared_project_machine(home: Path) -> type[ProjectMachine]:
    """Return the machine with two models and data, which are made once.

    Some rows are there twice, with two labels; of the rows that are reviewed, some evaluate.
    """
    workspace = Workspace(home, Settings())
    once = flowers(45)
    copies = once.frame.iloc[:2].assign(species="virginica")
    dataset = once.with_rows("flowers", pd.concat([once.frame, copies], ignore_index=True))
    workspace.datasets.add(dataset)
    for seed in range(2):
        options = TrainOptions(epochs=1, validation_share=0, seed=seed)
        train_model(workspace, dataset, ModelSpec(units=(4,)), options=options)
    training, evaluation = evaluation_split(workspace, dataset).divide(dataset)
    ProjectMachine.prepared = home
    ProjectMachine.project = dataset.columns.project
    reviewed = (*training.fingerprints[:3], *evaluation.fingerprints[:3])
    ProjectMachine.rows = frozenset(as_letters(np.array(reviewed)))
    return ProjectMachine


def explore(machine: type[RuleBasedStateMachine], examples: int, steps: int) -> None:
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
        return [
            _row("all of it in any order", prepared_machine(Path(home) / "runs"), EXAMPLES),
            _row(
                "the loop in any order",
                prepared_project_machine(Path(home) / "project"),
                PROJECT_EXAMPLES,
            ),
        ]


def _row(fault: str, machine: type[LoopMachine] | type[ProjectMachine], examples: int) -> Row:
    """Explore the long form of a machine."""
    try:
        explore(machine, examples, STEPS)
    except AssertionError:
        traceback.print_exc()
        return Row(fault, machine.injected, lost=1)
    return Row(fault, machine.injected)
