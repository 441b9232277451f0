"""Run the measurements and print one table: what, measured, goal, met or not.

    python -m bench [--write] [NAME …]

All of them run, or those that are named. A run of all writes its tables to docs/benchmarks.md; with
`--write` so does a run of some.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from bench.cost import cost
from bench.data_views import data_views
from bench.explanation import explanation
from bench.filtering import filtering
from bench.first_loop import first_loop
from bench.first_page import first_page
from bench.growth import growth
from bench.handling import handling
from bench.loading import loading
from bench.loop import long_run, loop
from bench.loop_quality.stage import loop_quality
from bench.measurement import Measurement
from bench.memory_footprint import memory_footprint
from bench.million import million
from bench.next_record import next_record
from bench.page_switch import page_switch
from bench.prediction import prediction
from bench.report import write_section
from bench.review_quality.stage import review_quality
from bench.sessions import sessions
from bench.small_host import small_host
from bench.starting import starting
from bench.tables.stage import tables
from bench.training import training
from bench.writing import writing

MEASUREMENTS: dict[str, Callable[[], Iterator[Measurement]]] = {
    "train": training,
    "predict": prediction,
    "explain": explanation,
    "write": writing,
    "handle": handling,
    "filter": filtering,
    "start": starting,
    "memory": memory_footprint,
    "small-host": small_host,
    "load": loading,
    "cost": cost,
    "growth": growth,
    "loop": loop,
    "long-run": long_run,
    "loop-quality": loop_quality,
    "review-quality": review_quality,
    "first-page": first_page,
    "first-loop": first_loop,
    "data-views": data_views,
    "million": million,
    "page-switch": page_switch,
    "next-record": next_record,
    "sessions": sessions,
    "tables": tables,
}
WRITE = "--write"


def main(arguments: list[str]) -> int:
    """Run the chosen measurements, all by default.

    Returns:
        0, 1 when a goal is missed, or 2 for an unknown name.
    """
    chosen = [name for name in arguments if name != WRITE]
    unknown = sorted(set(chosen) - set(MEASUREMENTS))
    if unknown:
        print(f"Expected some of {', '.join(MEASUREMENTS)}; received {', '.join(unknown)}.")
        return 2
    missed = 0
    for name in chosen or MEASUREMENTS:
        measured = []
        for measurement in MEASUREMENTS[name]():
            print(measurement, flush=True)
            measured.append(measurement)
            missed += not measurement.met
        if WRITE in arguments or not chosen:
            write_section(name, _title(MEASUREMENTS[name]), measured)
    return 1 if missed else 0


def _title(part: Callable[[], Iterator[Measurement]]) -> str:
    """Return what a part measures: the first line of its docstring."""
    return (part.__doc__ or "").partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
