"""A run's items as they are stored in both tables, as CSV to hand in."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from app.services.export.csv_export import csv_bytes
from aws import tables
from aws.clients import Cloud
from iris_core.records.attributes import KEYS, REVIEW, RULE, SCORE, Item
from iris_core.records.keys import partitions
from iris_core.records.run import Run

MAX_ITEMS = 20_000
"""Items of a run that a file holds: the first ones."""


def score_items(cloud: Cloud, run: Run) -> bytes:
    """Return the run's items in the score table, `MAX_ITEMS` at most."""
    return _items(cloud, cloud.settings.score_table, run, (*KEYS, *SCORE))


def retrain_items(cloud: Cloud, run: Run) -> bytes:
    """Return the run's items in the retrain table, `MAX_ITEMS` at most."""
    return _items(cloud, cloud.settings.retrain_table, run, (*KEYS, *SCORE, *RULE, *REVIEW))


def _items(cloud: Cloud, table: str, run: Run, columns: tuple[str, ...]) -> bytes:
    items = islice(_read(cloud, table, run), MAX_ITEMS)
    return csv_bytes(columns, ([item.get(name) for name in columns] for item in items))


def _read(cloud: Cloud, table: str, run: Run) -> Iterator[Item]:
    for partition in partitions(run.id, run.rows):
        yield from tables.query(cloud, table, partition)
