"""Store records on a local cloud, enable the function's mapping, and time the filtering.

Arguments: the number of records, and whose function it is, `ours` or `handout`.
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
from bench.process_memory import Growth
from bench.samples import THRESHOLD, score_records
from iris_core.records.keys import new_run_id

HANDOUT = Path(__file__).parents[1] / "peers" / "handout_lambda.py"


def main(rows: int, whose: str) -> None:
    """Print the seconds, and by how much this process's peak memory grew."""
    with tempfile.TemporaryDirectory() as folder:
        local = LocalCloud(Path(folder))
        cloud = connect_local(Settings(), local.endpoint())
        deploy(cloud)
        if whose == "handout":
            _deploy_handout(cloud)
        _enable_mapping(cloud, on=False)
        run = new_run_id()
        expected = ExpectedCandidates(run, THRESHOLD)
        growth = Growth()
        with ScoreWriter(cloud, run) as writer:
            for record in score_records(rows):
                expected(record)
                writer(record)
        _enable_mapping(cloud, on=True)
        began = time.perf_counter()
        if not wait_for_candidates(cloud, expected.by_partition, timeout=600):
            raise TimeoutError("the function did not copy all candidates")
        seconds = time.perf_counter() - began
        print(json.dumps({"seconds": seconds, "grown": growth.megabytes}))
        local.close()


def _deploy_handout(cloud: Cloud) -> None:
    """Replace our function by the handout's, behind a mapping with the default settings."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.write(HANDOUT, "index.py")
    name = cloud.settings.function
    cloud.lambda_.update_function_code(FunctionName=name, ZipFile=package.getvalue())
    cloud.lambda_.update_event_source_mapping(
        UUID=_mapping_id(cloud), BatchSize=100, MaximumBatchingWindowInSeconds=0
    )


def _enable_mapping(cloud: Cloud, *, on: bool) -> None:
    """Enable or disable the mapping through which the stream invokes the function."""
    cloud.lambda_.update_event_source_mapping(UUID=_mapping_id(cloud), Enabled=on)


def _mapping_id(cloud: Cloud) -> str:
    """Return the id of the stream's mapping."""
    configuration = mapping(cloud)
    if configuration is None:
        raise ValueError("expected the stream's mapping, received none")
    return configuration["UUID"]


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
