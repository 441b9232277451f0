"""Every fault of processes, files and disks, in the long form."""

from __future__ import annotations

from collections.abc import Iterator

from tests.faults import disks, kills, run_kills, together, uploads
from tests.faults.rows import Row


def table() -> Iterator[Row]:
    """Make each as often as is promised: a line for each, as soon as it is through."""
    for module in (uploads, together, disks, kills, run_kills):
        yield from module.table()
