"""What counts as a whole answer, by the operation and by the checksum."""

from __future__ import annotations

import json
import zlib
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.parsers import create_parser
from hypothesis import given
from hypothesis import strategies as st

from aws.clients import connect_local
from aws.settings import Settings
from aws.whole_answers import ALWAYS_THERE, blank_if_unreadable, is_whole
from tests.faults.proxy import LOOPBACK
from tests.security.api_calls import calls_in_the_sources

BACKUPS = {"ContinuousBackupsStatus": "ENABLED"}
WHOLE: dict[str, dict[str, Any]] = {
    "BatchGetItem": {"Responses": {}, "UnprocessedKeys": {}},
    "BatchWriteItem": {"UnprocessedItems": {}},
    "DescribeContinuousBackups": {"ContinuousBackupsDescription": BACKUPS},
    "DescribeTable": {"Table": {"TableName": "t"}},
    "GetItem": {"Item": {"partition_key": {"S": "a"}}},
    "ListTables": {"TableNames": []},
    "PutItem": {},
    "Query": {"Items": [{"partition_key": {"S": "ü"}}], "Count": 1, "ScannedCount": 1},
    "Scan": {"Items": [], "Count": 0, "ScannedCount": 0},
    "UpdateContinuousBackups": {"ContinuousBackupsDescription": BACKUPS},
    "UpdateItem": {},
    "UpdateTable": {"TableDescription": {"TableName": "t"}},
}


def model(operation: str) -> Any:
    cloud = connect_local(Settings(), f"http://{LOOPBACK}:9")
    return cloud.dynamodb.meta.service_model.operation_model(operation)


MODELS = {operation: model(operation) for operation in WHOLE}


def seen(operation: str, body: bytes, *, checksum: bytes | None = None, status: int = 200) -> bool:
    """Whether a body counts as whole, as botocore parses it."""
    headers = {} if checksum is None else {"x-amz-crc32": str(zlib.crc32(checksum))}
    http = SimpleNamespace(status_code=status, headers=headers, content=body)
    response: dict[str, Any] = {"status_code": status, "headers": headers, "body": body}
    blank_if_unreadable(MODELS[operation], response)
    parser = create_parser("json")
    parsed = parser.parse(response, MODELS[operation].output_shape)
    return is_whole(MODELS[operation], http, parsed, counts_only=False)


@pytest.mark.parametrize("operation", WHOLE)
@pytest.mark.parametrize("has_checksum", [True, False])
def test_of_each_answer_only_the_whole_one_is_whole(operation: str, has_checksum: bool) -> None:
    body = json.dumps(WHOLE[operation], ensure_ascii=False).encode()
    checksum = body if has_checksum else None
    assert seen(operation, body, checksum=checksum)
    for length in range(len(body)):
        assert not seen(operation, body[:length], checksum=checksum), body[:length]


def test_item_that_is_not_there_is_a_whole_answer() -> None:
    assert seen("GetItem", b"{}")
    assert seen("GetItem", b"{}", checksum=b"{}")


@pytest.mark.parametrize("operation", [name for name in WHOLE if name in ALWAYS_THERE])
def test_answer_without_what_its_operation_always_has_is_not_whole(operation: str) -> None:
    assert not seen(operation, b"{}")
    for name in ALWAYS_THERE[operation]:
        lacking = {key: part for key, part in WHOLE[operation].items() if key != name}
        assert not seen(operation, json.dumps(lacking).encode())


@given(st.binary(max_size=40) | st.sampled_from([b'""', b"[]", b" null", b"1", b"<html>"]))
def test_body_that_was_changed_does_not_have_its_checksum(body: bytes) -> None:
    whole = json.dumps(WHOLE["Query"]).encode()
    assert seen("Query", body, checksum=whole) == (body == whole)


def test_query_that_counts_has_no_items() -> None:
    body = b'{"Count": 3, "ScannedCount": 4}'
    http = SimpleNamespace(status_code=200, headers={}, content=body)
    parsed = {"Count": 3, "ScannedCount": 4, "ResponseMetadata": {}}
    assert is_whole(MODELS["Query"], http, parsed, counts_only=True)
    assert not is_whole(MODELS["Query"], http, parsed, counts_only=False)


@pytest.mark.parametrize(
    ("status", "body", "whole"),
    [
        (400, b'{"__type": "x#ThrottlingException", "message": "slow"}', True),
        (400, b'{"__type": "x#Throttl', False),
        (400, b"", False),
        (503, b"", True),
    ],
)
def test_error_without_its_code_is_not_whole_unless_it_is_one_anyhow(
    status: int, body: bytes, whole: bool
) -> None:
    assert seen("Query", body, status=status) is whole


def test_every_operation_of_dynamodb_that_is_called_has_been_thought_of() -> None:
    called = {call.partition(":")[2] for call in calls_in_the_sources() if "dynamodb:" in call}
    assert called <= WHOLE.keys()
