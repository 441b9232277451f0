"""The resident memory of processes, in MB (Linux)."""

from __future__ import annotations

from pathlib import Path

_RESET_PEAK = "5"


class Growth:
    """The growth of this process's peak memory since this object was made."""

    def __init__(self) -> None:
        Path("/proc/self/clear_refs").write_text(_RESET_PEAK, "ascii")
        self._before = _status("self", "VmRSS")

    @property
    def megabytes(self) -> float:
        """The growth until now, in MB."""
        return _status("self", "VmHWM") - self._before


def megabytes(pid: int) -> float:
    """Return the resident memory of a process, including libraries that it shares with others."""
    return _status(pid, "VmRSS")


def private_megabytes(pid: int) -> float:
    """Return the memory that a process has for itself, in MB: what a host cannot take back.

    Files that are mapped, such as TensorFlow's libraries, are read again where memory is short.
    """
    return _status(pid, "RssAnon") + _status(pid, "RssShmem")


def family(pid: int) -> set[int]:
    """Return the ids of a process and of all its descendants."""
    children = [
        int(child)
        for file in Path(f"/proc/{pid}/task").glob("*/children")
        for child in file.read_text("utf-8").split()
    ]
    return {pid}.union(*map(family, children))


def _status(pid: int | str, what: str) -> float:
    """Return a line of a process's status in MB: `VmRSS` is now, `VmHWM` the peak."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:")) / 1024
