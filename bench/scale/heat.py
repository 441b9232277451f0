"""Simulate writers and partitions, second by second: who is throttled, how far the stream lags.

The hash of a partition key selects its partition, and each partition has one shard, as far as
DynamoDB's documentation goes. A writer writes its blocks in order: when the partition of one is at
its limit the writer waits, as the threads of `ScoreWriter` do while they resend.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bench.scale.limits import (
    CALL_SECONDS,
    DOUBLING_SECONDS,
    NEW_TABLE_UNITS,
    PARTITION_UNITS,
    POLL_SECONDS,
    TABLE_UNITS,
)
from iris_core.records.keys import PARTITION_ROWS

BATCH = 1_000
"""Records of a batch, as in the template."""


@dataclass(slots=True)
class Writer:
    """One test run under way.

    Attributes:
        run: the run's id.
        start: when it begins, in seconds.
        rate: how many records it can write a second.
        rows: how many records it has.
        done: how many of them are written.
        waited: seconds in which it could write less than it could send.
        stuck: seconds since it could last write anything.
    """

    run: str
    start: int
    rate: int
    rows: int
    done: int = 0
    waited: int = 0
    stuck: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a simulation; rates are in write units a second, times in seconds.

    Attributes:
        seconds: when all was written.
        peak: highest rate of the table.
        hottest_key: highest rate of a partition key.
        hottest_partition: highest rate of a partition.
        partitions: how many there are at the end.
        waited: share of the writers' time in which a partition held them up, 0 to 1.
        stuck: longest time in which a writer could write nothing at all.
    """

    seconds: int
    peak: int
    hottest_key: int
    hottest_partition: int
    partitions: int
    waited: float
    stuck: int


class Stream:
    """The shards' backlogs, and the function that reads them."""

    def __init__(self, record_seconds: float, parallel: int = 1) -> None:
        self.rate = parallel * BATCH / (POLL_SECONDS + CALL_SECONDS + BATCH * record_seconds)
        """Records a second of one shard."""
        self.lag = 0.0
        """Longest wait of a record in a shard's backlog, in seconds."""
        self._backlog: Counter[int] = Counter()

    def pass_second(self, arrived: Counter[int]) -> None:
        """Add the records of a second, by shard, and read for a second."""
        self._backlog += arrived
        for shard in list(self._backlog):
            self._backlog[shard] -= min(self._backlog[shard], int(self.rate))
        if self._backlog:
            self.lag = max(self.lag, max(self._backlog.values()) / self.rate)


def simulate(
    writers: list[Writer],
    *,
    warm: int = NEW_TABLE_UNITS,
    streams: Sequence[Stream] = (),
    seconds: int = 86_400,
) -> Outcome:
    """Run the writers until all are done or the time is over.

    Args:
        writers: the test runs.
        warm: write units a second that the table is ready for; they double while it is throttled.
        streams: each reads all that is written, and knows its lag afterwards.
        seconds: the longest time to simulate.
    """
    order = random.Random(0)
    partitions, doubled = warm // PARTITION_UNITS, 0
    peak = hottest_key = hottest_partition = busy = stuck = 0
    clock = 0
    while clock < seconds and any(writer.done < writer.rows for writer in writers):
        room = Counter(dict.fromkeys(range(partitions), PARTITION_UNITS))
        keys: Counter[str] = Counter()
        active = [one for one in writers if one.start <= clock and one.done < one.rows]
        order.shuffle(active)
        throttled = sum(_write(one, room, keys) for one in active)
        used = Counter({part: PARTITION_UNITS - left for part, left in room.items()})
        for stream in streams:
            stream.pass_second(used)
        busy += len(active)
        peak = max(peak, used.total())
        hottest_key = max(hottest_key, max(keys.values(), default=0))
        hottest_partition = max(hottest_partition, *used.values())
        stuck = max(stuck, *(one.stuck for one in writers))
        clock += 1
        if throttled and clock - doubled >= DOUBLING_SECONDS:
            partitions, doubled = min(2 * partitions, TABLE_UNITS // PARTITION_UNITS), clock
    waited = sum(one.waited for one in writers) / max(1, busy)
    return Outcome(clock, peak, hottest_key, hottest_partition, partitions, waited, stuck)


def _write(writer: Writer, room: Counter[int], keys: Counter[str]) -> bool:
    """Let a writer write for a second, and return whether it was throttled."""
    remaining = min(writer.rate, writer.rows - writer.done)
    writer.stuck += 1
    while remaining:
        key = f"{writer.run}#{writer.done // PARTITION_ROWS:06d}"
        partition = _partition(key, len(room))
        count = min(remaining, PARTITION_ROWS - writer.done % PARTITION_ROWS, room[partition])
        if not count:
            writer.waited += 1
            return True
        room[partition] -= count
        keys[key] += count
        writer.done += count
        writer.stuck = 0
        remaining -= count
    return False


def _partition(key: str, partitions: int) -> int:
    """Return the partition of a key: each has a range of the hashes."""
    digest = hashlib.md5(key.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:4], "big") * partitions >> 32
