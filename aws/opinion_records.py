"""The opinions on a run's candidates, without reading their features."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aws import tables
from aws.clients import Cloud
from iris_core.records.attributes import AGREEMENT, KEYS, REASON, REVIEW
from iris_core.records.candidate import is_listed
from iris_core.records.keys import Key, partitions
from iris_core.records.opinions import Opinions
from iris_core.records.run import Run

_FIELDS: Final = (*KEYS, REASON, *REVIEW, *AGREEMENT)


def opinions(cloud: Cloud, run: Run) -> Iterator[tuple[Key, Opinions]]:
    """Yield the opinions on each candidate of a run on which there are any, in test order."""
    table = cloud.settings.retrain_table
    for partition in partitions(run.id, run.rows):
        for item in tables.query(cloud, table, partition, attributes=_FIELDS):
            found = Opinions.from_item(item)
            if found.given and is_listed(item):
                yield Key.from_item(item), found
