"""The entries of a history: runs, each followed by its candidates, checked key by key.

{"kind": "run", "id": …}                what is kept of a run, see `Run`
{"kind": "candidate", "sort_key": …}    a candidate as it is stored, its verdict included
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any, Final, get_args

from aws.errors import SettingsError
from aws.function import check_threshold
from aws.history_items import CARRIED
from iris_core.errors import DataError, OptionError
from iris_core.records.attributes import (
    KEYS,
    OPINIONS,
    PARTITION_KEY,
    REQUIRED,
    SORT_KEY,
    VERDICT,
    VERSION,
    Item,
)
from iris_core.records.keys import Key, check_run_id, key_of
from iris_core.records.run import Run
from iris_core.records.verdict import UNDECIDED, Decision

Entry = Run | Item
"""A run, or a candidate of the run before it."""
KIND, RUN, CANDIDATE = "kind", "run", "candidate"
RUN_FIELDS: Final = tuple(field.name for field in fields(Run))
MAX_ROWS = 1_000_000_000
"""Rows of a run: a key has nine digits for one."""
MAX_DAYS = 9_999
"""Days for which records are kept."""

_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "str": (str,),
    "RunState": (str,),
    "int": (int,),
    "float | None": (float, int, type(None)),
    "RunMetrics": (dict,),
}
"""What a field of a run may be in JSON, by its annotation."""
_TYPES_OF: Final = {field.name: _TYPES[str(field.type)] for field in fields(Run)}
TEXTS: Final = frozenset(name for name, types in _TYPES_OF.items() if types == (str,))
"""The fields of a run that are text."""
_NEEDED: Final = ("id", "model", "dataset", "dataset_name", "rows", "threshold", "state")
_DECISIONS: Final = (*get_args(Decision), UNDECIDED)
_VERSION = re.compile(r"\d{1,9}", re.ASCII)


def plain_entry(entry: Entry) -> dict[str, Any]:
    """Return an entry as plain values, fit for JSON."""
    if isinstance(entry, Run):
        return {KIND: RUN, **entry.to_dict()}
    return {KIND: CANDIDATE, **entry}


def checked(entries: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[Entry]:
    """Yield the entries of a file, each checked.

    Args:
        entries: where each is, such as `runs.jsonl, line 3`, and its plain values.

    Raises:
        DataError: a key or a value is none of this version, a candidate does not follow its run in
            test order, or a run comes twice.
    """
    run: Run | None = None
    before: Key | None = None
    known: set[str] = set()
    for place, values in entries:
        kind = values.get(KIND)
        if kind == RUN:
            run, before = _run(place, values), None
            if run.id in known:
                raise _error(place, "id", "each run once", run.id)
            known.add(run.id)
            yield run
        elif kind == CANDIDATE:
            item = _candidate(place, values, run)
            key = Key.from_item(item)
            if before is not None and key <= before:
                raise _error(place, SORT_KEY, f"one behind {before.sort_key}", key.sort_key)
            before = key
            yield item
        else:
            raise _error(place, KIND, f"{RUN!r} or {CANDIDATE!r}", kind)


def _run(place: str, values: Mapping[str, Any]) -> Run:
    """Return a run; raise `DataError` unless this version keeps all of it."""
    _check_keys(place, values, RUN_FIELDS, _NEEDED)
    stored = {name: value for name, value in values.items() if name != KIND}
    for name, value in stored.items():
        allowed = _TYPES_OF[name]
        if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
            expected = " or ".join(one.__name__ for one in allowed)
            raise _error(place, name, expected, value)
    for name, most in (("rows", MAX_ROWS), ("record_days", MAX_DAYS)):
        if not 0 <= stored.get(name, 0) <= most:
            raise _error(place, name, f"a number from 0 to {most:,}", stored[name])
    try:
        check_run_id(stored["id"])
        check_threshold(stored["threshold"])
        run = Run.from_dict(stored)
    except (OptionError, SettingsError, ValueError) as error:
        raise DataError(f"{place}: {error}") from error
    kept = run.metrics.to_dict()
    for name, value in stored.get("metrics", {}).items():
        if json.dumps(kept.get(name)) != json.dumps(value):
            raise _error(place, f"metrics.{name}", "what this version keeps of a run", value)
    return run


def _candidate(place: str, values: Mapping[str, Any], run: Run | None) -> Item:
    """Return a candidate; raise `DataError` unless this version stores all of it."""
    _check_keys(place, values, CARRIED, (*KEYS, *REQUIRED))
    item = {name: values[name] for name in CARRIED if name in values}
    for name, value in item.items():
        if not isinstance(value, str):
            raise _error(place, name, "a text", value)
    if run is None:
        raise _error(place, PARTITION_KEY, "its run in an earlier line", item[PARTITION_KEY])
    row = item[SORT_KEY]
    is_row = row.isascii() and row.isdecimal() and int(row) < run.rows
    if not is_row or key_of(run.id, int(row)) != Key.from_item(item):
        expected = f"a row of the run {run.id} before it, which has {run.rows:,}"
        raise _error(place, SORT_KEY, expected, "/".join(Key.from_item(item)))
    if item.get(VERDICT, UNDECIDED) not in _DECISIONS:
        raise _error(place, VERDICT, f"one of {', '.join(_DECISIONS)}", item[VERDICT])
    if not _VERSION.fullmatch(item.get(VERSION, "0")):
        raise _error(place, VERSION, "a number", item[VERSION])
    if OPINIONS in item and not _is_object(item[OPINIONS]):
        raise _error(place, OPINIONS, "a JSON object", item[OPINIONS])
    return item


def _check_keys(
    place: str, values: Mapping[str, Any], known: Iterable[str], needed: Iterable[str]
) -> None:
    """Raise `DataError` for a key that this version does not know, or that is missing."""
    names = {KIND, *known}
    for name in values:
        if name not in names:
            raise DataError(
                f"{place}, key {name[:80]!r}: expected one that this version knows. Import the "
                "file with the version of Iris Loop that wrote it."
            )
    for name in needed:
        if name not in values:
            raise _error(place, name, "a value", None)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _error(place: str, key: str, expected: str, received: object) -> DataError:
    """Return the error for a value that does not fit."""
    text = "nothing" if received is None else f"{received!r:.80}"
    return DataError(f"{place}, key {key!r}: expected {expected}, received {text}.")
