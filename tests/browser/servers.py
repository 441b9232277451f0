"""A dashboard for one test, its end, and the processes that it leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import bench.dashboard
from tests.dockerfile import Image

WAIT = 60.0
ON_LINUX = sys.platform == "linux"


_AS_PROCESS_1 = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")


def _can_be_process_1() -> bool:
    """Return whether a command can be run as the first process of a namespace."""
    try:
        return subprocess.run([*_AS_PROCESS_1, "true"], check=False).returncode == 0
    except OSError:
        return False


class Dashboard(bench.dashboard.Dashboard):
    """A server on a workspace that can be ended and inspected."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._home = home

    @classmethod
    def contained(cls, home: Path, folder: Path) -> Dashboard:
        """Start it as the Dockerfile does: from what that copies, as process 1, without a home.

        Args:
            home: of its workspace.
            folder: where to copy to; it is made.
        """
        image = Image.read()
        image.copy_to(folder)
        dashboard = cls.__new__(cls)
        bench.dashboard.Dashboard.__init__(
            dashboard,
            home,
            app=image.command[3:],
            folder=folder,
            wrapper=_AS_PROCESS_1 if _can_be_process_1() else (),
            **{**image.environment, "IRIS_HOME": str(home), "HOME": "/proc/none"},
        )
        dashboard._home = home
        if _can_be_process_1():
            children = Path(f"/proc/{dashboard.pid}/task/{dashboard.pid}/children")
            dashboard.pid = int(children.read_text("ascii").split()[0])
        return dashboard

    def has_loaded(self, library: str) -> bool:
        """Return whether the process has mapped files of a library."""
        return library in Path(f"/proc/{self.pid}/maps").read_text("utf-8")

    def end(self, number: signal.Signals) -> None:
        """Send a signal and wait until no process on the workspace is left, 30 s at most."""
        os.kill(self.pid, number)
        self.process.wait(30)
        if ON_LINUX:
            wait_until(lambda: not processes_on(self._home), "all processes have ended", 30)


def processes_on(home: Path) -> list[int]:
    """Return the processes of a workspace: server, emulator and function."""
    numbers = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                started_with = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
            except OSError:
                continue
            if str(home).encode() in started_with:
                numbers.append(int(folder.name))
    return numbers


def wait_until(condition: Callable[[], object], what: str, seconds: float = WAIT) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain until {what}"
        time.sleep(0.1)
