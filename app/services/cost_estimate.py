"""What the estimate of the costs on AWS starts from: the items and candidates of the newest run."""

from __future__ import annotations

from dataclasses import dataclass

from aws import run_table
from aws.clients import Cloud
from aws.tables import query_page
from iris_core.records.attributes import Item
from iris_core.records.keys import partitions
from iris_core.records.run import Run

SAMPLED_ITEMS = 100
"""Stored records by whose size the costs are estimated."""
DEFAULT_PERCENT = 10.0


@dataclass(frozen=True, slots=True)
class CostBasis:
    """What an estimate starts from.

    Attributes:
        items: the first stored records of the newest run, none without a run.
        candidates: percent of its records that became candidates, 10 without a run.
    """

    items: tuple[Item, ...]
    candidates: float


def cost_basis(cloud: Cloud) -> CostBasis:
    """Read from the newest run what an estimate starts from.

    Raises:
        CloudError: the cloud does not answer, or refuses.
    """
    run = next(run_table.runs(cloud), None)
    items = _first_items(cloud, run) if run else ()
    if run and items and run.rows:
        return CostBasis(items, round(100 * run.found / run.rows, 1))
    return CostBasis(items, DEFAULT_PERCENT)


def _first_items(cloud: Cloud, run: Run) -> tuple[Item, ...]:
    """Return some stored items of a run."""
    table, partition = cloud.settings.score_table, next(partitions(run.id, run.rows), "")
    return query_page(cloud, table, partition, limit=SAMPLED_ITEMS).items
