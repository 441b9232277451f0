"""Inject every fault into run after run, and print a table.

    python -m tests.faults [--runs N] [--rows N] [FAULT …]

By default 100 runs or more of 10,000 records, equally many of each fault; a FAULT is a part of a
name. Unless one is named, faults of files, disks and processes follow. The exit status is 1 when
anything was lost, doubled or changed, or when a fault was never injected.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.faults import report, report_rows
from tests.faults.cloud_workspace import CloudTestBed, cloud_test_bed
from tests.faults.run_outcome import Outcome, Scenario
from tests.faults.scenarios import SCENARIOS

HEADER = (
    f"{'fault':<32} {'runs':>5} {'injected':>9} {'lost':>5} {'doubled':>8} "
    f"{'verdicts changed':>17} {'seconds to recover':>19}"
)


def line(name: str, outcomes: Sequence[Outcome]) -> str:
    """Return a line of the table: sums over the runs, and the slowest recovery."""
    return (
        f"{name:<32} {len(outcomes):>5} {sum(one.injected for one in outcomes):>9,} "
        f"{sum(one.lost for one in outcomes):>5} {sum(one.doubled for one in outcomes):>8} "
        f"{sum(one.verdicts_changed for one in outcomes):>17} "
        f"{max((one.seconds for one in outcomes), default=0):>19.1f}"
    )


def run_scenarios(bed: CloudTestBed, scenarios: Mapping[str, Scenario], rounds: int) -> int:
    """Run each scenario so often, and print its line when it is complete.

    Returns:
        the number of records, verdicts and scenarios that are wrong.
    """
    outcomes = []
    for name, scenario in scenarios.items():
        of_scenario = [scenario(bed, seed) for seed in range(rounds)]
        problems = [outcome.problems for outcome in of_scenario if outcome.problems]
        print(line(name, of_scenario), *problems, sep="\n", flush=True)
        outcomes += of_scenario
    print(line("all", outcomes))
    return sum(
        one.lost + one.doubled + one.verdicts_changed + (not one.injected) for one in outcomes
    )


def main(arguments: list[str]) -> int:
    """Print the tables.

    Returns:
        0, 1 when something is wrong, or 2 for an unknown fault.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=100, help="in total, at least")
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
    # Settings of the person who runs this must not change the outcome.
    for variable in [name for name in os.environ if name.startswith(("AWS_", "IRIS_"))]:
        del os.environ[variable]
    print(HEADER, flush=True)
    with (
        tempfile.TemporaryDirectory() as home,
        cloud_test_bed(Path(home), options.rows) as bed,
    ):
        wrong = run_scenarios(bed, chosen, rounds)
    if not options.faults:
        wrong += print_rows(report.table())
    return 1 if wrong else 0


def print_rows(table: Iterable[report_rows.Row]) -> int:
    """Print each row as soon as it is complete, and return how much is wrong."""
    print(f"\n{report_rows.HEADER}", flush=True)
    wrong = 0
    for row in table:
        print(row, flush=True)
        wrong += row.wrong
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
