"""What a record costs on AWS: write units of the default data's items, and the bill."""

from __future__ import annotations

import json
from collections.abc import Iterator

from aws.prices import AS_OF, charges, total, usage_of, write_units
from aws.score_table import item_size
from bench.loop import run_script
from bench.measurement import Measurement
from iris_core.records.attributes import Item

CANDIDATES = 0.05
"""Share of the records that are candidates, 0 to 1."""
_ITEMS = """
import json, sys
from pathlib import Path
from app.services.data.datasets import default_dataset
from app.services.model.training import train_model
from app.services.workspace import Workspace
from iris_core.records.keys import key_of, new_run_id
from aws.settings import Settings
from iris_core.evaluation.testing import test
from iris_core.model.options import ModelSpec, TrainOptions

workspace = Workspace(Path(sys.argv[1]), Settings())
dataset = default_dataset(workspace)
model = train_model(workspace, dataset, ModelSpec(), options=TrainOptions(epochs=5))
run = new_run_id()
records = []
test(model, dataset, records.append)
print(json.dumps([r.to_item(key_of(run, r.row)) for r in records]))
"""


def cost() -> Iterator[Measurement]:
    """Count every item of a real test of the default data as DynamoDB counts it."""
    items: list[Item] = json.loads(run_script(_ITEMS))
    sizes = [item_size(item) for item in items]
    lines = charges(usage_of(items, candidates=CANDIDATES))
    million = ", ".join(
        f"{line.what.lower()} ${1e6 * line.dollars:.2f}" for line in lines if line.dollars
    )
    yield Measurement(f"largest of {len(sizes):,} items", max(sizes), 1024, "bytes")
    units = [write_units(size) for size in sizes]
    yield Measurement(
        "write units of a record", max(units), 1, "units", f"of each of {len(units):,} records"
    )
    yield Measurement(
        f"bill of a million records, {CANDIDATES:.0%} of them candidates",
        1e6 * total(lines),
        1.0,
        "dollars",
        f"us-east-1, {AS_OF}: {million}",
    )
