"""What the pages of one process share."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.services import workspace as services_module
from app.services.journal import journals
from app.services.workspace import Workspace
from aws.errors import LocalCloudError
from aws.settings import Settings
from tests.faults.file_workspace import NEW_RUN, OLD_RUN, run_of

WAIT = 10.0


class SlowCloud:
    """A local cloud that is being started until `gate` is set, and then cannot be."""

    asked = threading.Event()
    gate = threading.Event()

    def __init__(self, _home: Path) -> None:
        pass

    def endpoint(self) -> str:
        self.asked.set()
        assert self.gate.wait(2 * WAIT)
        raise LocalCloudError("It cannot be started.")


def test_warming_up_waits_for_no_cloud_and_happens_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every page ends with it: waiting, it would look busy, and undo what a newer one drew."""
    begun = threading.Semaphore(0)
    monkeypatch.setattr(services_module, "LocalCloud", SlowCloud)
    monkeypatch.setattr(services_module, "warm_up", begun.release)
    workspace = Workspace(tmp_path, Settings())
    with ThreadPoolExecutor() as pool:
        starting = pool.submit(workspace.cloud)
        assert SlowCloud.asked.wait(WAIT)
        pages = [pool.submit(workspace.warm_up) for _ in range(3)]
        try:
            for page in pages:
                page.result(WAIT)
            assert begun.acquire(timeout=WAIT)
        finally:
            SlowCloud.gate.set()
        assert isinstance(starting.exception(WAIT), LocalCloudError)
    assert not begun.acquire(timeout=0.2)


def test_runs_of_another_prefix_are_noted_apart(tmp_path: Path) -> None:
    plain, dev = (Workspace(tmp_path, Settings(prefix=prefix)) for prefix in ("", "dev"))
    plain.journal.save(run_of(OLD_RUN))
    assert dev.journal.runs() == []
    dev.journal.save(run_of(NEW_RUN))
    assert plain.journal.runs() == [run_of(OLD_RUN)]
    assert [run.id for journal in journals(tmp_path) for run in journal.runs()] == [
        OLD_RUN,
        NEW_RUN,
    ]
