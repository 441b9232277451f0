"""Store records on a local cloud whose function is off, turn it on, and time it until the end.

Started with the number of records and whose function it is, `ours` or `handout`.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from aws.clients import Cloud, connect_local
from aws.function import mapping
from aws.local_cloud import LocalCloud
from aws.reconciliation import wait_for_candidates
from aws.retrain_rule import ExpectedCandidates
from aws.score_table import ScoreWriter
from aws.settings import Settings
from aws.stack import deploy
from bench.memory import Growth
from bench.samples import THRESHOLD, score_records
from iris_core.records.keys import new_run_id

HANDOUT = Path(__file__).parents[1] / "peers" / "handout_lambda.py"


def main(rows: int, whose: str) -> None:
    """Print the seconds, and how much more memory this process held at most."""
    with tempfile.TemporaryDirectory() as folder:
        local = LocalCloud(Path(folder))
        cloud = connect_local(Settings(), local.endpoint())
        deploy(cloud)
        if whose == "handout":
            _take_the_handout(cloud)
        _switch(cloud, on=False)
        run = new_run_id()
        tally = ExpectedCandidates(run, THRESHOLD)
        growth = Growth()
        with ScoreWriter(cloud, run) as writer:
            for record in score_records(rows):
                tally(record)
                writer(record)
        _switch(cloud, on=True)
        began = time.perf_counter()
        if not wait_for_candidates(cloud, tally.by_partition, timeout=600):
            raise TimeoutError("the function did not copy all candidates")
        seconds = time.perf_counter() - began
        print(json.dumps({"seconds": seconds, "grown": growth.megabytes}))
        local.close()


def _take_the_handout(cloud: Cloud) -> None:
    """Put the handout's function in the place of ours, behind a mapping that has the defaults."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.write(HANDOUT, "index.py")
    name = cloud.settings.function
    cloud.lambda_.update_function_code(FunctionName=name, ZipFile=package.getvalue())
    cloud.lambda_.update_event_source_mapping(
        UUID=_mapping(cloud), BatchSize=100, MaximumBatchingWindowInSeconds=0
    )


def _switch(cloud: Cloud, *, on: bool) -> None:
    """Let the stream call the function, or not."""
    cloud.lambda_.update_event_source_mapping(UUID=_mapping(cloud), Enabled=on)


def _mapping(cloud: Cloud) -> str:
    found = mapping(cloud)
    if found is None:
        raise ValueError("expected the stream's mapping, found none")
    return found["UUID"]


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
