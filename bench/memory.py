"""How much memory processes hold, in MB of what is in the machine's memory (Linux)."""

from __future__ import annotations

import resource
from pathlib import Path

MEGABYTE = 2**20


def peak_megabytes() -> float:
    """The most that this process has held until now."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE


def megabytes(pid: int) -> float:
    """What a process holds now, libraries that others have loaded too included."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("utf-8").split()[1])
    return pages * resource.getpagesize() / MEGABYTE


def family(pid: int) -> set[int]:
    """A process and all that it has started, and these in turn."""
    started = [
        int(child)
        for children in Path(f"/proc/{pid}/task").glob("*/children")
        for child in children.read_text("utf-8").split()
    ]
    return {pid}.union(*map(family, started))
