"""Keys of the score and retrain tables: unique, in test order, and spread over partitions.

    partition_key = <run id>#<block>     a block is 1,000 rows, so no partition holds more
    sort_key      = <row>                counted from 0, padded to 9 digits

A run id is the run's start (ISO 8601 basic, UTC, microseconds) and 64 random bits. The time makes
ids sort by start; the random bits alone keep two runs apart, across threads, processes and
machines, even while the clock stands still. A run and a row always give the same key, so that
sending a record again is harmless and a run that was killed can go on. See docs/keys.md.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from iris_core.errors import OptionError
from iris_core.records.attributes import PARTITION_KEY, SORT_KEY

PARTITION_ROWS = 1000
"""Rows a partition key takes: DynamoDB serves 1,000 write units a second for one."""

_RUN_ID = re.compile(r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{16}", re.ASCII)


class Key(NamedTuple):
    """The primary key of a score record, and of its copy in the retrain table."""

    partition_key: str
    sort_key: str

    @classmethod
    def from_item(cls, item: Mapping[str, str]) -> Key:
        """Return the key of a stored item; raise `KeyError` if a part is missing."""
        return cls(item[PARTITION_KEY], item[SORT_KEY])

    @property
    def run(self) -> str:
        """The id of this record's run."""
        return self.partition_key.rpartition("#")[0]

    @property
    def row(self) -> int:
        """The record's position in its run, from 0."""
        return int(self.sort_key)

    def __str__(self) -> str:
        """Return both parts with a slash between them, for people."""
        return f"{self.partition_key}/{self.sort_key}"


def new_run_id(now: datetime | None = None) -> str:
    """Return a run id that no other run has, whatever the clock says.

    Args:
        now: the run's start; the current time by default.
    """
    start = now or datetime.now(UTC)
    return f"{start.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(8)}"


def check_run_id(run: str) -> str:
    """Return `run` if it is written as a run id.

    Raises:
        OptionError: it is not.
    """
    if not _RUN_ID.fullmatch(run):
        raise OptionError(
            f"Expected a run id like 20261122T093000.123456Z-0123456789abcdef, received {run!r}. "
            "`python cli.py runs` lists them."
        )
    return run


def started_at(run: str) -> datetime:
    """Return the start of a run, UTC.

    Raises:
        OptionError: `run` is not written as a run id.
    """
    return datetime.strptime(check_run_id(run)[:23], "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)


def key_of(run: str, row: int) -> Key:
    """Return the key of a run's record.

    Args:
        run: its id.
        row: the record's position in the run, from 0.
    """
    return Key(f"{run}#{row // PARTITION_ROWS:06d}", f"{row:09d}")


def partitions(run: str, rows: int) -> Iterator[str]:
    """Return the partition keys of a run of `rows` rows, in test order."""
    return (f"{run}#{block:06d}" for block in range(-(-rows // PARTITION_ROWS)))
