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
from aws.retry_policy import RETRY_SECONDS, THROTTLED, may_be_applied, pause
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
    """What `post_score` needs of a table; boto3's `Table` has it."""

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

    Args:
        log_table: a boto3 `Table`.
        feature_string: `str(dict)` of the record's fields, label first.
        class_string: predicted class, by name.
        actual_string: actual class, by name.
        prob_string: probability of the predicted class, 0 to 1.
        key: where to write it. Without one the record joins a run of this process alone, so that
            no two records of any process share a key.

    Returns:
        The key that it was written under.

    Raises:
        CloudError: the record was not written, or no answer came.
    """
    if key is None:
        key = key_of(_own_run, next(_own_rows))
    record = Record(key.row, feature_string, class_string, actual_string, prob_string)
    with translated("writing a score"):
        log_table.put_item(Item=record.to_item(key))
    return key


def item_size(item: Item) -> int:
    """Return the bytes that DynamoDB counts for an item: names and values in UTF-8."""
    return sum(len(name.encode()) + len(text.encode()) for name, text in item.items())


def read_partition(cloud: Cloud, partition: str, *attributes: str) -> Iterator[Item]:
    """Yield the stored items of one partition, in test order.

    Args:
        cloud: whose score table is read.
        partition: a partition key.
        attributes: names of those to read; all if none are named.
    """
    return tables.query(cloud, cloud.settings.score_table, partition, attributes=attributes)


class ScoreWriter:
    """Writes the records of one run in batches, from several threads; use it as a `with` block.

    Call it once a record: it is a sink. At most a few batches are in memory; when the cloud is
    slower than the model, the call waits. Leaving the block flushes. Unprocessed items are sent
    again, with growing pauses, until a batch's time is up.

    Every record that the writer accepted ends in one of three ways: *acknowledged* (it is stored),
    *refused* (it is not: the cloud said so, or it was never sent) or *unknown* (it was sent and no
    answer came, so it may be stored or not; sending it again is harmless). A record over 390,000
    bytes is refused while the others go on; a cloud that fails stops the run. Either way a
    `WriteError` names the keys that are not acknowledged.

    Attributes:
        run: id of the run.
        written: number of records that the cloud has acknowledged so far.
        delayed: number of records that the table has not taken at once so far, such as over its
            limit of writes, and that are sent again.
    """

    def __init__(
        self,
        cloud: Cloud,
        run: str,
        *,
        threshold: str | None = None,
        expires_at: int | None = None,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        """Write to the score table of a cloud under the keys of a run.

        Args:
            cloud: whose score table is written.
            run: id of the run.
            threshold: the one that the function applies to these records, 0 to 1; without one it
                applies its own.
            expires_at: when the records may be deleted, in seconds since 1970; None for never.
            retry_seconds: seconds for which a batch that is not taken is sent again.
        """
        self.run = run
        self.written = self.delayed = 0
        self._cloud = cloud
        self._threshold = threshold
        self._expires_at = expires_at
        self._retry_seconds = retry_seconds
        self._batch: list[Item] = []
        self._refused: list[Key] = []
        self._unknown: list[Key] = []
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
        """Flush the last batch.

        Raises:
            WriteError: records were not acknowledged, and no other error is on its way.
        """
        self._finish()
        if error is None:
            self._raise_failures()

    def __call__(self, record: Record) -> None:
        """Accept one record.

        Raises:
            WriteError: the cloud has failed; this record is not accepted any more.
        """
        if self._stopped:
            # All threads first: the records that they hold are to be named too.
            self._finish()
            self._raise_failures()
        key = key_of(self.run, record.row)
        item = record.to_item(key, threshold=self._threshold, expires_at=self._expires_at)
        size = item_size(item)
        if size > ITEM_LIMIT:
            reason = f"the record has {size:,} bytes, the tables take {ITEM_LIMIT:,}"
            self._note_failure(self._refused, [key], ServiceError(reason, code="ItemSize"))
            return
        self._batch.append(item)
        if len(self._batch) == BATCH:
            self._send()

    def _finish(self) -> None:
        """Wait until every accepted record is acknowledged, or noted as a failure."""
        self._send()
        self._pool.shutdown(wait=True)

    def _raise_failures(self) -> None:
        if self._cause:
            raise WriteError(
                refused=self._refused, unknown=self._unknown, cause=str(self._cause).rstrip(".")
            ) from self._cause

    def _note_failure(self, group: list[Key], keys: list[Key], cause: CloudError) -> None:
        """Add keys to the refused or the unknown ones; the first cause is the one that is named."""
        with self._lock:
            group += keys
            self._cause = self._cause or cause

    def _send(self) -> None:
        batch, self._batch = self._batch, []
        if batch:
            self._room.acquire()
            self._pool.submit(self._write, batch).add_done_callback(lambda _: self._room.release())

    def _write(self, batch: list[Item]) -> None:
        """Write at most 25 items; failures are kept for the caller's thread."""
        left: Sequence[Item] = batch
        is_unknown = False
        deadline = time.monotonic() + self._retry_seconds
        reason = f"the table took no more for {self._retry_seconds:.0f} s"
        cause: CloudError = ServiceError(reason, code="Unprocessed")
        try:
            for tries in itertools.count():
                # Once another batch has failed, the batches that wait are not tried: each would
                # take as long to fail.
                seconds = deadline - time.monotonic()
                if not left or self._stopped or seconds <= 0:
                    break
                if tries:
                    time.sleep(min(pause(tries), seconds))
                left, is_open, was_sent_again = self._write_once(left)
                is_unknown = is_unknown or is_open
                if not tries:
                    self._note_delay(len(batch) if was_sent_again else len(left))
        except BaseException as error:  # noqa: BLE001 - a thread that dies would lose its records
            is_unknown = is_unknown or may_be_applied(error)
            cause = translate(error, "writing records")
        with self._lock:
            self.written += len(batch) - len(left)
        if left:
            keys = [Key.from_item(item) for item in left]
            self._note_failure(self._unknown if is_unknown else self._refused, keys, cause)
            self._stopped = True

    def _note_delay(self, records: int) -> None:
        with self._lock:
            self.delayed += records

    def _write_once(self, items: Sequence[Item]) -> tuple[Sequence[Item], bool, bool]:
        """Send one batch.

        Returns the items that the table did not take, whether it may hold them nevertheless, and
        whether the request was sent again before it was answered.
        """
        table = self._cloud.settings.score_table
        puts: list[WriteRequestTypeDef] = [
            {"PutRequest": {"Item": tables.typed(item)}} for item in items
        ]
        try:
            answer = self._cloud.dynamodb.batch_write_item(RequestItems={table: puts})
        except ClientError as error:
            if error.response["Error"]["Code"] in THROTTLED:
                return items, may_be_applied(error), True
            raise
        unprocessed = answer.get("UnprocessedItems", {}).get(table, [])
        left = [tables.plain(request["PutRequest"]["Item"]) for request in unprocessed]
        was_sent_again = answer.get("ResponseMetadata", {}).get("RetryAttempts", 0) > 0
        return left, may_be_applied(answer), was_sent_again
