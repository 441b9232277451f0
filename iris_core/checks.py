"""Checks on options and on the fields of stored cards, with messages of one form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Any

from iris_core.errors import OptionError, SchemaError

MAX_NAME = 100
MAX_SEED = 2**32 - 1


def check_whole(name: str, value: object, *, low: int, high: int) -> None:
    """Raise `OptionError` unless `value` is a whole number from `low` to `high`."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise OptionError(
            f"{name}: expected a whole number from {low} to {high}, received {value!r}."
        )


def check_seed(seed: object) -> None:
    """Raise `OptionError` unless `seed` is one that every generator here takes: 32 bits."""
    check_whole("seed", seed, low=0, high=MAX_SEED)


def check_number(name: str, value: object, *, low: float, high: float) -> None:
    """Raise `OptionError` unless `value` is a number from `low` to `high`."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not low <= value <= high:  # type: ignore[operator]
        raise OptionError(f"{name}: expected a number from {low} to {high}, received {value!r}.")


def check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Raise `OptionError` unless `value` is one of `choices`."""
    if value not in choices:
        raise OptionError(f"{name}: expected one of {', '.join(choices)}, received {value!r}.")


def check_name(name: object) -> None:
    """Raise `OptionError` unless `name` is 1 to 100 printable characters."""
    readable = isinstance(name, str) and name.isprintable() and name.strip() == name
    if not readable or not 1 <= len(str(name)) <= MAX_NAME:
        raise OptionError(
            f"name: expected 1 to {MAX_NAME} printable characters, received {str(name)[:120]!r}."
        )


def check_fields(data: Mapping[str, Any], kinds: Mapping[str, type | UnionType]) -> None:
    """Raise `SchemaError` unless `data` has these fields and no other, each of its kind."""
    if data.keys() != kinds.keys():
        raise SchemaError(f"expected the fields {', '.join(kinds)}, received {', '.join(data)}.")
    for name, kind in kinds.items():
        if not isinstance(data[name], kind):
            raise SchemaError(f"{name}: expected a {kind}, received {str(data[name])[:40]!r}.")
