"""The mapping of a stream to the function, with what AWS does and the emulators do not.

Records of one item come in order, those of different items in any order between shards; each batch
comes at least once, perhaps again; a batch that fails comes again whole, or in halves; a record
that is too old, or was tried too often, goes to the failure destination.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

Record = dict[str, Any]
Handler = Callable[[Mapping[str, Any]], Any]


class TimedOutError(BaseException):
    """The handler was stopped in the middle: no code of it runs any more."""


@dataclass(slots=True)
class Batch:
    """Records of one shard that are delivered at once."""

    records: list[Record]
    tries: int = 0


@dataclass(slots=True)
class StreamMapping:
    """Delivers the records of a stream that grows; `deliver` goes on where it stopped.

    `deliveries`: how often a batch that succeeded comes at most, 1 is exactly once.
    """

    stream: Sequence[Record]
    handler: Handler
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    batch_size: int = 100
    shards: int = 4
    deliveries: int = 1
    retries: int = 10
    maximum_age: float = 86_400.0
    bisect: bool = True
    enabled: bool = True
    now: float = 0.0
    """Seconds on the stream's clock."""
    invocations: int = 0
    failed: list[tuple[str, list[Record]]] = field(default_factory=list)
    """What went to the failure destination: the condition, and the records it was about."""
    delivered: list[list[Record]] = field(default_factory=list)
    """The batches that the function took, in order."""
    _read: int = 0

    def deliver(self) -> None:
        """Deliver what is new until nothing is left, unless the mapping is disabled."""
        if not self.enabled:
            return
        fresh = self.stream[self._read :]
        self._read += len(fresh)
        waiting = self._by_shard(fresh)
        while waiting:
            shard = self.chance.choice(waiting)
            self._deliver_one(shard)
            if not shard:
                waiting.remove(shard)

    def deliver_again(self, batches: int) -> None:
        """Deliver so many batches that were taken once more, however old they are."""
        for _ in range(batches if self.delivered else 0):
            self._invoke(self.chance.choice(self.delivered))

    def forget(self) -> None:
        """Lose the stream so far: nothing of it comes any more, for the first time or again."""
        self._read = len(self.stream)
        self.delivered.clear()

    def _by_shard(self, records: Sequence[Record]) -> list[deque[Batch]]:
        shards: list[list[Record]] = [[] for _ in range(self.shards)]
        for record in records:
            keys = record["dynamodb"]["Keys"]
            shards[crc32(repr(sorted(keys.items())).encode()) % self.shards].append(record)
        return [
            deque(
                Batch(shard[start : start + self.batch_size])
                for start in range(0, len(shard), self.batch_size)
            )
            for shard in shards
            if shard
        ]

    def _deliver_one(self, shard: deque[Batch]) -> None:
        """Try the shard's first batch: nothing behind it comes before it is settled."""
        batch = shard.popleft()
        aged = [record for record in batch.records if self._is_too_old(record)]
        if aged:
            self.failed.append(("RecordAgeExceeded", aged))
            batch.records = [record for record in batch.records if record not in aged]
            if not batch.records:
                return
        try:
            for _ in range(self.chance.randint(1, self.deliveries)):
                self._invoke(batch.records)
        except (Exception, TimedOutError):  # noqa: BLE001 - whatever it is, the batch comes again
            self._try_again(shard, batch)
        else:
            self.delivered.append(batch.records)

    def _try_again(self, shard: deque[Batch], batch: Batch) -> None:
        if self.bisect and len(batch.records) > 1:
            middle = len(batch.records) // 2
            # Halving does not count as a try.
            shard.extendleft(
                (
                    Batch(batch.records[middle:], batch.tries),
                    Batch(batch.records[:middle], batch.tries),
                )
            )
        elif batch.tries < self.retries:
            shard.appendleft(Batch(batch.records, batch.tries + 1))
        else:
            self.failed.append(("RetryAttemptsExhausted", batch.records))

    def _invoke(self, records: Sequence[Record]) -> None:
        self.invocations += 1
        self.handler({"Records": list(records)})

    def _is_too_old(self, record: Record) -> bool:
        created = float(record["dynamodb"]["ApproximateCreationDateTime"])
        return self.now - created > self.maximum_age
