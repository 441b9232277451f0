"""Uploads that were cut off at some byte.

The invariant: a typed error, and then the store is as it was; or, of a CSV, the rows that came.
Nobody can tell a CSV that was cut within its last cell from one that ends there.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from app.services.datasets import import_csv
from app.services.workspace import Workspace
from aws.settings import Settings
from iris_core.data.csv_writing import to_csv
from iris_core.errors import DataError, StoreError
from tests.faults.file_workspace import MODEL, contents, furnish
from tests.faults.rows import Row
from tests.iris_core.samples import flowers


def cut_csv(workspace: Workspace, content: bytes, size: int) -> str:
    """Add the first `size` bytes of a CSV; returns what is wrong with what comes of it."""
    before = contents(workspace.home)
    arrived = content[:size]
    lines = arrived.decode().splitlines()
    is_whole = bool(lines) and lines[-1].count(",") == lines[0].count(",")
    try:
        added = import_csv(workspace, arrived, name="cut.csv")
    except DataError as error:
        if contents(workspace.home) != before:
            return "refused, but the store is not what it was"
        # A last line that lacks cells is named by its row.
        named = is_whole or len(lines) < 3 or f"row {len(lines)}" in str(error)
        return "" if named else f"cut in row {len(lines)}: {error}"
    workspace.datasets.delete(added.id)
    if not is_whole:
        return "taken, though the last row lacks cells"
    rows = added.frame.iloc[:-1].reset_index(drop=True)
    whole = flowers().frame.iloc[: len(rows)]
    return "" if rows.astype("str").equals(whole.astype("str")) else "the rows are other ones"


def cut_bundle(workspace: Workspace, content: bytes, size: int) -> str:
    """Bring in the first `size` bytes of a model's file; returns what is wrong with the outcome."""
    before = contents(workspace.home)
    try:
        workspace.models.import_bundle(content[:size])
    except StoreError as error:
        unchanged = contents(workspace.home) == before
        return "" if unchanged and "Download the bundle again" in str(error) else str(error)
    return "taken, though it was cut"


def faults(workspace: Workspace, *, cuts: int) -> dict[str, dict[int, str]]:
    """Cut a CSV and a bundle at so many bytes each; what is wrong, by kind and byte."""
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
    """Cut at many bytes."""
    with TemporaryDirectory() as room:
        workspace = Workspace(Path(room), Settings())
        furnish(workspace.home)
        found = faults(workspace, cuts=1_000)
        workspace.close()
    return [
        Row(fault, injected=len(outcomes), torn=sum(map(bool, outcomes.values())))
        for fault, outcomes in found.items()
    ]
