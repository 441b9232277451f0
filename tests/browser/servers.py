"""A dashboard for one test, its end, and the processes that it leaves behind."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import bench.dashboard

WAIT = 60.0
ON_LINUX = sys.platform == "linux"


class Dashboard(bench.dashboard.Dashboard):
    """A server on a workspace that can be ended and inspected."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._home = home

    def has_loaded(self, library: str) -> bool:
        """Return whether the process has mapped files of a library."""
        return library in Path(f"/proc/{self.pid}/maps").read_text("utf-8")

    def end(self, number: signal.Signals) -> None:
        """Send a signal and wait until no process on the workspace is left, 30 s at most."""
        self.process.send_signal(number)
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
