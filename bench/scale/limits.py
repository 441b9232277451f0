"""The limits that AWS documents, and assumptions where it documents none."""

from __future__ import annotations

from aws.prices import FUNCTION_GB, FUNCTION_SECONDS

RECORDS_A_DAY = 10**8
WRITERS = 50
CANDIDATES = 0.05
"""Share of the records that are copied, assumed."""

# Documented; docs/scale.md has the sources.
PARTITION_UNITS = 1_000
"""Write units that a partition, and so a partition key, takes a second."""
PARTITION_GB = 10
NEW_TABLE_UNITS = 4_000
"""Write units a second that a new on-demand table takes at once."""
TABLE_UNITS = 40_000
"""Write units a second of an on-demand table, by default; more on request."""
DOUBLING_SECONDS = 1_800
"""Time within which a table is ready for twice its former peak."""
POLL_SECONDS = 0.25
"""Lambda polls each shard four times a second."""
MOST_PARALLEL = 10
"""Highest `ParallelizationFactor`: batches of one shard at once."""
FULL_CORE_GB = 1.769
"""Memory at which a function has one processor."""
IMPORT_GB_DOLLARS = 0.15

# Assumed.
WRITER_RATE = 6_000
"""Records a second of one writer with eight connections, as measured at 8 ms."""
CALL_SECONDS = 0.05
"""Overhead of an invocation: the call, and one transaction a hundred candidates."""
MEASURED_SECONDS = 9e-6 / (FUNCTION_GB / FULL_CORE_GB)
"""A record in the function: as measured on a whole core, scaled to its share of one."""
ASSUMED_SECONDS = FUNCTION_SECONDS
"""A record in a slower function, as the dashboard's bill assumes."""
