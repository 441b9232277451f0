"""What `make faults` does beside the runs that it strikes: files, disks, processes, patience."""

from __future__ import annotations

from collections.abc import Iterator

from tests.faults import any_order, disks, kills, run_kills, silence, together, uploads
from tests.faults.rows import Row


def table() -> Iterator[Row]:
    """Make each as often as is promised: a line for each, as soon as it is through."""
    for module in (uploads, together, disks, kills, run_kills, any_order, silence):
        yield from module.table()
