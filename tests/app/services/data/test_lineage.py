"""Where a data set comes from is known back to its upload, and what changed is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.services.data.datasets import add_split, change_labels
from app.services.data.lineage import origin_of
from app.services.workspace import Workspace
from aws.settings import Settings
from iris_core.errors import NotFoundError
from tests.iris_core.samples import flowers


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path, Settings())


def test_versions_go_back_to_the_upload_and_changes_are_counted(workspace: Workspace) -> None:
    base = flowers(90)
    workspace.datasets.add(base)
    noisy, changed = change_labels(workspace, base, rows=12, seed=1)
    _, part = add_split(workspace, noisy, test_share=0.2, seed=0)
    origin = origin_of(workspace, part.id, most=5)
    assert [card.id for card in origin.versions] == [part.id, noisy.id, base.id]
    assert origin.counts == {"relabelled": 0, "added": 0, "dropped": noisy.rows - part.rows}
    assert origin.changes is not None
    assert [change.change for change in origin.changes] == ["dropped"] * 5
    # AND the labels that were changed are those that are listed
    changes = origin_of(workspace, noisy.id).changes
    assert changes is not None
    assert [change.row for change in changes] == sorted(changed)


def test_nothing_is_compared_where_there_is_no_parent(workspace: Workspace) -> None:
    base = flowers(90)
    workspace.datasets.add(base)
    noisy, _ = change_labels(workspace, base, rows=3, seed=1)
    workspace.datasets.delete(base.id)
    origin = origin_of(workspace, noisy.id)
    assert (len(origin.versions), origin.changes) == (1, None)
    assert set(origin.counts.values()) == {0}
    with pytest.raises(NotFoundError):
        origin_of(workspace, base.id)
