"""The function alone, over a network of 8 ms: records a second, few or all of them candidates."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.alternating_runs import ACCOUNT, Side, run_alternately
from bench.measurement import Measurement
from bench.samples import THRESHOLD, score_records, write_records
from bench.stub_dynamodb import stub_dynamodb

RECORDS = 10_000
FEW = 1_000
"""Records for the handout's function when all are candidates: it writes 80 a second."""
ROUNDS = 5
OUR_BATCH, DEFAULT_BATCH = 1_000, 100
"""Batch sizes: of our template, and the default of an event source mapping."""


def handling() -> Iterator[Measurement]:
    """Compare our function with the handout's, each with the batches of its mapping."""
    for share, theirs, goal in ((0.05, RECORDS, 10.0), (1.0, FEW, 4.0)):
        with tempfile.TemporaryDirectory() as folder, stub_dynamodb() as url:
            many, fewer = Path(folder) / "many.json", Path(folder) / "fewer.json"
            records = list(score_records(RECORDS, candidates=share))
            write_records(many, records)
            write_records(fewer, records[:theirs])
            environment = {
                **ACCOUNT,
                "AWS_ENDPOINT_URL": url,
                "RETRAIN_TABLE": "IrisExtendedRetrain",
                "PROBABILITY_THRESHOLD": THRESHOLD,
            }
            rounds = run_alternately(
                {
                    name: Side("bench.stages.invoke", (module, path, size), environment=environment)
                    for name, module, path, size in (
                        ("ours", "lambda_src.index", many, OUR_BATCH),
                        ("handout", "bench.peers.handout_lambda", fewer, DEFAULT_BATCH),
                    )
                },
                ROUNDS,
            )
        yield Measurement.of(
            f"handle records, {share:.0%} of them candidates, as many a second as the handout",
            rounds.ratios("ours", "handout", "rate"),
            goal,
            "times",
            at_least=True,
            remark=f"{rounds.median('ours', 'rate'):,.0f} and "
            f"{rounds.median('handout', 'rate'):,.0f} a second",
        )
