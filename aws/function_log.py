"""The batches in the function's log, a line of JSON each, added up."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aws.function import LogLine


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that the function could not evaluate.

    Attributes:
        at: when it was logged, UTC.
        key: as the function logged it.
        why: the reason, as the function logged it.
    """

    at: datetime
    key: str
    why: str


@dataclass(frozen=True, slots=True)
class LogSummary:
    """The batches of some log lines.

    Attributes:
        batches: number of them.
        counts: number of records by outcome, by the names in the log line.
        refused: records that the function could not evaluate.
        others: number of lines that are no batch: Lambda's own, and errors.
        by_run: number of records that the function received, by their run's id.
    """

    batches: int
    counts: Mapping[str, int]
    refused: tuple[Refusal, ...]
    others: int
    by_run: Mapping[str, int]


def summarise(lines: Iterable[LogLine]) -> LogSummary:
    """Add up the batches among log lines."""
    counts: Counter[str] = Counter()
    by_run: Counter[str] = Counter()
    refused: list[Refusal] = []
    batches = others = 0
    for line in lines:
        batch = _batch(line.text)
        if batch is None:
            others += 1
            continue
        batches += 1
        counts.update(_integers(batch))
        by_run.update(_integers(batch.get("runs")))
        refused += _refusals(line.at, batch.get("refused"))
    return LogSummary(batches, dict(counts), tuple(refused), others, dict(by_run))


def _batch(text: str) -> dict[str, Any] | None:
    """Return the JSON object that the function logs for a batch, None for any other line."""
    if not text.startswith("{"):
        return None
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) and "received" in content else None


def _integers(content: object) -> dict[str, int]:
    """Return the entries of a JSON object that are integers."""
    entries = content if isinstance(content, dict) else {}
    return {
        name: value
        for name, value in entries.items()
        if isinstance(value, int) and not isinstance(value, bool)
    }


def _refusals(at: datetime, content: object) -> list[Refusal]:
    """Return the refused records of a batch, as far as they are written as the function does."""
    entries = content if isinstance(content, list) else []
    return [
        Refusal(at, str(entry.get("key", "")), str(entry.get("why", "")))
        for entry in entries
        if isinstance(entry, dict)
    ]
