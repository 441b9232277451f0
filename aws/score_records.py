"""The stored records of a run: all, one by its row, or a confusion matrix's cell page by page.

A run whose records have expired has none, though DynamoDB may not have deleted all of them yet: no
figure is made of what happens to be left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from aws.clients import Cloud
from aws.errors import translated
from aws.score_table import read_partition
from aws.tables import plain, query_page, typed
from iris_core.records.attributes import (
    ACTUAL,
    CLASS,
    FINGERPRINT,
    PROBABILITY,
    REQUIRED,
    SORT_KEY,
    Item,
)
from iris_core.records.keys import PARTITION_ROWS, Key, key_of, partitions
from iris_core.records.record import Record
from iris_core.records.run import Run

_FIELDS = frozenset(REQUIRED)
_OUTCOME = (CLASS, ACTUAL, PROBABILITY, FINGERPRINT)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the confusion matrix.

    Attributes:
        predicted: the predicted class.
        actual: the true label; None for all labels that the model does not know.
        labels: those that the model knows.
    """

    predicted: str
    actual: str | None
    labels: Sequence[str] = ()

    def holds(self, item: Item) -> bool:
        """Return whether a stored item is in this cell; one that lacks a field is in none."""
        if not item.keys() >= _FIELDS or item[CLASS] != self.predicted:
            return False
        if self.actual is None:
            return item[ACTUAL] not in self.labels
        return item[ACTUAL] == self.actual


class Outcome(NamedTuple):
    """What a model predicted for one row, as stored: its class, the true one, its probability.

    `fingerprint` is what the row is known by; empty for a record that was stored without one.
    """

    row: int
    predicted: str
    actual: str
    probability: str
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Some records in test order.

    Attributes:
        records: those of this page.
        after: the last key that was read, to fetch the next page with; None when that was all.
    """

    records: tuple[Record, ...]
    after: Key | None


def page(
    cloud: Cloud,
    run: Run,
    cell: Cell,
    *,
    after: Key | None = None,
    limit: int = 50,
    most: int = 20_000,
) -> RecordPage:
    """Return one page of a cell's records.

    It may be short, even empty, while there are more to read. Read by Query, one partition after
    the other; the records of other cells stay in the cloud.

    Args:
        cloud: whose score table is read.
        run: whose records they are.
        cell: of the run's confusion matrix.
        after: where the page before ended; None for the first page.
        limit: number of records at most.
        most: number of records that are read, about, to find those of the cell.
    """
    records: list[Record] = []
    start = after.row // PARTITION_ROWS if after else 0
    for number, partition in enumerate(_kept(run)):
        if number < start:
            continue
        if (number - start) * PARTITION_ROWS >= most:
            return RecordPage(tuple(records), key_of(run.id, number * PARTITION_ROWS - 1))
        cursor = after.sort_key if after and number == start else None
        for item in _matching(cloud, partition, cell, cursor):
            records.append(Record.from_item(item))
            if len(records) == limit:
                return RecordPage(tuple(records), Key.from_item(item))
    return RecordPage(tuple(records), None)


def stored(cloud: Cloud, run: Run, *, start: int = 0) -> Iterator[Record]:
    """Yield the stored records of a run in test order, a page in memory at a time.

    A record that lacks a field is skipped.

    Args:
        cloud: whose score table is read.
        run: whose records they are.
        start: row to start from, the first of a block.
    """
    for number, partition in enumerate(_kept(run)):
        if number >= start // PARTITION_ROWS:
            for item in read_partition(cloud, partition):
                if item.keys() >= _FIELDS:
                    yield Record.from_item(item)


def outcomes(cloud: Cloud, run: Run) -> Iterator[Outcome]:
    """Yield what a run predicted, in test order, without reading the features.

    A record that lacks a class is skipped; a probability that is lacking is empty.

    Args:
        cloud: whose score table is read.
        run: whose records they are.
    """
    for partition in _kept(run):
        for item in read_partition(cloud, partition, SORT_KEY, *_OUTCOME):
            if CLASS in item and ACTUAL in item:
                yield Outcome(
                    int(item[SORT_KEY]),
                    item[CLASS],
                    item[ACTUAL],
                    item.get(PROBABILITY, ""),
                    item.get(FINGERPRINT, ""),
                )


def load(cloud: Cloud, run: Run, row: int) -> Record | None:
    """Return the record of one row, from 0; None when the table does not hold all its fields."""
    key = key_of(run.id, row)
    if run.records_expired():
        return None
    with translated(f"loading {key}"):
        answer = cloud.dynamodb.get_item(
            TableName=cloud.settings.score_table, Key=typed(key._asdict()), ConsistentRead=True
        )
    item = plain(answer.get("Item", {}))
    return Record.from_item(item) if item.keys() >= _FIELDS else None


def _kept(run: Run) -> Iterator[str]:
    """Return the partitions with the records of a run, in test order; none once they expired."""
    return partitions(run.id, 0 if run.records_expired() else run.rows)


def _matching(cloud: Cloud, partition: str, cell: Cell, after: str | None) -> Iterator[Item]:
    """Yield the items of a partition that are in a cell, in test order."""
    where = {CLASS: cell.predicted}
    if cell.actual is not None:
        where[ACTUAL] = cell.actual
    while True:
        part = query_page(cloud, cloud.settings.score_table, partition, after=after, where=where)
        yield from filter(cell.holds, part.items)
        after = part.after
        if after is None:
            return
