"""The score table: one record by `post_score`, many by `ScoreWriter`, read back block by block."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from botocore.exceptions import ClientError

from aws import tables
from aws.clients import Cloud
from aws.errors import CloudError, ServiceError, WriteError, translate, translated
from aws.retry_policy import RETRY_SECONDS, THROTTLED, pause
from iris_core.records.attributes import Item
from iris_core.records.keys import Key, key_of, new_run_id
from iris_core.records.record import Record
from lambda_src import index

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import WriteRequestTypeDef

BATCH = 25
"""Items that one BatchWriteItem takes."""
ITEM_LIMIT = index.ITEM_LIMIT
"""Bytes that an item may have, names included."""


class ScoreTable(Protocol):
    """What `post_score` needs of a table: boto3's `Table` has it."""

    def put_item(self, *, Item: dict[str, str]) -> Any:  # noqa: N803 - boto3's spelling
        """Write one item."""


_own_run = new_run_id()
_own_rows = itertools.count()


def post_score(
    log_table: ScoreTable,
    feature_string: str,
    class_string: str,
    actual_string: str,
    prob_string: str,
    *,
    key: Key | None = None,
) -> Key:
    """Write one tested record to the score table, as the course's handout has it.

    `log_table`: a boto3 `Table`. `feature_string`: `str(dict)` of the record's fields, label
    first. `class_string`, `actual_string`: predicted and actual class by name. `prob_string`: the
    probability of the predicted class, 0…1. Without `key` the record joins a run that this process
    has for itself, so that no two records of any process share a key.

    Returns the key it was written under.
    """
    if key is None:
        key = key_of(_own_run, next(_own_rows))
    record = Record(key.row, feature_string, class_string, actual_string, prob_string)
    with translated("writing a score"):
        log_table.put_item(Item=record.to_item(key))
    return key


def item_size(item: Item) -> int:
    """Bytes that DynamoDB counts for an item of strings: names and values in UTF-8."""
    return sum(len(name.encode()) + len(text.encode()) for name, text in item.items())


def read_block(cloud: Cloud, partition: str, *attributes: str) -> Iterator[Item]:
    """The stored items of one partition in test order; all attributes unless some are named."""
    return tables.query(cloud, cloud.settings.score_table, partition, attributes=attributes)


class ScoreWriter:
    """Writes the records of one run in batches, from several threads; use it as a `with` block.

    Call it once a record: it is a sink. At most a few batches are in memory; when the cloud is
    slower than the model, the call waits. Leaving the block flushes. Unprocessed items are sent
    again with growing pauses for up to `retry_seconds` seconds a batch. A record that cannot be
    written (over 390,000 bytes) is set aside while the others go on; a cloud that fails stops the
    run. Either way a `WriteError` names the keys.
    """

    def __init__(
        self,
        cloud: Cloud,
        run: str,
        *,
        threshold: str | None = None,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        """Write to the score table of `cloud` under the keys of `run`.

        The function judges the records by `threshold` (0…1), or by its own if none is given.
        """
        self.run = run
        self.written = 0
        """Records that the cloud has acknowledged."""
        self._cloud = cloud
        self._threshold = threshold
        self._retry_seconds = retry_seconds
        self._batch: list[Item] = []
        self._unwritten: list[Key] = []
        self._cause: CloudError | None = None
        self._stopped = False
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(2 * cloud.settings.threads)
        self._pool = ThreadPoolExecutor(cloud.settings.threads, thread_name_prefix="score-writer")

    def __enter__(self) -> Self:
        """Start writing."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Flush; raises `WriteError` for what was not written, unless an error is on its way."""
        self._finish()
        if error is None:
            self._raise_failures()

    def __call__(self, record: Record) -> None:
        """Accept one record. Raises `WriteError` once the cloud has failed."""
        if self._stopped:
            # All threads first: what they hold is to be named too.
            self._finish()
            self._raise_failures()
        key = key_of(self.run, record.row)
        item = record.to_item(key, threshold=self._threshold)
        size = item_size(item)
        if size > ITEM_LIMIT:
            reason = f"the record has {size:,} bytes, the tables take {ITEM_LIMIT:,}"
            self._set_aside([key], ServiceError(reason, code="ItemSize"))
            return
        self._batch.append(item)
        if len(self._batch) == BATCH:
            self._send()

    def _finish(self) -> None:
        """Write what is left, or set it aside when the cloud has failed."""
        self._send()
        self._pool.shutdown(wait=True)

    def _raise_failures(self) -> None:
        if self._cause:
            cause = str(self._cause).rstrip(".")
            raise WriteError(self._unwritten, cause=cause) from self._cause

    def _set_aside(self, keys: list[Key], cause: CloudError) -> None:
        with self._lock:
            self._unwritten += keys
            self._cause = self._cause or cause

    def _send(self) -> None:
        batch, self._batch = self._batch, []
        if batch:
            self._room.acquire()
            self._pool.submit(self._write, batch).add_done_callback(lambda _: self._room.release())

    def _write(self, batch: list[Item]) -> None:
        """Write at most 25 items; failures are kept for the caller's thread."""
        left: Sequence[Item] = batch
        deadline = time.monotonic() + self._retry_seconds
        reason = f"the table took no more for {self._retry_seconds:.0f} s"
        problem: CloudError = ServiceError(reason, code="Unprocessed")
        try:
            for tries in itertools.count():
                # What waited while another batch failed is not tried: that would take its time.
                seconds = deadline - time.monotonic()
                if not left or self._stopped or seconds <= 0:
                    break
                if tries:
                    time.sleep(min(pause(tries), seconds))
                left = self._write_once(left)
        except BaseException as error:  # noqa: BLE001 - a thread that dies would lose its records
            problem = translate(error, "writing records")
        with self._lock:
            self.written += len(batch) - len(left)
        if left:
            keys = [Key(item["partition_key"], item["sort_key"]) for item in left]
            self._set_aside(keys, problem)
            self._stopped = True

    def _write_once(self, items: Sequence[Item]) -> Sequence[Item]:
        """Send one batch; returns the items that the table did not take this time."""
        table = self._cloud.settings.score_table
        puts: list[WriteRequestTypeDef] = [
            {"PutRequest": {"Item": tables.typed(item)}} for item in items
        ]
        try:
            answer = self._cloud.dynamodb.batch_write_item(RequestItems={table: puts})
        except ClientError as error:
            if error.response["Error"]["Code"] in THROTTLED:
                return items
            raise
        unprocessed = answer.get("UnprocessedItems", {}).get(table, [])
        return [tables.plain(request["PutRequest"]["Item"]) for request in unprocessed]
