"""The estimated cost of a run on AWS, by the sizes of its records: list prices, no free tier.

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
"""Dollars, as all prices here, for each started KB of an item."""
READ_UNIT = 0.125e-6
"""Dollars for each 4 KB that a consistent Query reads."""
STORED_GB = 0.25
"""Dollars a month; each item counts `ITEM_OVERHEAD` bytes more than it has."""
INVOCATION = 0.2e-6
GB_SECOND = 16.6667e-6
LOGGED_GB = 0.5
METRIC_HOUR = 0.3 / 730
"""For each hour in which a metric is written: a month has 730."""

KILOBYTE = 1024
READ_BYTES = 4 * KILOBYTE
ITEM_OVERHEAD = 100
ADDED_BYTES = 90
"""Size of the attributes that the function adds to a candidate, names included."""
TRANSACTION = 2
"""Units that a transactional write takes for one of a plain write."""
FUNCTION_GB = 0.25
FUNCTION_SECONDS = 0.002
"""Time that a record takes, assumed; a batch of 1,000 then takes two seconds."""
BATCH = 500
"""Records of an invocation, assumed: between a full batch and those of one second."""
LOGGED_BYTES = 1_000
"""Size of the log lines of an invocation, assumed; half of it makes metrics of the counts."""

DEFAULT_ITEM_BYTES = 900
"""Size of an item of the extended iris data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The average record of a run.

    Attributes:
        item_bytes: size of its item.
        write_units: units to write it, one for each started KB.
        candidate_units: units to write it as a candidate, before the transaction doubles them.
        candidates: share of the records that are copied, 0 to 1.
    """

    item_bytes: float = DEFAULT_ITEM_BYTES
    write_units: float = 1.0
    candidate_units: float = 1.0
    candidates: float = 0.1


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of the bill.

    Attributes:
        what: the service that is charged.
        unit: name of its unit.
        units: number of them that a record takes.
        dollars: cost of a record.
    """

    what: str
    unit: str
    units: float
    dollars: float


def write_units(size: int) -> int:
    """Return the units to write an item of `size` bytes: one for each started KB, at least one."""
    return max(1, -(-size // KILOBYTE))


def usage_of(items: Sequence[Item], *, candidates: float) -> Usage:
    """Return the usage of a run, estimated from some of its score items.

    Args:
        items: a sample of the stored items; without any, those of the extended iris data count.
        candidates: share of the records that are copied, 0 to 1.
    """
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
    """Return the cost of a record, line by line: written, copied, reviewed, reconciled once."""
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
    """Return the dollars that a record costs."""
    return sum(line.dollars for line in lines)


def stored_month(usage: Usage) -> float:
    """Return the dollars a month to keep a record, and its share of a candidate."""
    item = usage.item_bytes + ITEM_OVERHEAD
    candidate = usage.candidates * (item + ADDED_BYTES)
    return (item + candidate) / 1e9 * STORED_GB
