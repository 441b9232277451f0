"""Runs the measurements and prints one table: what, measured, goal, met or not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from bench.data_views import data_views
from bench.first_page import first_page
from bench.loop import item_sizes, long_run, loop
from bench.measurement import Measurement
from bench.million import million
from bench.page_switch import page_switch
from bench.sessions import sessions

MEASUREMENTS: dict[str, Callable[[], Iterator[Measurement]]] = {
    "loop": loop,
    "items": item_sizes,
    "long-run": long_run,
    "first-page": first_page,
    "data-views": data_views,
    "million": million,
    "page-switch": page_switch,
    "sessions": sessions,
}


def main(chosen: list[str]) -> int:
    """Run the chosen measurements, all by default; 1 when a goal is missed, 2 for a wrong name."""
    unknown = sorted(set(chosen) - set(MEASUREMENTS))
    if unknown:
        print(f"Expected some of {', '.join(MEASUREMENTS)}; received {', '.join(unknown)}.")
        return 2
    missed = 0
    for name in chosen or MEASUREMENTS:
        for measurement in MEASUREMENTS[name]():
            print(measurement, flush=True)
            missed += not measurement.met
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
