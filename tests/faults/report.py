"""The second part of `make faults`: files, disks, processes, any order, and a dead endpoint."""

from __future__ import annotations

from collections.abc import Iterator

from tests.faults import (
    concurrent_writers,
    dead_endpoint,
    deploy_kills,
    disks,
    kills,
    run_kills,
    state_machine_runs,
    uploads,
)
from tests.faults.report_rows import Row

PARTS = (
    uploads.table,
    concurrent_writers.table,
    disks.table,
    kills.table,
    run_kills.table,
    deploy_kills.table,
    state_machine_runs.table,
    dead_endpoint.table,
)


def table() -> Iterator[Row]:
    """Inject each fault as often as is promised, and give its row as soon as it is complete."""
    for part in PARTS:
        yield from part()
