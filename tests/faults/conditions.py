"""DynamoDB's condition expressions, as far as this project writes them, and its errors."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

Wire = dict[str, dict[str, str]]
"""An item as DynamoDB's API has it."""

_TERM = re.compile(r"(attribute_exists|attribute_not_exists)\((\S+)\)|(\S+) (=|<>|<) (:\w+)")


class ConditionalCheckFailedError(ClientError):
    """The item does not meet the condition."""


class TransactionCanceledError(ClientError):
    """One of a transaction's conditions does not hold: nothing was written."""


def error(code: str, kind: type[ClientError] = ClientError) -> ClientError:
    """Return the error that boto3 raises for an error of the service."""
    return kind({"Error": {"Code": code, "Message": code}}, "InMemory")


def cancelled(reasons: Sequence[str]) -> TransactionCanceledError:
    """Return the error of a transaction that was cancelled, with a reason, or `None`, an update."""
    answer: Any = {
        "Error": {"Code": "TransactionCanceledException", "Message": f"Cancelled: {reasons}"},
        "CancellationReasons": [{"Code": reason} for reason in reasons],
    }
    return TransactionCanceledError(answer, "TransactWriteItems")


def holds(
    expression: str, item: Wire, names: Mapping[str, str], values: Mapping[str, dict[str, str]]
) -> bool:
    """Return whether an item meets a condition: terms joined by OR, or by AND."""
    if " OR " in expression:
        return any(holds(part, item, names, values) for part in expression.split(" OR "))
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
    stored = item.get(names.get(name, name))
    expected = values[value]
    if operator == "=":
        return stored == expected
    if operator == "<>":
        return stored != expected
    return stored is not None and stored["S"] < expected["S"]
