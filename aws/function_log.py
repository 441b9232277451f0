"""What the function's log says: a line of JSON a batch, added up."""

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
    """A record that the function could not judge: its key as it was logged, and why."""

    at: datetime
    key: str
    why: str


@dataclass(frozen=True, slots=True)
class LogSummary:
    """The batches of some log lines: how many, the records by outcome, and what was refused.

    `others` counts the lines that are no batch: Lambda's own, and errors. `by_run` counts the
    records that were handed over by the run that they belong to.
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
        told = _batch(line.text)
        if told is None:
            others += 1
            continue
        batches += 1
        counts.update(_whole_numbers(told))
        by_run.update(_whole_numbers(told.get("runs")))
        refused += _refusals(line.at, told.get("refused"))
    return LogSummary(batches, dict(counts), tuple(refused), others, dict(by_run))


def _batch(text: str) -> dict[str, Any] | None:
    """What the function said of a batch; None for any other line."""
    if not text.startswith("{"):
        return None
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) and "received" in told else None


def _whole_numbers(told: object) -> dict[str, int]:
    entries = told if isinstance(told, dict) else {}
    return {
        name: value
        for name, value in entries.items()
        if isinstance(value, int) and not isinstance(value, bool)
    }


def _refusals(at: datetime, told: object) -> list[Refusal]:
    entries = told if isinstance(told, list) else []
    return [
        Refusal(at, str(entry.get("key", "")), str(entry.get("why", "")))
        for entry in entries
        if isinstance(entry, dict)
    ]
