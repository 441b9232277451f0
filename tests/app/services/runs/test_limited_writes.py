"""A run of more records than its table takes at once: it says that they wait, and is complete."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.services.runs.pipeline import run_test
from app.services.runs.recovery import replay
from app.services.workspace import Workspace
from iris_core.data.datasets import DataSet
from iris_core.model.models import Model
from iris_core.records.run import RunState
from tests.faults.cloud_workspace import WorkspaceOnCloud
from tests.faults.memory import MemoryCloud

MOST = 20
"""Items that the table takes of a batch."""


@pytest.fixture
def limited(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkspaceOnCloud]:
    """The workspace on a cloud that takes a part of each batch, and hands the rest back."""
    cloud = MemoryCloud()
    write = cloud.dynamodb.batch_write_item

    def take_a_part(*, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        ((table, puts),) = RequestItems.items()
        write(RequestItems={table: puts[:MOST]})
        return {"UnprocessedItems": {table: puts[MOST:]} if puts[MOST:] else {}}

    monkeypatch.setattr(cloud.dynamodb, "batch_write_item", take_a_part)
    given = WorkspaceOnCloud(workspace.home, cloud)
    yield given
    given.jobs.close()


def test_run_over_the_limit_says_how_many_records_waited_and_is_complete(
    limited: WorkspaceOnCloud, model: Model, dataset: DataSet
) -> None:
    progress: dict[str, tuple[int, int]] = {}
    outcome = run_test(
        limited,
        model,
        dataset,
        threshold="1",
        timeout=0,
        on_progress=lambda step, done, total: progress.update({step: (done, total)}),
    )
    # Five of each batch of 25 came back once.
    assert progress["delayed"] == (dataset.rows // 5, dataset.rows)
    assert progress["stored"] == (dataset.rows, dataset.rows)
    # AND the candidates, which this cloud's stream never delivers, come with a replay
    run, result = replay(limited, outcome.run.id, timeout=0)
    assert result.complete
    assert run.state is RunState.RECONCILED
