"""Strikes run after run with every fault and prints a table.

    python -m tests.faults [--runs N] [--rows N] [FAULT …]

By default 100 runs or more of 10,000 records, as many of each fault; a FAULT is a part of a name.
Unless one is named, the workspace's files are harmed too. Status 1 when anything was lost, doubled
or changed, or when a fault did not strike.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.faults import files, rows
from tests.faults.cloud_workspace import CloudTrial, cloud_trial
from tests.faults.scenarios import SCENARIOS, Outcome, Scenario

HEADER = (
    f"{'fault':<32} {'runs':>5} {'injected':>9} {'lost':>5} {'doubled':>8} "
    f"{'verdicts changed':>17} {'seconds to recover':>19}"
)


def line(name: str, outcomes: Sequence[Outcome]) -> str:
    """A line of the table: sums over the runs, and the slowest recovery."""
    return (
        f"{name:<32} {len(outcomes):>5} {sum(one.injected for one in outcomes):>9,} "
        f"{sum(one.lost for one in outcomes):>5} {sum(one.doubled for one in outcomes):>8} "
        f"{sum(one.verdicts_changed for one in outcomes):>17} "
        f"{max((one.seconds for one in outcomes), default=0):>19.1f}"
    )


def strike(made: CloudTrial, scenarios: Mapping[str, Scenario], rounds: int) -> int:
    """Run each scenario so often, print its line when it is through; returns what is wrong."""
    outcomes = []
    for name, scenario in scenarios.items():
        these = [scenario(made, seed) for seed in range(rounds)]
        print(line(name, these), *(one.found for one in these if one.found), sep="\n", flush=True)
        outcomes += these
    print(line("all", outcomes))
    return sum(
        one.lost + one.doubled + one.verdicts_changed + (not one.injected) for one in outcomes
    )


def main(arguments: list[str]) -> int:
    """Print the table; 0 when all is as it should be."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=100, help="of all faults together, at least")
    parser.add_argument("--rows", type=int, default=10_000, help="records of a run")
    parser.add_argument("faults", nargs="*", help="parts of names; all faults by default")
    options = parser.parse_args(arguments)
    chosen = {
        name: scenario
        for name, scenario in SCENARIOS.items()
        if not options.faults or any(part in name for part in options.faults)
    }
    if not chosen:
        print(f"Expected a part of one of: {', '.join(SCENARIOS)}.")
        return 2
    rounds = -(-options.runs // len(chosen))
    # What the person who runs this has set is neither wanted nor needed.
    for variable in [name for name in os.environ if name.startswith(("AWS_", "IRIS_"))]:
        del os.environ[variable]
    print(HEADER, flush=True)
    with (
        tempfile.TemporaryDirectory() as home,
        cloud_trial(Path(home), options.rows) as made,
    ):
        wrong = strike(made, chosen, rounds)
    if not options.faults:
        wrong += harm(files.table())
    return 1 if wrong else 0


def harm(table: Iterable[rows.Row]) -> int:
    """Print each row of a table of faults as soon as it is through; returns what is wrong."""
    print(f"\n{rows.HEADER}", flush=True)
    wrong = 0
    for row in table:
        print(row, flush=True)
        wrong += row.wrong
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
