"""Writing records over a network with a latency of 8 ms: records a second of each way."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.alternating_runs import ACCOUNT, PEERS_PYTHON, Side, run_alternately
from bench.measurement import Measurement
from bench.samples import score_records, write_records
from bench.stub_dynamodb import stub_counts, stub_dynamodb

RECORDS = 50_000
FEW = 500
"""Records of the side that sends each alone: at 12 ms each, more would only take longer."""
ROUNDS = 5


def writing() -> Iterator[Measurement]:
    """Compare our writer with three others, and with what Python can send at all."""
    with tempfile.TemporaryDirectory() as folder, stub_dynamodb() as url:
        many, few = Path(folder) / "many.json", Path(folder) / "few.json"
        records = list(score_records(RECORDS))
        write_records(many, records)
        write_records(few, records[:FEW])
        signed = Side("bench.peers.signed_requests", (url, many))
        rounds = run_alternately(
            {
                "ours": Side("bench.ours.write", (url, many), environment=ACCOUNT),
                "signed": signed,
                "batch_writer": Side("bench.peers.batch_writer", (url, many), environment=ACCOUNT),
                "put_df": Side("bench.peers.put_df", (url, many), PEERS_PYTHON, ACCOUNT),
                "put_item": Side("bench.peers.put_item", (url, few), environment=ACCOUNT),
            },
            ROUNDS,
        )
        before = stub_counts(url)
        quickest = signed.run()
        after = stub_counts(url)
    # Each side writes one record more, before its time begins.
    if before.items < ROUNDS * (4 * RECORDS + FEW) or after.items < before.items + RECORDS:
        raise ValueError(f"expected every record at the stub, found {after.items:,}")
    for side, name, goal in (
        ("put_item", "put_item a record", 60.0),
        ("batch_writer", "boto3's batch_writer", 4.0),
        ("put_df", "awswrangler's put_df", 4.0),
    ):
        yield Measurement.of(
            f"write records, as many a second as {name}",
            rounds.ratios("ours", side, "rate"),
            goal,
            "times",
            at_least=True,
            remark=f"{rounds.median('ours', 'rate'):,.0f} and {rounds.median(side, 'rate'):,.0f} "
            "a second",
        )
    yield Measurement.of(
        "write records, of signed requests without botocore's layers",
        [100 * ratio for ratio in rounds.ratios("ours", "signed", "rate")],
        40,
        "%",
        at_least=True,
        remark=f"these are {rounds.median('signed', 'rate'):,.0f} a second",
    )
    yield Measurement(
        "the stub's own work, of the time of the quickest side",
        100 * (after.seconds - before.seconds) / quickest["seconds"],
        50,
        "%",
        "so the network that it stands for is not the limit",
    )
