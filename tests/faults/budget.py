"""The budget of a bad input: two seconds and 500 MB, whatever is in it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECONDS = 2.0
MEGABYTES = 500.0
NOISE = 3.0
"""Factor by which a core may be slower while other work shares its caches."""

_PROCESS = Path("/proc/self")


@contextmanager
def budget() -> Iterator[None]:
    """Fail when the block exceeds the budget.

    The smaller of wall-clock and processor time counts: a busy machine prolongs the one, a second
    thread adds to the other. Memory is the growth of the process's peak, measured on Linux.
    """
    before = _reset_peak()
    clock, processors = time.perf_counter(), time.process_time()
    yield
    seconds = min(time.perf_counter() - clock, time.process_time() - processors)
    megabytes = _peak() - before
    assert seconds <= SECONDS * NOISE, f"took {seconds:.1f} s"
    assert megabytes <= MEGABYTES, f"took {megabytes:.0f} MB"


def _reset_peak() -> float:
    """Reset the peak, and return the MB that are resident now."""
    if _PROCESS.exists():
        (_PROCESS / "clear_refs").write_text("5")
    return _peak()


def _peak() -> float:
    """Return the most MB that were resident since the last reset."""
    if not _PROCESS.exists():
        return 0.0
    lines = (_PROCESS / "status").read_text().splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(peak) * 1024 / 1e6
