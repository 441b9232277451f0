"""What a run costs on AWS, estimated from what its records are: list prices, no free tier.

The prices are those that AWS publishes on the pages in `SOURCES`; how long the function works on
a record, and how many records it gets at once, are assumptions.

Reading the stream is free for a Lambda trigger. A candidate is written in a transaction, which
takes two units where a plain write takes one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aws.score_table import item_size
from iris_core.records.attributes import Item

REGION = "us-east-1"
AS_OF = "November 2026"
SOURCES = (
    "https://aws.amazon.com/dynamodb/pricing/on-demand/",
    "https://aws.amazon.com/lambda/pricing/",
    "https://aws.amazon.com/cloudwatch/pricing/",
)

WRITE_UNIT = 0.625e-6
"""Dollars, as all prices here; for each started KB of an item."""
READ_UNIT = 0.125e-6
"""For each 4 KB that a consistent Query reads."""
STORED_GB = 0.25
"""A month; each item counts 100 bytes more than it has."""
INVOCATION = 0.2e-6
GB_SECOND = 16.6667e-6
LOGGED_GB = 0.5

KILOBYTE = 1024
READ_BYTES = 4 * KILOBYTE
ITEM_OVERHEAD = 100
ADDED_BYTES = 90
"""What the function adds to a candidate: reason, threshold and sequence number with their names."""
TRANSACTION = 2
"""Units of a transactional write for one of a plain write."""
FUNCTION_GB = 0.25
FUNCTION_SECONDS = 0.002
"""A record's, assumed; a batch of 1,000 then takes two seconds."""
BATCH = 500
"""Records an invocation, assumed: between a full batch and what a second brings."""
LOGGED_BYTES = 400
"""An invocation's."""

TYPICAL_BYTES = 900
"""An item of the extended iris data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the records of a run are on average."""

    item_bytes: float = TYPICAL_BYTES
    write_units: float = 1.0
    """A record's: one for each started KB."""
    candidate_units: float = 1.0
    """The same of a candidate, before it is doubled for the transaction."""
    candidates: float = 0.1
    """Share of the records that are copied, 0…1."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of the bill: how many units a record takes, and dollars a record."""

    what: str
    unit: str
    units: float
    dollars: float


def write_units(size: int) -> int:
    """Units that writing an item of `size` bytes takes: one for each started KB, one at least."""
    return max(1, -(-size // KILOBYTE))


def usage_of(items: Sequence[Item], *, candidates: float) -> Usage:
    """The usage that some stored score items stand for; that of typical ones without any."""
    if not items:
        return Usage(candidates=candidates)
    sizes = [item_size(item) for item in items]
    count = len(sizes)
    return Usage(
        item_bytes=sum(sizes) / count,
        write_units=sum(map(write_units, sizes)) / count,
        candidate_units=sum(write_units(size + ADDED_BYTES) for size in sizes) / count,
        candidates=candidates,
    )


def charges(usage: Usage) -> tuple[Charge, ...]:
    """What a record costs, line by line: written, copied, read back once to reconcile."""
    copied = usage.candidates * usage.candidate_units * TRANSACTION
    both = usage.item_bytes + usage.candidates * (usage.item_bytes + ADDED_BYTES)
    read = both / READ_BYTES
    compute = FUNCTION_GB * FUNCTION_SECONDS
    logged = LOGGED_BYTES / BATCH / 1e9
    return (
        Charge("Score table, writing", "write units", usage.write_units,
               usage.write_units * WRITE_UNIT),
        Charge("Retrain table, copying", "write units", copied, copied * WRITE_UNIT),
        Charge("Reviewing every candidate", "write units",
               usage.candidates * usage.candidate_units,
               usage.candidates * usage.candidate_units * WRITE_UNIT),
        Charge("Both tables, reconciling once", "read units", read, read * READ_UNIT),
        Charge("Stream, read by the trigger", "reads", 1.0, 0.0),
        Charge("Lambda, invocations", "calls", 1 / BATCH, INVOCATION / BATCH),
        Charge("Lambda, time", "GB-seconds", compute, compute * GB_SECOND),
        Charge("Log", "GB", logged, logged * LOGGED_GB),
    )  # fmt: skip


def total(lines: Sequence[Charge]) -> float:
    """Dollars a record."""
    return sum(line.dollars for line in lines)


def stored_month(usage: Usage) -> float:
    """Dollars that keeping a record, and its candidate, costs a month."""
    item = usage.item_bytes + ITEM_OVERHEAD
    candidate = usage.candidates * (item + ADDED_BYTES)
    return (item + candidate) / 1e9 * STORED_GB
