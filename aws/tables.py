"""A table's description, and how many items are read: page by page, or by their keys.

Of one partition with Query, of some records with BatchGetItem.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws.clients import Cloud
from aws.errors import ServiceError, translated
from aws.retry_policy import pause
from iris_core.records.attributes import EXPIRES_AT, Item
from iris_core.records.keys import Key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef


KEYS = {"partition_key": "HASH", "sort_key": "RANGE"}
"""The keys of each table, both strings."""
VIEWS = ("NEW_IMAGE", "NEW_AND_OLD_IMAGES")
"""Views of the score table's stream that have what the function reads."""
MAX_KEYS = 100
"""Items that one BatchGetItem reads at most."""
MOST_TRIES = 8
"""How often what was not answered is asked for again: some 10 s in all."""


def typed(item: Mapping[str, str]) -> dict[str, AttributeValueTypeDef]:
    """Return an item, or a part of one, in the form of DynamoDB's API."""
    return {name: {"N": text} if name == EXPIRES_AT else {"S": text} for name, text in item.items()}


def plain(item: Mapping[str, AttributeValueTypeDef]) -> Item:
    """Return an item as strings; an attribute of another type, made by others, is empty."""
    return {
        name: value.get("N", "") if name == EXPIRES_AT else value.get("S", "")
        for name, value in item.items()
    }


def description(cloud: Cloud, name: str) -> Mapping[str, Any]:
    """Return DynamoDB's description of a table, empty when there is none."""
    with translated(f"looking at the table {name}"):
        try:
            return cloud.dynamodb.describe_table(TableName=name)["Table"]
        except cloud.dynamodb.exceptions.ResourceNotFoundException:
            return {}


def keys_of(table: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of a table's keys and their types, from its description."""
    types = {
        entry["AttributeName"]: entry["AttributeType"] for entry in table["AttributeDefinitions"]
    }
    return {
        key["AttributeName"]: types.get(key["AttributeName"], "?") for key in table["KeySchema"]
    }


def has_our_keys(table: Mapping[str, Any]) -> bool:
    """Return whether a table has the keys under which records are written, from its description."""
    schema = {key["AttributeName"]: key["KeyType"] for key in table["KeySchema"]}
    return schema == KEYS and set(keys_of(table).values()) == {"S"}


def stream_view(table: Mapping[str, Any]) -> str:
    """Return what a table's stream shows, such as `NEW_IMAGE`; empty where it has no stream."""
    stream = table.get("StreamSpecification", {})
    return str(stream.get("StreamViewType", "")) if stream.get("StreamEnabled") else ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some items of one partition.

    Attributes:
        items: in key order.
        after: the sort key to fetch the next page with; None when there is none.
    """

    items: tuple[Item, ...]
    after: str | None


def query_page(
    cloud: Cloud,
    table: str,
    partition: str,
    *,
    after: str | None = None,
    limit: int | None = None,
    attributes: Sequence[str] = (),
    where: Mapping[str, str] | None = None,
    newest_first: bool = False,
) -> Page:
    """Return one page of a partition, 1 MB at most, read consistently.

    Args:
        cloud: whose table it is.
        table: name of the table.
        partition: a partition key.
        after: where the page before ended; None for the first page.
        limit: number of items that are read at most.
        attributes: names of those to return; all by default.
        where: values that an item must have to be returned; perhaps none of a page has them.
        newest_first: in descending order of the sort key.
    """
    request: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": "partition_key = :partition",
        "ExpressionAttributeValues": {":partition": {"S": partition}},
        "ConsistentRead": True,
        "ScanIndexForward": not newest_first,
    }
    if after is not None:
        request["ExclusiveStartKey"] = typed({"partition_key": partition, "sort_key": after})
    if limit is not None:
        request["Limit"] = limit
    if attributes:
        # Names such as Class may be reserved words, now or one day.
        request["ProjectionExpression"] = ", ".join(f"#{name}" for name in attributes)
    if where:
        request["FilterExpression"] = " AND ".join(f"#{name} = :{name}" for name in where)
        request["ExpressionAttributeValues"] |= typed({f":{name}": where[name] for name in where})
    if names := {*attributes, *(where or ())}:
        request["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
    with translated(f"reading {table}"):
        answer = cloud.dynamodb.query(**request)
    items = tuple(map(plain, answer["Items"]))
    last = answer.get("LastEvaluatedKey")
    return Page(items, last["sort_key"]["S"] if last else None)


def query(
    cloud: Cloud, table: str, partition: str, *, attributes: Sequence[str] = ()
) -> Iterator[Item]:
    """Yield all items of a partition in key order, a page in memory at a time."""
    after: str | None = None
    while True:
        page = query_page(cloud, table, partition, after=after, attributes=attributes)
        yield from page.items
        after = page.after
        if after is None:
            return


def get_many(cloud: Cloud, table: str, keys: Sequence[Key]) -> list[Item]:
    """Return some items in the order of their keys, read consistently; empty for one not there.

    What the table does not answer at once (more than 16 MB, or throttled) is asked for again.
    """
    found: dict[Key, Item] = {}
    different = list(dict.fromkeys(keys))
    for start in range(0, len(different), MAX_KEYS):
        wanted: Sequence[Mapping[str, AttributeValueTypeDef]] = [
            typed(key._asdict()) for key in different[start : start + MAX_KEYS]
        ]
        for tries in itertools.count():
            if tries:
                time.sleep(pause(tries))
            with translated(f"reading {table}"):
                answer = cloud.dynamodb.batch_get_item(
                    RequestItems={table: {"Keys": wanted, "ConsistentRead": True}}
                )
            items = map(plain, answer["Responses"].get(table, ()))
            found |= {Key.from_item(item): item for item in items}
            left = answer.get("UnprocessedKeys", {}).get(table)
            if not left:
                break
            wanted = left["Keys"]
            if tries == MOST_TRIES:
                raise ServiceError(f"{table} did not answer for all records", code="Unprocessed")
    return [found.get(key, {}) for key in keys]


def count(cloud: Cloud, table: str, partition: str, *, unless: tuple[str, str]) -> int:
    """Return how many items of a partition do not have one value of an attribute.

    Args:
        cloud: whose table it is.
        table: name of the table.
        partition: a partition key.
        unless: name of the attribute, and the value of those that do not count.
    """
    name, text = unless
    request: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": "partition_key = :partition",
        "FilterExpression": "#name <> :text",
        "ExpressionAttributeNames": {"#name": name},
        "ExpressionAttributeValues": {":partition": {"S": partition}, ":text": {"S": text}},
        "ConsistentRead": True,
        "Select": "COUNT",
    }
    with translated(f"counting in {table}"):
        pages = cloud.dynamodb.get_paginator("query").paginate(**request)
        return sum(page["Count"] for page in pages)
