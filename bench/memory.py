"""How much memory processes hold, in MB of what is in the machine's memory (Linux)."""

from __future__ import annotations

import resource
from pathlib import Path

MEGABYTE = 2**20


def peak_megabytes() -> float:
    """The most that this process has held until now."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE


def megabytes(pid: int) -> float:
    """What a process holds now; what it shares with others counts in parts (`Pss`)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def family(pid: int) -> list[int]:
    """A process and all that it has started, and these in turn."""
    tasks = Path(f"/proc/{pid}/task")
    found = [pid]
    for children in tasks.glob("*/children"):
        for child in children.read_text("utf-8").split():
            found += family(int(child))
    return found
