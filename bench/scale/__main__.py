"""Print the tables of docs/scale.md: `python -m bench.scale`."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import chain

from aws.prices import charges, stored_month, total, usage_of, write_units
from aws.score_table import item_size
from bench.samples import score_records
from bench.scale.heat import BATCH, Stream, Writer, simulate
from bench.scale.limits import (
    ASSUMED_SECONDS,
    CANDIDATES,
    IMPORT_GB_DOLLARS,
    MEASURED_SECONDS,
    MOST_PARALLEL,
    NEW_TABLE_UNITS,
    PARTITION_GB,
    RECORDS_A_DAY,
    TABLE_UNITS,
    WRITER_RATE,
    WRITERS,
)
from iris_core.records.keys import PARTITION_ROWS, key_of

DAY, HOUR = 86_400, 3_600
WORKING_HOURS = 8
EACH = RECORDS_A_DAY // WRITERS
SAMPLE = 1_200
"""Records whose size and bill represent all."""
GB = 1e9


def main() -> Iterator[str]:
    """Return the lines of both tables."""
    return chain(numbers(), [""], heat())


def run_id(number: int) -> str:
    """Return a run id as a writer would make it, the same in every simulation."""
    return f"20261122T000000.000000Z-{random.Random(number).getrandbits(64):016x}"


def evenly() -> list[Writer]:
    """Let everybody write all day long, of which this is an hour."""
    rate = -(-EACH // DAY)
    return [Writer(run_id(number), 0, rate, rate * HOUR) for number in range(WRITERS)]


def by_chance() -> list[Writer]:
    """Let everybody test once at full speed, at a random time of a working day."""
    starts = random.Random(1)
    return [
        Writer(run_id(number), starts.randrange(WORKING_HOURS * HOUR), WRITER_RATE, EACH)
        for number in range(WRITERS)
    ]


def at_once() -> list[Writer]:
    """Let everybody test at full speed, beginning in the same second."""
    return [Writer(run_id(number), 0, WRITER_RATE, EACH) for number in range(WRITERS)]


def numbers() -> Iterator[str]:
    """Return the table of a day's units and bill, by the default data's items and AWS's prices."""
    run = run_id(0)
    items = [
        record.to_item(key_of(run, record.row))
        for record in score_records(SAMPLE, candidates=CANDIDATES)
    ]
    usage = usage_of(items, candidates=CANDIDATES)
    size = sum(map(item_size, items)) / len(items)
    daily = RECORDS_A_DAY * size / GB
    keys = RECORDS_A_DAY // PARTITION_ROWS
    rows = {
        "records a second, over the whole day": f"{RECORDS_A_DAY / DAY:,.0f}",
        "bytes of an item": f"{size:,.0f}",
        "write units of a record": f"{max(write_units(item_size(item)) for item in items)}",
        "stored a day": f"{daily:,.0f} GB",
        "bill a day": f"${RECORDS_A_DAY * total(charges(usage)):,.0f}",
        **{
            f"of it: {line.what}": f"${RECORDS_A_DAY * line.dollars:,.2f}"
            for line in charges(usage)
            if line.dollars
        },
        "keeping a day's records for a month": f"${RECORDS_A_DAY * stored_month(usage):,.0f}",
        "partition keys a day": f"{keys:,}",
        "rows, and MB, of a partition key": (
            f"{PARTITION_ROWS:,}, {PARTITION_ROWS * size / 1e6:.1f}"
        ),
        "partitions that a day's records fill": f"{-(-daily // PARTITION_GB):.0f}",
        "invocations a day": f"{RECORDS_A_DAY / BATCH:,.0f}",
        "import of a day's records from S3": f"${daily * IMPORT_GB_DOLLARS:,.2f}",
    }
    yield "| what | number |"
    yield "|---|---|"
    for what, number in rows.items():
        yield f"| {what} | {number} |"


def heat() -> Iterator[str]:
    """Return the table of three ways to spread a day's records, on a new table and a warm one."""
    yield (
        "| a day's records | table ready for | written after | peak | hottest key | hottest "
        "partition | writers held up | longest standstill | partitions | lag, measured function | "
        "lag, 2 ms a record | the same, 10 batches a shard |"
    )
    yield f"|{'---|' * 12}"
    for name, make, warm in (
        ("evenly, all day (one hour of it)", evenly, NEW_TABLE_UNITS),
        (
            f"{WRITERS} runs at full speed, within {WORKING_HOURS} h",
            by_chance,
            NEW_TABLE_UNITS,
        ),
        ("the same", by_chance, TABLE_UNITS),
        (f"{WRITERS} runs at full speed, in the same second", at_once, NEW_TABLE_UNITS),
        ("the same", at_once, TABLE_UNITS),
    ):
        yield _heat_line(name, make, warm)


def _heat_line(name: str, make: Callable[[], list[Writer]], warm: int) -> str:
    """Return a line of the table of heat."""
    streams = [
        Stream(MEASURED_SECONDS),
        Stream(ASSUMED_SECONDS),
        Stream(ASSUMED_SECONDS, parallel=MOST_PARALLEL),
    ]
    outcome = simulate(make(), warm=warm, streams=streams)
    cells = (
        name,
        f"{warm:,} a second",
        f"{outcome.seconds / 60:,.0f} min",
        f"{outcome.peak:,} a second",
        f"{outcome.hottest_key:,}",
        f"{outcome.hottest_partition:,}",
        f"{outcome.waited:.0%}",
        f"{outcome.stuck} s",
        f"{outcome.partitions}",
        *(f"{stream.lag:,.0f} s" for stream in streams),
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    for line in main():
        print(line)
