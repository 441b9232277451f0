"""Uploads that are cut off at some byte.

The invariant: a typed error and an unchanged store; or, of a CSV, the rows that arrived. A CSV that
was cut within its last cell cannot be distinguished from one that ends there.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from app.services.data.datasets import import_table
from app.services.workspace import Workspace
from aws.settings import Settings
from iris_core.data.csv_writing import to_csv
from iris_core.errors import DataError, StoreError
from tests.faults.file_workspace import MODEL, contents, populate
from tests.faults.report_rows import Row
from tests.iris_core.samples import flowers


def cut_csv(workspace: Workspace, content: bytes, size: int) -> str:
    """Add the first `size` bytes of a CSV, and return what is wrong with the outcome."""
    before = contents(workspace.home)
    arrived = content[:size]
    lines = arrived.decode().splitlines()
    is_whole = bool(lines) and lines[-1].count(",") == lines[0].count(",")
    try:
        added = import_table(workspace, arrived, name="cut.csv")
    except DataError as error:
        if contents(workspace.home) != before:
            return "refused, but the store has changed"
        # A last line that lacks cells is named by its row.
        is_named = is_whole or len(lines) < 3 or f"row {len(lines)}" in str(error)
        return "" if is_named else f"cut in row {len(lines)}: {error}"
    workspace.datasets.delete(added.id)
    if not is_whole:
        return "accepted, though the last row lacks cells"
    rows = added.frame.iloc[:-1].reset_index(drop=True)
    whole = flowers().frame.iloc[: len(rows)]
    return "" if rows.astype("str").equals(whole.astype("str")) else "the rows differ"


def cut_bundle(workspace: Workspace, content: bytes, size: int) -> str:
    """Import the first `size` bytes of a bundle, and return what is wrong with the outcome."""
    before = contents(workspace.home)
    try:
        workspace.models.import_bundle(content[:size])
    except StoreError as error:
        unchanged = contents(workspace.home) == before
        return "" if unchanged and "Download the bundle again" in str(error) else str(error)
    return "accepted, though it was cut"


def cut_uploads(workspace: Workspace, *, cuts: int) -> dict[str, dict[int, str]]:
    """Cut a CSV and a bundle at so many bytes each.

    Returns:
        what is wrong with each outcome (empty: nothing), by kind of upload and byte.
    """
    csv, bundle = to_csv(flowers()), workspace.models.export(MODEL)
    return {
        "upload cut: CSV": {
            size: cut_csv(workspace, csv, size) for size in range(0, len(csv), len(csv) // cuts)
        },
        "upload cut: model": {
            size: cut_bundle(workspace, bundle, size)
            for size in range(0, len(bundle), len(bundle) // cuts)
        },
    }


def table() -> list[Row]:
    """Cut uploads at many bytes."""
    with TemporaryDirectory() as room:
        workspace = Workspace(Path(room), Settings())
        populate(workspace.home)
        outcomes_by_fault = cut_uploads(workspace, cuts=1_000)
        workspace.close()
    return [
        Row(fault, injected=len(outcomes), torn=sum(map(bool, outcomes.values())))
        for fault, outcomes in outcomes_by_fault.items()
    ]
