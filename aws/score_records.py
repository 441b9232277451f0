"""The records of a run, page by page: those of one cell of its confusion matrix, or one by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aws.clients import Cloud
from aws.errors import translated
from aws.score_table import read_block
from aws.tables import plain, query_page, typed
from iris_core.records.attributes import Item
from iris_core.records.keys import BLOCK_ROWS, Key, key_of, partitions
from iris_core.records.record import Record
from iris_core.records.run import Run

_FIELDS = frozenset(("Features", "Class", "Actual", "Probability"))


@dataclass(frozen=True, slots=True)
class Cell:
    """The records of one actual class that were taken for one predicted class.

    `actual` None stands for all labels but those `known`.
    """

    predicted: str
    actual: str | None
    known: Sequence[str] = ()

    def holds(self, item: Item) -> bool:
        """Whether a stored item belongs here; one that lacks a field belongs nowhere."""
        if not item.keys() >= _FIELDS or item["Class"] != self.predicted:
            return False
        if self.actual is None:
            return item["Actual"] not in self.known
        return item["Actual"] == self.actual


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Some records in test order; `after` is the last key looked at, None when that was all."""

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
    """At most `limit` records of a cell behind `after`, out of about `most` that are looked at.

    So a page may be short, even empty, while there is more to look at. Read by Query, one partition
    after the other; the records of other cells stay in the cloud.
    """
    found: list[Record] = []
    start = after.row // BLOCK_ROWS if after else 0
    for number, partition in enumerate(partitions(run.id, run.rows)):
        if number < start:
            continue
        if (number - start) * BLOCK_ROWS >= most:
            return RecordPage(tuple(found), key_of(run.id, number * BLOCK_ROWS - 1))
        behind = after.sort_key if after and number == start else None
        for item in _matching(cloud, partition, cell, behind):
            found.append(Record.from_item(item))
            if len(found) == limit:
                return RecordPage(tuple(found), Key(partition, item["sort_key"]))
    return RecordPage(tuple(found), None)


def stored(cloud: Cloud, run: Run, *, start: int = 0) -> Iterator[Record]:
    """All stored records of a run from row `start` on, in test order, a page in memory at a time.

    `start` is the first row of a block; those that lack a field are passed over.
    """
    for number, partition in enumerate(partitions(run.id, run.rows)):
        if number >= start // BLOCK_ROWS:
            for item in read_block(cloud, partition):
                if item.keys() >= _FIELDS:
                    yield Record.from_item(item)


def load(cloud: Cloud, run: Run, row: int) -> Record | None:
    """The record of one row (from 0) of a run; None when the score table does not hold it whole."""
    key = key_of(run.id, row)
    with translated(f"loading {key}"):
        answer = cloud.dynamodb.get_item(
            TableName=cloud.settings.score_table, Key=typed(key._asdict()), ConsistentRead=True
        )
    item = plain(answer.get("Item", {}))
    return Record.from_item(item) if item.keys() >= _FIELDS else None


def _matching(cloud: Cloud, partition: str, cell: Cell, behind: str | None) -> Iterator[Item]:
    """The items of a partition that belong to a cell, in test order."""
    where = {"Class": cell.predicted}
    if cell.actual is not None:
        where["Actual"] = cell.actual
    while True:
        part = query_page(cloud, cloud.settings.score_table, partition, after=behind, where=where)
        yield from filter(cell.holds, part.items)
        behind = part.after
        if behind is None:
            return
