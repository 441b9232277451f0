"""Uploads that are cut off, of one name, or at the same moment are kept apart."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.services.data.datasets import import_table
from app.services.workspace import Workspace
from aws.settings import Settings
from iris_core.data.csv_writing import to_csv
from iris_core.data.label_noise import add_label_noise
from tests.faults.concurrent_writers import Add, add_data_set, check_concurrent, save_model
from tests.faults.file_workspace import visible_state
from tests.faults.uploads import cut_uploads
from tests.iris_core.samples import flowers


@pytest.fixture
def workspace(home: Path) -> Iterator[Workspace]:
    workspace = Workspace(home, Settings())
    yield workspace
    workspace.close()


def test_upload_that_was_cut_off_is_refused_or_is_what_arrived(workspace: Workspace) -> None:
    outcomes = cut_uploads(workspace, cuts=25)
    assert {
        size: problem
        for problems in outcomes.values()
        for size, problem in problems.items()
        if problem
    } == {}
    assert min(map(len, outcomes.values())) >= 25


def test_files_of_one_name_from_several_sessions_are_several_data_sets(
    workspace: Workspace,
) -> None:
    contents = [to_csv(add_label_noise(flowers(), rows=5, seed=seed)[0]) for seed in range(4)]

    def upload(content: bytes) -> str:
        return import_table(workspace, content, name="flowers.csv").id

    with ThreadPoolExecutor(len(contents)) as pool:
        ids = list(pool.map(upload, contents))
    assert len(set(ids)) == 4
    listed = visible_state(workspace.home)["data sets"]
    assert {listed[id_] for id_ in ids} == {("flowers", id_) for id_ in ids}
    for content, id_ in zip(contents, ids, strict=True):
        assert to_csv(workspace.datasets.load(id_)) == content


@pytest.mark.parametrize("add", [add_data_set, save_model], ids=lambda add: add.__name__)
def test_processes_that_add_at_once_lose_nothing(workspace: Workspace, add: Add) -> None:
    row = check_concurrent(add, workspace.home, rounds=3)
    assert (row.lost, row.doubled, row.torn) == (0, 0, 0)
