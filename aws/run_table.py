"""The run table: one item a test run, so that the history survives the dashboard's disk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields

from aws.clients import Cloud
from aws.errors import SettingsError, translated
from aws.tables import plain, query_page, typed
from iris_core.records.attributes import Item
from iris_core.records.keys import check_run_id
from iris_core.records.run import Run

PARTITION = "runs"
"""All runs are in one partition, so that one Query lists them; a run is written a few times."""

METRICS_BYTES = 395_000
"""Bytes that the metrics of a run may have: its item takes 409,600, with the other fields."""

_FIELDS = tuple(entry.name for entry in fields(Run))


def save(cloud: Cloud, run: Run) -> None:
    """Write the run's item, over an earlier state of the same run."""
    with translated("saving a run"):
        cloud.dynamodb.put_item(TableName=cloud.settings.runs_table, Item=typed(_item(run)))


def add(cloud: Cloud, run: Run) -> Run | None:
    """Write the run's item if there is none; return the run that is there, None if it was added."""
    with translated("adding a run"):
        try:
            cloud.dynamodb.put_item(
                TableName=cloud.settings.runs_table,
                Item=typed(_item(run)),
                ConditionExpression="attribute_not_exists(partition_key)",
            )
        except cloud.dynamodb.exceptions.ConditionalCheckFailedException:
            return load(cloud, run.id)
    return None


def stored_text(value: object) -> str:
    """Return a field's value as its attribute holds it: JSON in ASCII, without a needless space."""
    return json.dumps(value, separators=(",", ":"))


def load(cloud: Cloud, run: str) -> Run:
    """Return one run.

    Args:
        cloud: whose run table is read.
        run: id of the run.

    Raises:
        OptionError: `run` is not written as a run id.
        SettingsError: the table does not hold it.
    """
    check_run_id(run)
    with translated("loading a run"):
        answer = cloud.dynamodb.get_item(
            TableName=cloud.settings.runs_table,
            Key=typed(_key(run)),
            ConsistentRead=True,
        )
    item = answer.get("Item")
    if item is None:
        raise SettingsError(
            f"Expected the id of a run in {cloud.settings.runs_table}, received {run!r}. "
            "`python cli.py runs` lists them."
        )
    return _run_of(plain(item))


def runs(cloud: Cloud) -> Iterator[Run]:
    """Yield all runs, newest first, a page in memory at a time."""
    after: str | None = None
    while True:
        page = query_page(
            cloud,
            cloud.settings.runs_table,
            PARTITION,
            after=after,
            newest_first=True,
        )
        yield from map(_run_of, page.items)
        after = page.after
        if after is None:
            return


def _item(run: Run) -> Item:
    return {
        **_key(run.id),
        **{_attribute(name): stored_text(value) for name, value in run.to_dict().items()},
    }


def _key(run: str) -> Item:
    return {"partition_key": PARTITION, "sort_key": run}


def _run_of(item: Item) -> Run:
    stored = {
        name: json.loads(item[_attribute(name)]) for name in _FIELDS if _attribute(name) in item
    }
    return Run.from_dict(stored)


def _attribute(name: str) -> str:
    """Return the attribute that stores a field: `DatasetName` for `dataset_name`."""
    return "".join(part.capitalize() for part in name.split("_"))
