"""A cloud in memory, at the port where boto3's clients are: quick, and AWS's semantics where the
emulators differ.

DynamoDB's data plane as far as this project calls it, with a stream for each table, and the
function's Lambda API, which runs the true handler. `test_memory.py` compares it with moto.
"""

from __future__ import annotations

import io
import json
import re
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

Wire = dict[str, dict[str, str]]
"""An item as DynamoDB's API has it."""
Key = tuple[str, str]
Interrupt = Callable[[str, str], None]
"""Called with `before` or `after` and the operation's name; what it raises, the caller sees."""

ITEM_LIMIT = 400 * 1024
_TERM = re.compile(r"(attribute_exists|attribute_not_exists)\((\S+)\)|(\S+) (=|<>|<) (:\w+)")


class ConditionalCheckFailedError(ClientError):
    """The item is not as the condition wants it."""


class TransactionCanceledError(ClientError):
    """One of a transaction's conditions does not hold: nothing was written."""


def error(code: str, kind: type[ClientError] = ClientError) -> ClientError:
    """What boto3 raises for an error of the service."""
    return kind({"Error": {"Code": code, "Message": code}}, "InMemory")


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

    def put_item(self, *, TableName: str, Item: Wire) -> dict[str, Any]:  # noqa: N803
        """Put one item."""
        with self._operation("PutItem"):
            _check_size(Item)
            self._store(TableName, Item)
        return {}

    def get_item(self, *, TableName: str, Key: Wire, **_how: Any) -> dict[str, Any]:  # noqa: N803
        """Read one item."""
        with self._operation("GetItem"):
            found = self.tables.get(TableName, {}).get(_key(Key))
            return {"Item": dict(found)} if found else {}

    def delete_item(self, *, TableName: str, Key: Wire) -> dict[str, Any]:  # noqa: N803
        """Delete one item; the stream is not told."""
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
            if not all(map(self._holds, updates)):
                raise error("TransactionCanceledException", TransactionCanceledError)
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
            found = sorted(
                (
                    (key, item)
                    for key, item in self.tables.get(request["TableName"], {}).items()
                    if key[0] == partition
                ),
                reverse=not request.get("ScanIndexForward", True),
            )
        if after:
            forward = request.get("ScanIndexForward", True)
            found = [part for part in found if (part[0] > _key(after)) is forward]
        limit = request.get("Limit", len(found))
        more = len(found) > limit > 0
        names = request.get("ExpressionAttributeNames", {})
        items = [item for _, item in found[:limit]]
        if "FilterExpression" in request:
            items = [i for i in items if _holds(request["FilterExpression"], i, names, values)]
        if "ProjectionExpression" in request:
            wanted = {names.get(n, n) for n in request["ProjectionExpression"].split(", ")}
            items = [{n: v for n, v in item.items() if n in wanted} for item in items]
        answer: dict[str, Any] = {"Items": list(map(dict, items)), "Count": len(items)}
        if more:
            last = found[limit - 1][1]
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
        return "ConditionExpression" not in update or _holds(
            update["ConditionExpression"],
            self.tables.get(update["TableName"], {}).get(_key(update["Key"]), {}),
            update.get("ExpressionAttributeNames", {}),
            update["ExpressionAttributeValues"],
        )

    def _updated(self, update: Mapping[str, Any]) -> Wire:
        held = self.tables.get(update["TableName"], {}).get(_key(update["Key"]), {})
        names = update.get("ExpressionAttributeNames", {})
        item = {**held, **update["Key"]}
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
        """What the function is told."""
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
        """Tell it something else."""
        self.environment = dict(Environment["Variables"])
        return {}

    def invoke(self, *, Payload: bytes, **_which: Any) -> dict[str, Any]:  # noqa: N803
        """Run the handler and wait for it; a payload has Lambda's limit."""
        if len(Payload) > 6 * 1024 * 1024:
            raise error("RequestTooLargeException")
        try:
            told = self.handle(json.loads(Payload))
        except Exception as problem:  # noqa: BLE001 - Lambda answers with whatever it was
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(repr(problem).encode())}
        return {"Payload": io.BytesIO(json.dumps(told).encode())}

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
    """What the cloud half needs of a `Cloud` to write, filter, reconcile, replay and review."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings(threads=4)
        self.retry_seconds = 5.0
        self.dynamodb = MemoryDynamoDB()
        self.lambda_ = MemoryLambda(self.settings, self.dynamodb)

    @property
    def stream(self) -> list[dict[str, Any]]:
        """What the score table's stream holds."""
        return self.dynamodb.streams.setdefault(self.settings.score_table, [])

    def items(self, table: str) -> dict[Key, dict[str, str]]:
        """A table's whole content."""
        content = self.dynamodb.tables.get(table, {})
        return {
            key: {name: value["S"] for name, value in item.items()} for key, item in content.items()
        }


def _key(item: Mapping[str, dict[str, str]]) -> Key:
    return item["partition_key"]["S"], item["sort_key"]["S"]


def _check_size(item: Wire) -> None:
    size = sum(len(name.encode()) + len(value["S"].encode()) for name, value in item.items())
    if size > ITEM_LIMIT:
        raise error("ValidationException")


def _holds(
    expression: str, item: Wire, names: Mapping[str, str], values: Mapping[str, dict[str, str]]
) -> bool:
    """Whether an item meets a condition: terms joined by OR, or by AND."""
    if " OR " in expression:
        return any(_holds(part, item, names, values) for part in expression.split(" OR "))
    return all(_term(part, item, names, values) for part in expression.split(" AND "))


def _term(
    text: str, item: Wire, names: Mapping[str, str], values: Mapping[str, dict[str, str]]
) -> bool:
    match = _TERM.fullmatch(text)
    if match is None:
        raise error("ValidationException")
    function, argument, name, operator, value = match.groups()
    if function:
        return (names.get(argument, argument) in item) is (function == "attribute_exists")
    held = item.get(names.get(name, name))
    wanted = values[value]
    if operator == "=":
        return held == wanted
    if operator == "<>":
        return held != wanted
    return held is not None and held["S"] < wanted["S"]
