"""Writers over partitions, second by second: who is throttled, and how far the stream lags.

A partition key lies on the partition that its hash says, and there is a shard a partition, as far
as DynamoDB tells. A writer has its blocks in order: when the partition of one is at its limit the
writer waits, as the threads of `ScoreWriter` do while they resend.
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
from iris_core.records.keys import BLOCK_ROWS

BATCH = 1_000
"""Records of a batch, as the template says."""


@dataclass(slots=True)
class Writer:
    """One test run under way: `start` in seconds, `rate` in records a second."""

    run: str
    start: int
    rate: int
    rows: int
    done: int = 0
    waited: int = 0
    """Seconds in which it could write less than it wanted."""
    stuck: int = 0
    """Seconds since it could last write anything."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a simulated time span came to; rates in write units a second, times in seconds."""

    seconds: int
    peak: int
    hottest_key: int
    hottest_partition: int
    partitions: int
    waited: float
    """Share of the writers' time in which a partition held them up."""
    stuck: int
    """The longest time that one of them could write nothing at all."""


class Stream:
    """The shards' backlogs, and the function that works them off."""

    def __init__(self, record_seconds: float, parallel: int = 1) -> None:
        self.rate = parallel * BATCH / (POLL_SECONDS + CALL_SECONDS + BATCH * record_seconds)
        """Records a second of one shard."""
        self.lag = 0.0
        """Seconds that the last of a shard's backlog had to wait, at the worst time."""
        self._backlog: Counter[int] = Counter()

    def pass_second(self, arrived: Counter[int]) -> None:
        """Take what arrived in a second, shard by shard, and work for as long."""
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

    `warm`: write units a second that the table is ready for; it doubles while it is throttled.
    `streams`: each sees all that is written, and can be asked for its lag afterwards.
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
        taken = Counter({part: PARTITION_UNITS - left for part, left in room.items()})
        for stream in streams:
            stream.pass_second(taken)
        busy += len(active)
        peak = max(peak, taken.total())
        hottest_key = max(hottest_key, max(keys.values(), default=0))
        hottest_partition = max(hottest_partition, *taken.values())
        stuck = max(stuck, *(one.stuck for one in writers))
        clock += 1
        if throttled and clock - doubled >= DOUBLING_SECONDS:
            partitions, doubled = min(2 * partitions, TABLE_UNITS // PARTITION_UNITS), clock
    waited = sum(one.waited for one in writers) / max(1, busy)
    return Outcome(clock, peak, hottest_key, hottest_partition, partitions, waited, stuck)


def _write(writer: Writer, room: Counter[int], keys: Counter[str]) -> bool:
    """Let a writer write for a second; whether it was held up."""
    wanted = min(writer.rate, writer.rows - writer.done)
    writer.stuck += 1
    while wanted:
        key = f"{writer.run}#{writer.done // BLOCK_ROWS:06d}"
        partition = _partition(key, len(room))
        count = min(wanted, BLOCK_ROWS - writer.done % BLOCK_ROWS, room[partition])
        if not count:
            writer.waited += 1
            return True
        room[partition] -= count
        keys[key] += count
        writer.done += count
        writer.stuck = 0
        wanted -= count
    return False


def _partition(key: str, partitions: int) -> int:
    """Where a key lies: DynamoDB hashes it, and each partition has a range of the hashes."""
    digest = hashlib.md5(key.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:4], "big") * partitions >> 32
