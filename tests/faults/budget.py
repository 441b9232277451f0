"""What a bad input may cost: two seconds and 500 MB, whatever is in it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECONDS = 2.0
MEGABYTES = 500.0
NOISE = 2.0
"""How much slower a core may be while other work shares its caches."""

_PROCESS = Path("/proc/self")


@contextmanager
def budget() -> Iterator[None]:
    """Fail when the block takes more.

    Of the clock's time and the processors' the lesser counts: a busy machine draws out the one, a
    second thread adds to the other. Memory is what the process grows by at most, measured where
    the system is Linux.
    """
    before = _new_peak()
    clock, processors = time.perf_counter(), time.process_time()
    yield
    seconds = min(time.perf_counter() - clock, time.process_time() - processors)
    megabytes = _peak() - before
    assert seconds <= SECONDS * NOISE, f"took {seconds:.1f} s"
    assert megabytes <= MEGABYTES, f"took {megabytes:.0f} MB"


def _new_peak() -> float:
    """Forget the peak so far; returns the megabytes that are resident now."""
    if _PROCESS.exists():
        (_PROCESS / "clear_refs").write_text("5")
    return _peak()


def _peak() -> float:
    """The most megabytes that were resident since the last new peak."""
    if not _PROCESS.exists():
        return 0.0
    lines = (_PROCESS / "status").read_text().splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(peak) * 1024 / 1e6
