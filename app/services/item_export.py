"""Evidence of a run to hand in: the items of both tables as they are stored, as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from app.services.csv_export import csv_bytes
from aws import tables
from aws.clients import Cloud
from iris_core.records.attributes import Item
from iris_core.records.keys import partitions
from iris_core.records.run import Run

MOST = 20_000
"""Items of a run that a file holds: the first ones."""
_SCORE = ("partition_key", "sort_key", "Features", "Class", "Actual", "Probability")
_RETRAIN = (*_SCORE, "Reason", "Threshold", "Verdict", "Label", "ReviewedAt")


def score_items(cloud: Cloud, run: Run) -> bytes:
    """The run's items in the score table."""
    return _items(cloud, cloud.settings.score_table, run, _SCORE)


def retrain_items(cloud: Cloud, run: Run) -> bytes:
    """The run's items in the retrain table."""
    return _items(cloud, cloud.settings.retrain_table, run, _RETRAIN)


def _items(cloud: Cloud, table: str, run: Run, columns: tuple[str, ...]) -> bytes:
    found = islice(_read(cloud, table, run), MOST)
    return csv_bytes(columns, ([item.get(name) for name in columns] for item in found))


def _read(cloud: Cloud, table: str, run: Run) -> Iterator[Item]:
    for partition in partitions(run.id, run.rows):
        yield from tables.query(cloud, table, partition)
