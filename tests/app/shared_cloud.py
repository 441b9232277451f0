"""A local cloud that tests share one after the other, each beginning with the same records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aws.clients import Cloud, connect_local
from aws.local_cloud import LocalCloud
from aws.settings import Settings
from aws.stack import deploy

Items = dict[tuple[str, str], dict[str, Any]]


class SharedCloud:
    """A running local cloud whose runs and candidates are put back as they were.

    To start an emulator and to save its state takes longer than most tests of a page.

    Attributes:
        state: its folder; a workspace whose folder `cloud` is a link to it uses this cloud.
    """

    def __init__(self, state: Path) -> None:
        """Start the cloud that was saved in a folder."""
        self.state = state
        self._hold = LocalCloud(state)
        self._cloud = connect_local(Settings(), self._hold.endpoint())
        deploy(self._cloud)
        settings = self._cloud.settings
        self._items = {
            table: stored(self._cloud, table)
            for table in (settings.runs_table, settings.retrain_table)
        }

    def put_back(self) -> None:
        """Remove the runs, candidates and verdicts that came since the start; restore the others.

        The records of later runs stay in the score table: without their run nobody asks for them.
        """
        for table, before in self._items.items():
            now = stored(self._cloud, table)
            for key in now.keys() - before.keys():
                names = {name: now[key][name] for name in ("partition_key", "sort_key")}
                self._cloud.dynamodb.delete_item(TableName=table, Key=names)
            for key, item in before.items():
                if now.get(key) != item:
                    self._cloud.dynamodb.put_item(TableName=table, Item=item)

    def close(self) -> None:
        """End the cloud."""
        self._hold.close()


def stored(cloud: Cloud, table: str) -> Items:
    """Return the items of a table by their keys."""
    pages = cloud.dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return {
        (item["partition_key"]["S"], item["sort_key"]["S"]): dict(item)
        for page in pages
        for item in page["Items"]
    }
