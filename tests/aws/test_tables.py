"""Many items by their keys: in their order, however the table answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aws import tables
from aws.clients import Cloud
from aws.errors import ServiceError
from aws.tables import MAX_KEYS, MOST_TRIES, get_many, typed
from iris_core.records.keys import Key, key_of


class SlowTable:
    """The one call of DynamoDB that is made, which answers for so many keys at once at most."""

    def __init__(self, at_once: int, missing: set[Key]) -> None:
        self.at_once, self.missing = at_once, missing
        self.asked: list[int] = []

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        ((table, request),) = RequestItems.items()
        assert request["ConsistentRead"]
        keys = request["Keys"]
        self.asked.append(len(keys))
        assert len(keys) <= MAX_KEYS
        answered, left = keys[: self.at_once], keys[self.at_once :]
        there = [key for key in answered if Key.from_item(tables.plain(key)) not in self.missing]
        return {
            # DynamoDB answers in any order.
            "Responses": {table: [{**key, **typed({"Class": "a"})} for key in reversed(there)]},
            "UnprocessedKeys": {table: {"Keys": left}} if left else {},
        }


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "pause", lambda _tries: 0.0)


def cloud_with(table: SlowTable, moto_cloud: Cloud) -> Cloud:
    cloud = replace(moto_cloud)
    vars(cloud)["dynamodb"] = table
    return cloud


def test_items_come_in_the_order_of_their_keys(moto_cloud: Cloud) -> None:
    keys = [key_of("a-run", row) for row in range(MAX_KEYS + 30)]
    table = SlowTable(at_once=40, missing={keys[7]})
    asked = [*keys[::-1], keys[3], keys[3]]
    found = get_many(cloud_with(table, moto_cloud), "t", asked)
    assert [bool(item) for item in found] == [key != keys[7] for key in asked]
    assert all(Key.from_item(item) == key for key, item in zip(asked, found, strict=True) if item)
    assert table.asked == [100, 60, 20, 30]


def test_table_that_never_answers_for_all_is_an_error(moto_cloud: Cloud) -> None:
    table = SlowTable(at_once=0, missing=set())
    with pytest.raises(ServiceError, match="did not answer for all records"):
        get_many(cloud_with(table, moto_cloud), "t", [key_of("a-run", 0)])
    assert len(table.asked) == MOST_TRIES + 1


def test_no_keys_need_no_call(moto_cloud: Cloud) -> None:
    assert get_many(moto_cloud, "no such table", []) == []
