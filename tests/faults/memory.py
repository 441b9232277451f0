"""A cloud in memory, at the port where boto3's clients are: quick, and AWS's semantics where the
emulators differ.

DynamoDB's data plane as far as this project calls it, with a stream for each table, and the
function's Lambda API, which runs the true handler. `test_memory.py` compares it with moto.
"""

from __future__ import annotations

import io
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ClientError

from aws.settings import Settings
from lambda_src import index
from tests.faults.conditions import (
    ConditionalCheckFailedError,
    TransactionCanceledError,
    Wire,
    cancelled,
    error,
    holds,
)

Key = tuple[str, str]
Interrupt = Callable[[str, str], None]
"""Called with `before` or `after` and the operation's name; what it raises, the caller sees."""

ITEM_LIMIT = 400 * 1024


def undisturbed(_when: str, _operation: str) -> None:
    """No fault."""


class MemoryDynamoDB:
    """Tables with the keys `partition_key` and `sort_key`; safe across threads."""

    exceptions = SimpleNamespace(
        ClientError=ClientError,
        ConditionalCheckFailedException=ConditionalCheckFailedError,
        TransactionCanceledException=TransactionCanceledError,
    )

    def __init__(self) -> None:
        self.tables: dict[str, dict[Key, Wire]] = {}
        self.streams: dict[str, list[dict[str, Any]]] = {}
        self.calls: Counter[str] = Counter()
        self.interrupt: Interrupt = undisturbed
        self.now = 0.0
        """Seconds on the clock that stamps the stream's records."""
        self._lock = threading.RLock()

    def batch_write_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        """Put items, unconditionally."""
        with self._operation("BatchWriteItem"):
            for table, puts in RequestItems.items():
                items = [put["PutRequest"]["Item"] for put in puts]
                for item in items:
                    _check_size(item)
                for item in items:
                    self._store(table, item)
        return {"UnprocessedItems": {}}

    def put_item(self, *, TableName: str, Item: Wire, **how: str) -> dict[str, Any]:  # noqa: N803
        """Put one item, on a condition if there is one."""
        with self._operation("PutItem"):
            stored = self.tables.get(TableName, {}).get(_key(Item), {})
            if "ConditionExpression" in how and not holds(
                how["ConditionExpression"], stored, {}, {}
            ):
                raise error("ConditionalCheckFailedException", ConditionalCheckFailedError)
            _check_size(Item)
            self._store(TableName, Item)
        return {}

    def get_item(self, *, TableName: str, Key: Wire, **_how: Any) -> dict[str, Any]:  # noqa: N803
        """Read one item."""
        with self._operation("GetItem"):
            item = self.tables.get(TableName, {}).get(_key(Key))
            return {"Item": dict(item)} if item else {}

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        """Read items by their keys; those that are not there are left out."""
        with self._operation("BatchGetItem"):
            found = {
                name: [self.tables.get(name, {}).get(_key(key)) for key in request["Keys"]]
                for name, request in RequestItems.items()
            }
        responses = {name: [dict(item) for item in items if item] for name, items in found.items()}
        return {"Responses": responses, "UnprocessedKeys": {}}

    def delete_item(self, *, TableName: str, Key: Wire) -> dict[str, Any]:  # noqa: N803
        """Delete one item; the stream gets no record of it."""
        with self._operation("DeleteItem"):
            self.tables.get(TableName, {}).pop(_key(Key), None)
        return {}

    def update_item(self, **update: Any) -> dict[str, Any]:
        """Set attributes of one item on a condition."""
        with self._operation("UpdateItem"):
            if not self._holds(update):
                raise error("ConditionalCheckFailedException", ConditionalCheckFailedError)
            self._update(update)
        return {}

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        """Make some updates, all or none."""
        updates = [entry["Update"] for entry in TransactItems]
        with self._operation("TransactWriteItems"):
            held = list(map(self._holds, updates))
            if not all(held):
                raise cancelled(["None" if ok else "ConditionalCheckFailed" for ok in held])
            for update in updates:
                _check_size(self._updated(update))
            for update in updates:
                self._update(update)
        return {}

    def query(self, **request: Any) -> dict[str, Any]:
        """Read one partition in key order."""
        with self._operation("Query"):
            values = request["ExpressionAttributeValues"]
            partition = values[":partition"]["S"]
            after = request.get("ExclusiveStartKey")
            entries = sorted(
                (
                    (key, item)
                    for key, item in self.tables.get(request["TableName"], {}).items()
                    if key[0] == partition
                ),
                reverse=not request.get("ScanIndexForward", True),
            )
        if after:
            forward = request.get("ScanIndexForward", True)
            entries = [part for part in entries if (part[0] > _key(after)) is forward]
        limit = request.get("Limit", len(entries))
        more = len(entries) > limit > 0
        names = request.get("ExpressionAttributeNames", {})
        items = [item for _, item in entries[:limit]]
        if "FilterExpression" in request:
            items = [i for i in items if holds(request["FilterExpression"], i, names, values)]
        if "ProjectionExpression" in request:
            projected = {names.get(n, n) for n in request["ProjectionExpression"].split(", ")}
            items = [{n: v for n, v in item.items() if n in projected} for item in items]
        answer: dict[str, Any] = {"Items": list(map(dict, items)), "Count": len(items)}
        if more:
            last = entries[limit - 1][1]
            answer["LastEvaluatedKey"] = {name: last[name] for name in index.KEYS}
        return answer

    def get_paginator(self, _operation: str) -> Any:
        """Pages of a query: always one."""
        return SimpleNamespace(paginate=lambda **request: [self.query(**request)])

    @contextmanager
    def _operation(self, name: str) -> Iterator[None]:
        self.calls[name] += 1
        self.interrupt("before", name)
        with self._lock:
            yield
        self.interrupt("after", name)

    def _holds(self, update: Mapping[str, Any]) -> bool:
        return "ConditionExpression" not in update or holds(
            update["ConditionExpression"],
            self.tables.get(update["TableName"], {}).get(_key(update["Key"]), {}),
            update.get("ExpressionAttributeNames", {}),
            update["ExpressionAttributeValues"],
        )

    def _updated(self, update: Mapping[str, Any]) -> Wire:
        stored = self.tables.get(update["TableName"], {}).get(_key(update["Key"]), {})
        names = update.get("ExpressionAttributeNames", {})
        item = {**stored, **update["Key"]}
        for assignment in update["UpdateExpression"].removeprefix("SET ").split(", "):
            name, _, value = assignment.partition(" = ")
            item[names.get(name, name)] = update["ExpressionAttributeValues"][value]
        return item

    def _update(self, update: Mapping[str, Any]) -> None:
        item = self._updated(update)
        _check_size(item)
        self._store(update["TableName"], item)

    def _store(self, table: str, item: Wire) -> None:
        """Keep an item; the stream gets an image only of what has changed."""
        content = self.tables.setdefault(table, {})
        before = content.get(_key(item))
        if before == item:
            return
        content[_key(item)] = dict(item)
        stream = self.streams.setdefault(table, [])
        stream.append(
            {
                "eventName": "INSERT" if before is None else "MODIFY",
                "dynamodb": {
                    "ApproximateCreationDateTime": self.now,
                    "Keys": {name: item[name] for name in index.KEYS},
                    "NewImage": dict(item),
                    "SequenceNumber": f"{4421584500000000017450439091 + len(stream)}",
                },
            }
        )


class MemoryLambda:
    """The function's API: its configuration, and the true handler run in this process."""

    def __init__(self, settings: Settings, dynamodb: MemoryDynamoDB) -> None:
        self.environment = {
            "RETRAIN_TABLE": settings.retrain_table,
            "PROBABILITY_THRESHOLD": settings.threshold,
        }
        self._dynamodb = dynamodb
        self._one_at_a_time = threading.Lock()

    def get_function_configuration(self, **_which: Any) -> dict[str, Any]:
        """Return the function's configuration."""
        return {
            "Environment": {"Variables": dict(self.environment)},
            "LastUpdateStatus": "Successful",
        }

    def update_function_configuration(
        self,
        *,
        Environment: dict[str, Any],  # noqa: N803
        **_which: Any,
    ) -> dict[str, Any]:
        """Change the function's environment."""
        self.environment = dict(Environment["Variables"])
        return {}

    def invoke(self, *, Payload: bytes, **_which: Any) -> dict[str, Any]:  # noqa: N803
        """Run the handler and wait for it; a payload has Lambda's limit."""
        if len(Payload) > 6 * 1024 * 1024:
            raise error("RequestTooLargeException")
        try:
            counts = self.handle(json.loads(Payload))
        except Exception as failure:  # noqa: BLE001 - Lambda answers with whatever it was
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(repr(failure).encode())}
        return {"Payload": io.BytesIO(json.dumps(counts).encode())}

    def handle(self, event: Mapping[str, Any]) -> dict[str, int]:
        """Run the handler as it is deployed."""
        with (
            self._one_at_a_time,
            redirect_stdout(io.StringIO()),  # where the function writes its log
            patch.dict("os.environ", self.environment),
            patch.object(index, "dynamodb_client", lambda: self._dynamodb),
        ):
            return index.lambda_handler(event)


class MemoryCloud:
    """The part of a `Cloud` that writing, filtering, reconciling, replaying and reviewing need."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings(threads=4)
        self.retry_seconds = 5.0
        self.dynamodb = MemoryDynamoDB()
        self.lambda_ = MemoryLambda(self.settings, self.dynamodb)

    @property
    def stream(self) -> list[dict[str, Any]]:
        """Return the records of the score table's stream."""
        return self.dynamodb.streams.setdefault(self.settings.score_table, [])

    def items(self, table: str) -> dict[Key, dict[str, str]]:
        """Return a table's whole content."""
        content = self.dynamodb.tables.get(table, {})
        return {
            key: {name: _text(value) for name, value in item.items()}
            for key, item in content.items()
        }


def _key(item: Mapping[str, dict[str, str]]) -> Key:
    return item["partition_key"]["S"], item["sort_key"]["S"]


def _text(value: Mapping[str, str]) -> str:
    """Return a string, or a number as it is sent."""
    (text,) = value.values()
    return text


def _check_size(item: Wire) -> None:
    size = sum(len(name.encode()) + len(_text(value).encode()) for name, value in item.items())
    if size > ITEM_LIMIT:
        raise error("ValidationException")
