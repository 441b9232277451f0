"""Whether an answer came whole: to botocore a body that was cut off, or lost, is an empty one."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.model import OperationModel

ALWAYS_THERE: Mapping[str, tuple[str, ...]] = {
    "BatchGetItem": ("Responses", "UnprocessedKeys"),
    "BatchWriteItem": ("UnprocessedItems",),
    "DescribeContinuousBackups": ("ContinuousBackupsDescription",),
    "DescribeTable": ("Table",),
    "FilterLogEvents": ("events",),
    "GetFunctionConfiguration": ("FunctionName",),
    "GetQueueAttributes": ("Attributes",),
    "GetQueueUrl": ("QueueUrl",),
    "ListEventSourceMappings": ("EventSourceMappings",),
    "ListTables": ("TableNames",),
    "Query": ("Count", "Items"),
    "Scan": ("Count", "Items"),
    "UpdateContinuousBackups": ("ContinuousBackupsDescription",),
    "UpdateFunctionConfiguration": ("FunctionName",),
    "UpdateTable": ("TableDescription",),
}
"""Members that the answer to an operation always has, be they empty."""

_CHECKSUM = "x-amz-crc32"
_ERROR, _SERVER_ERROR = 300, 500


def is_whole(operation: Any, http: Any, parsed: Mapping[str, Any], *, counts_only: bool) -> bool:
    """Return whether an answer has all that was sent, as far as that can be known.

    Args:
        operation: botocore's model of the operation.
        http: the answer as it came.
        parsed: what botocore made of it.
        counts_only: whether the request asks for the number of items, without the items.
    """
    if http.status_code >= _SERVER_ERROR:
        return True  # an error either way
    is_of_dynamodb = operation.service_model.service_name == "dynamodb"
    if is_of_dynamodb and not _has_its_checksum(http):
        return False
    if http.status_code >= _ERROR:
        # Where the body names no code, botocore takes the status for it.
        return not (is_of_dynamodb and str(parsed.get("Error", {}).get("Code", "")).isdigit())
    needed = ALWAYS_THERE.get(operation.name, ())
    if any(name not in parsed for name in needed if not (counts_only and name == "Items")):
        return False
    is_empty = parsed.keys() <= {"ResponseMetadata"}
    return not (is_of_dynamodb and is_empty) or _is_json_object(http.content)


def blank_if_unreadable(
    operation_model: OperationModel, response_dict: dict[str, Any], **_call: Any
) -> None:
    """Empty a body that botocore cannot parse without an error that is none of its own.

    It was cut off within a character, or is no object in a protocol where all answers are.
    """
    body = response_dict.get("body")
    if not isinstance(body, bytes) or not _uses_json(operation_model):
        return
    try:
        body.decode()
    except UnicodeDecodeError:
        response_dict["body"] = b""
    else:
        if not body.lstrip().startswith(b"{"):
            response_dict["body"] = b""


def _uses_json(operation_model: OperationModel) -> bool:
    return operation_model.service_model.resolved_protocol in ("json", "rest-json")


def _has_its_checksum(http: Any) -> bool:
    """Return whether an answer's checksum, if it has one, is that of its body."""
    stated = http.headers.get(_CHECKSUM)
    return stated is None or stated == str(zlib.crc32(http.content))


def _is_json_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False
