"""A full disk is reported, damages nothing, and once there is room everything works again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import cli
from app.cli.answers import ExitStatus
from app.services.job_starters import start_training
from app.services.jobs import Job, JobState
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from aws import run_table
from aws.clients import Cloud
from aws.settings import Settings
from iris_core.data.table_reading import read_table
from iris_core.errors import DataError, StoreError
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.records.run import RunState
from iris_core.storage.dataset_store import DataSetStore
from tests.browser.servers import wait_until
from tests.faults.action_checks import ActionCheck
from tests.faults.actions import ACTIONS, WITHOUT_FILE_WRITES
from tests.faults.disks import (
    SmallDisk,
    limit_disk_space,
    limit_file_size,
    no_file_over,
    small_disk,
)
from tests.faults.failpoints import Action
from tests.faults.file_workspace import MODEL, contents
from tests.iris_core.samples import flowers

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    try:
        with small_disk(tmp_path / "disk") as mounted:
            yield mounted
    except PermissionError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.__name__)
def test_file_that_cannot_grow_changes_nothing(action: Action, old: Path, tmp_path: Path) -> None:
    outcomes = limit_file_size(ActionCheck(action, old, tmp_path), sizes=(1, 3_000))
    assert bool(outcomes) == (action not in WITHOUT_FILE_WRITES)
    assert [outcome for outcome in outcomes if not outcome.is_clean] == []


def test_disk_that_is_full_or_read_only_changes_nothing(old: Path, disk: SmallDisk) -> None:
    for action in ACTIONS:
        check = ActionCheck(action, old, disk.path)
        outcomes = limit_disk_space(check, disk, pages=(0, 3), inodes=(0, 2))
        assert outcomes[-1].point == "read only"
        assert [outcome for outcome in outcomes if not outcome.is_clean] == []


def test_full_disk_can_be_cleared(old: Path, disk: SmallDisk) -> None:
    home = Path(shutil.copytree(old, disk.path / "home"))
    with disk.without_inodes():
        DataSetStore(home).delete(flowers().id)
        assert flowers().id not in {card.id for card in DataSetStore(home).list().cards}


def test_training_on_a_full_disk_fails_and_the_next_one_does_not(home: Path) -> None:
    workspace = Workspace(home, Settings())
    before = contents(home)

    def train() -> Job:
        spec, options = ModelSpec(units=(4,)), TrainOptions(epochs=1)
        job = start_training(workspace, flowers().id, spec, options)
        wait_until(lambda: job.is_over, "the job has ended")
        return job

    with no_file_over(100):
        job = train()
    assert (job.state, type(job.error)) == (JobState.FAILED, StoreError)
    assert "make room" in str(job.error)
    assert contents(home) == before
    assert train().state is JobState.FINISHED
    assert before.items() <= contents(home).items()
    workspace.close()


def test_run_that_cannot_be_noted_does_not_begin(home: Path, moto_cloud: Cloud) -> None:
    workspace = Workspace(home, Settings(target="aws"))
    model, dataset = workspace.models.load(MODEL), workspace.datasets.load(flowers().id)
    with no_file_over(10), pytest.raises(StoreError, match="make room"):
        run_test(workspace, model, dataset)
    assert list(run_table.runs(moto_cloud)) == []


def test_run_whose_end_cannot_be_noted_is_not_shown_as_running(
    home: Path, moto_cloud: Cloud
) -> None:
    workspace = Workspace(home, Settings(target="aws"))
    model, dataset = workspace.models.load(MODEL), workspace.datasets.load(flowers().id)
    journal, moved = home / "journal" / "aws", home / "journal" / "moved"

    def block(line: str, _done: int, _total: int) -> None:
        if line == "predicted":
            journal.rename(moved)
            journal.touch()

    with pytest.raises(StoreError, match="make room"):
        run_test(workspace, model, dataset, timeout=0, on_progress=block)
    (run,) = run_table.runs(moto_cloud)
    assert run.state == RunState.FAILED
    assert "make room" in run.note
    journal.unlink()
    moved.rename(journal)
    noted = workspace.journal.run(run.id)
    assert noted is not None
    assert noted.state == RunState.RUNNING


def test_upload_without_room_raises_an_error_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with no_file_over(10), pytest.raises(DataError, match="Make room"):
        read_table(b"species,length\nsetosa,1\nvirginica,2\n", name="flowers.csv")
    assert list(tmp_path.iterdir()) == []


def test_exported_file_is_complete_or_unchanged(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "function.zip"
    out.write_bytes(b"the old one")
    package = ["cloud", "package", "--out", str(out), "--home", str(home)]
    with no_file_over(1_000):
        assert cli.main(package) == ExitStatus.CANNOT
    assert "make room" in capsys.readouterr().err
    assert out.read_bytes() == b"the old one"
    assert not list(tmp_path.glob(".writing-*"))
    assert cli.main(package) == ExitStatus.OK
    assert out.read_bytes().startswith(b"PK")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_command_continues_though_its_output_cannot_be_written(
    home: Path, tmp_path: Path, unbuffered: str
) -> None:
    out = tmp_path / "function.zip"
    package = ["cloud", "package", "--out", str(out), "--home", str(home)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "cli.py", *package],
            check=False,
            cwd=PROJECT,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            stdout=full,
            stderr=full,
        )
    assert done.returncode == ExitStatus.CANNOT
    assert out.read_bytes().startswith(b"PK")
