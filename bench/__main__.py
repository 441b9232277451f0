"""Runs the measurements and prints one table: what, measured, goal, met or not.

All of them, or those that are named; docs/benchmarks.md gets the tables of a run of all, and with
`--write` of any.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from bench.cost import cost
from bench.data_views import data_views
from bench.filtering import filtering
from bench.first_page import first_page
from bench.growth import growth
from bench.handling import handling
from bench.holding import holding
from bench.loading import loading
from bench.loop import long_run, loop
from bench.measurement import Measurement
from bench.million import million
from bench.page_switch import page_switch
from bench.prediction import prediction
from bench.report import write_section
from bench.sessions import sessions
from bench.starting import starting
from bench.training import training
from bench.writing import writing

MEASUREMENTS: dict[str, Callable[[], Iterator[Measurement]]] = {
    "train": training,
    "predict": prediction,
    "write": writing,
    "handle": handling,
    "filter": filtering,
    "start": starting,
    "memory": holding,
    "load": loading,
    "cost": cost,
    "growth": growth,
    "loop": loop,
    "long-run": long_run,
    "first-page": first_page,
    "data-views": data_views,
    "million": million,
    "page-switch": page_switch,
    "sessions": sessions,
}
WRITE = "--write"


def main(arguments: list[str]) -> int:
    """Run the chosen measurements, all by default; 1 when a goal is missed, 2 for a wrong name."""
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
    """What a part measures: the first line of its docstring."""
    return (part.__doc__ or "").partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
