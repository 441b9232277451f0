"""Records and runs for the tests of the cloud half."""

from __future__ import annotations

from collections.abc import Iterator

from aws.clients import Cloud
from aws.retrain_rule import ExpectedCandidates
from aws.score_table import ScoreWriter
from iris_core.records.keys import new_run_id
from iris_core.records.record import Record
from iris_core.records.run import Run


def sample_record(row: int) -> Record:
    """Every 10th record is wrong, every 7th unsure; the others are neither."""
    actual = "versicolor"
    return Record(
        row,
        str({"species": actual, "petal_length": 4.7, "soil_type": row % 3, "leaf": None}),
        "virginica" if row % 10 == 0 else actual,
        actual,
        "0.62" if row % 7 == 0 else "0.97",
    )


def sample_records(rows: int) -> Iterator[Record]:
    """The records of a run, in test order."""
    return map(sample_record, range(rows))


def candidate_rows(rows: int) -> list[int]:
    """The rows of `sample_records` that the rule chooses at 0.9, by brute force."""
    return [row for row in range(rows) if row % 10 == 0 or row % 7 == 0]


def sample_run(rows: int, **changes: object) -> Run:
    """A run that nobody else has."""
    values = {
        "id": new_run_id(),
        "model": "iris-v1",
        "dataset": "0123456789ab",
        "dataset_name": "iris",
        "rows": rows,
        "threshold": "0.9",
    }
    return Run(**{**values, **changes})  # type: ignore[arg-type]


def write_run(cloud: Cloud, rows: int) -> Run:
    """A run of which every record is in the score table."""
    run = sample_run(rows)
    with ScoreWriter(cloud, run.id) as writer:
        for record in sample_records(rows):
            writer(record)
    return run


def expected_of(run: Run) -> ExpectedCandidates:
    """What is to be expected of a run that `write_run` wrote."""
    expected = ExpectedCandidates(run.id, run.threshold)
    for record in sample_records(run.rows):
        expected(record)
    return expected
