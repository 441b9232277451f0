"""The run table: one item a test run, so that the history survives the dashboard's disk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from aws.clients import Cloud
from aws.errors import SettingsError, translated
from aws.keys import check_run_id
from aws.tables import Item, plain, query_page, typed

PARTITION = "runs"
"""All runs are in one partition, so that one Query lists them; a run is written a few times."""

RUNNING = "running"
WRITTEN = "written"
"""Every record is in the score table; the Lambda may still be at work."""
RECONCILED = "reconciled"
"""Every record and every candidate is accounted for."""
INCOMPLETE = "incomplete"
FAILED = "failed"
CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One test of one model on one data set.

    `rows` is how many records the run is to have; `tested`, `stored`, `expected` and `found` are
    what is known of them so far. `accuracy` (0…1), `loss` and `metrics` are the model's.
    """

    id: str
    model: str
    dataset: str
    dataset_name: str
    rows: int
    threshold: str
    state: str = RUNNING
    tested: int = 0
    stored: int = 0
    expected: int = 0
    found: int = 0
    accuracy: float | None = None
    loss: float | None = None
    seconds: float | None = None
    metrics: dict[str, Any] = field(default_factory=dict)
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as JSON takes them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, source: dict[str, Any]) -> Run:
        """The run that `to_dict` wrote; unknown fields, from a newer version, are passed over."""
        known = {item.name for item in fields(cls)}
        return cls(**{name: value for name, value in source.items() if name in known})


def save(cloud: Cloud, run: Run) -> None:
    """Write the run's item, over an earlier state of the same run."""
    item = {
        **_key(run.id),
        **{_attribute(name): json.dumps(value) for name, value in run.to_dict().items()},
    }
    with translated("saving a run"):
        cloud.dynamodb.put_item(TableName=cloud.settings.runs_table, Item=typed(item))


def load(cloud: Cloud, run: str) -> Run:
    """One run by id; raises `SettingsError` when it is not in the table."""
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


def runs(cloud: Cloud, *, newest_first: bool = True) -> Iterator[Run]:
    """All runs by their start, a page in memory at a time."""
    after: str | None = None
    while True:
        page = query_page(
            cloud,
            cloud.settings.runs_table,
            PARTITION,
            after=after,
            newest_first=newest_first,
        )
        yield from map(_run_of, page.items)
        after = page.after
        if after is None:
            return


def _key(run: str) -> Item:
    return {"partition_key": PARTITION, "sort_key": run}


def _run_of(item: Item) -> Run:
    return Run.from_dict(
        {
            entry.name: json.loads(item[_attribute(entry.name)])
            for entry in fields(Run)
            if _attribute(entry.name) in item
        }
    )


def _attribute(name: str) -> str:
    """`dataset_name` is stored as `DatasetName`, in the style of the other tables."""
    return "".join(part.capitalize() for part in name.split("_"))
