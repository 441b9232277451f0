"""How much memory processes hold, in MB of what is in the machine's memory (Linux)."""

from __future__ import annotations

from pathlib import Path

_FORGET_THE_PEAK = "5"


class Growth:
    """What this process comes to hold at most, above what it held when this was made."""

    def __init__(self) -> None:
        Path("/proc/self/clear_refs").write_text(_FORGET_THE_PEAK, "ascii")
        self._before = _held("self", "VmRSS")

    @property
    def megabytes(self) -> float:
        """The growth until now."""
        return _held("self", "VmHWM") - self._before


def megabytes(pid: int) -> float:
    """What a process holds now, libraries that others have loaded too included."""
    return _held(pid, "VmRSS")


def family(pid: int) -> set[int]:
    """A process and all that it has started, and these in turn."""
    started = [
        int(child)
        for children in Path(f"/proc/{pid}/task").glob("*/children")
        for child in children.read_text("utf-8").split()
    ]
    return {pid}.union(*map(family, started))


def _held(pid: int | str, what: str) -> float:
    """One line of a process's status: `VmRSS` is now, `VmHWM` the peak."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:")) / 1024
