"""Delete a run: its records, its candidates with their verdicts, and the run itself."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from aws.clients import Cloud
from aws.errors import ServiceError, translated
from aws.retry_policy import pause
from aws.run_table import PARTITION
from aws.score_table import BATCH
from aws.tables import MOST_TRIES, typed
from iris_core.records.keys import Key, key_of
from iris_core.records.run import Run

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import WriteRequestOutputTypeDef, WriteRequestTypeDef


def delete_run(cloud: Cloud, run: Run) -> None:
    """Delete a run for good; one that is not there, or only in part, is deleted as well.

    The run itself goes last: interrupted, it is still listed, and can be deleted again.

    Args:
        cloud: whose three tables hold it.
        run: to be deleted.

    Raises:
        CloudError: something could not be deleted; what was deleted before is gone.
    """
    settings = cloud.settings
    for table in (settings.score_table, settings.retrain_table):
        _delete(cloud, table, (key_of(run.id, row) for row in range(run.rows)))
    _delete(cloud, settings.runs_table, [Key(PARTITION, run.id)])


def _delete(cloud: Cloud, table: str, keys: Iterable[Key]) -> None:
    """Delete the items of these keys, a batch at a time."""
    requests: Iterator[WriteRequestTypeDef] = (
        {"DeleteRequest": {"Key": typed(key._asdict())}} for key in keys
    )
    while left := list(itertools.islice(requests, BATCH)):
        batch: Sequence[WriteRequestTypeDef | WriteRequestOutputTypeDef] = left
        for tries in itertools.count():
            if tries:
                time.sleep(pause(tries))
            with translated(f"deleting from {table}"):
                answer = cloud.dynamodb.batch_write_item(RequestItems={table: batch})
            batch = answer["UnprocessedItems"].get(table, [])
            if not batch:
                break
            if tries == MOST_TRIES:
                raise ServiceError(f"{table} did not delete all records", code="Unprocessed")
