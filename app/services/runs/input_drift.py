"""How far a run's data have drifted from the data that its model was trained on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.services.workspace import Workspace
from iris_core.errors import IrisError
from iris_core.exploration.drift import DriftLevel, compare
from iris_core.model.models import ModelCard
from iris_core.records.run import Run

MAX_ROWS = 500_000
"""Rows of both data sets beyond which their drift is left to the Data page."""
SECONDS = 1.5
"""After which no further pair of data sets is begun: the next drawing goes on."""


@dataclass(frozen=True, slots=True)
class InputDrift:
    """The feature that drifted most.

    Attributes:
        column: its name.
        psi: its population stability index, 0 or more.
        level: of the drift, or that there are too few rows for one.
    """

    column: str
    psi: float
    level: DriftLevel


Measure = Callable[[str, str], InputDrift | None]
"""Returns the drift of a second data set from a first one, both by id; None if it is not known."""


def input_drift(workspace: Workspace, training: str, tested: str) -> InputDrift | None:
    """Return the largest drift of a feature; None if the two share none, or one is gone.

    Args:
        workspace: with both data sets.
        training: id of the data set that the model was trained on.
        tested: id of the data set that was tested.
    """
    try:
        first, second = workspace.datasets.load(training), workspace.datasets.load(tested)
        columns = [entry for entry in compare(first, second).columns if entry.name != first.label]
    except IrisError:
        return None
    unknown: DriftLevel = "too few rows to say"
    largest = min(columns, key=lambda entry: (entry.level == unknown, -entry.psi), default=None)
    return None if largest is None else InputDrift(largest.name, largest.psi, largest.level)


def drift_by_run(
    workspace: Workspace,
    runs: Sequence[Run],
    models: Sequence[ModelCard],
    measure: Measure,
    *,
    seconds: float = SECONDS,
) -> dict[str, InputDrift]:
    """Return the drift of each run's data from its model's training data, where it is known.

    Args:
        workspace: with the data sets; runs on others are left out, and so are large ones.
        runs: in the order in which they matter, such as newest first.
        models: of the workspace.
        measure: remembers what it measured: each drawing of the page asks anew.
        seconds: after which no further pair of data sets is measured.

    Returns:
        the drift by run id.
    """
    rows = {card.id: card.rows for card in workspace.datasets.list().cards}
    trained_on = {card.id: card.dataset_id for card in models}
    deadline = time.monotonic() + seconds
    known: dict[tuple[str, str], InputDrift | None] = {}
    for run in runs:
        pair = (trained_on.get(run.model, ""), run.dataset)
        if pair in known or not _is_measurable(pair, rows):
            continue
        if time.monotonic() > deadline:
            break
        known[pair] = measure(*pair)
    drifts = {run.id: known.get((trained_on.get(run.model, ""), run.dataset)) for run in runs}
    return {run_id: drift for run_id, drift in drifts.items() if drift is not None}


def _is_measurable(pair: tuple[str, str], rows: Mapping[str, int]) -> bool:
    """Return whether both data sets are there, and not too large to be compared at once."""
    return all(id_ in rows for id_ in pair) and sum(rows[id_] for id_ in pair) <= MAX_ROWS
