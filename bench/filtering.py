"""From stored to filtered on the local cloud: our function, and the handout's with its mapping."""

from __future__ import annotations

from collections.abc import Iterator

from bench.alternating_runs import Side, run_alternately
from bench.measurement import Measurement

FEW, MANY = 20_000, 100_000
ROUNDS = {FEW: 3, MANY: 1}
LIMIT = "half a second goes to the first call, which starts the function's process, for both alike"


def filtering() -> Iterator[Measurement]:
    """Filter records of which 5 % are candidates; all are stored before the mapping is enabled."""
    runs = {
        rows: run_alternately(
            {whose: Side("bench.stages.filter", (rows, whose)) for whose in ("ours", "handout")},
            ROUNDS[rows],
        )
        for rows in (FEW, MANY)
    }
    for rows, rounds in runs.items():
        yield Measurement.of(
            f"filter {rows:,} stored records, quicker than the handout",
            rounds.ratios("handout", "ours"),
            3,
            "times",
            at_least=True,
            remark=f"{rounds.median('ours'):.1f} s and {rounds.median('handout'):.1f} s",
            limit=LIMIT,
        )
    a_record = {rows: rounds.median("ours") / rows for rows, rounds in runs.items()}
    yield Measurement(
        f"filter {MANY:,} records, seconds a record of those of {FEW:,}",
        a_record[MANY] / a_record[FEW],
        1.2,
        "times",
    )
    grown = {rows: rounds.median("ours", "grown") for rows, rounds in runs.items()}
    yield Measurement(
        f"memory that storing and filtering {MANY:,} records takes above {FEW:,}",
        grown[MANY] - grown[FEW],
        10,
        "MB",
        f"{grown[MANY]:.0f} and {grown[FEW]:.0f} MB",
    )
