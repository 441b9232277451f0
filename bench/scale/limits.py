"""What AWS documents, and what is assumed where it documents nothing."""

from __future__ import annotations

from aws.prices import FUNCTION_GB, FUNCTION_SECONDS

RECORDS_A_DAY = 10**8
WRITERS = 50
CANDIDATES = 0.05
"""Share of the records that are copied, assumed."""

# Documented; docs/scale.md has the pages.
PARTITION_UNITS = 1_000
"""Write units that a partition, and so a partition key, takes a second."""
PARTITION_GB = 10
NEW_TABLE_UNITS = 4_000
"""Write units a second that a new on-demand table takes at once."""
TABLE_UNITS = 40_000
"""Write units a second of an on-demand table, by default; more on request."""
DOUBLING_SECONDS = 1_800
"""Twice the former peak is taken within this time."""
STREAM_HOURS = 24
POLL_SECONDS = 0.25
"""Lambda asks each shard four times a second."""
CONCURRENT_CALLS = 1_000
"""Of an account's functions, by default."""
MOST_PARALLEL = 10
"""Batches of one shard that a mapping may hand over at once."""
FULL_CORE_GB = 1.769
"""Memory at which a function has one processor."""
IMPORT_GB_DOLLARS = 0.15

# Assumed.
WRITER_RATE = 6_000
"""Records a second of one writer with eight connections, as measured at 8 ms."""
CALL_SECONDS = 0.05
"""Of an invocation beside its records: hand-over, and one transaction a hundred candidates."""
JUDGED_SECONDS = 9e-6 / (FUNCTION_GB / FULL_CORE_GB)
"""Of a record in the function: as measured on a whole core, at the share that it is given."""
CAREFUL_SECONDS = FUNCTION_SECONDS
"""The same as the dashboard's bill assumes it, for a slower function."""
