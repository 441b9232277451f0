"""`ScoreWriter`, as a test run uses it."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from aws.clients import connect_local
from aws.score_table import ScoreWriter
from aws.settings import Settings
from bench.samples import read_records
from iris_core.records.keys import new_run_id

cloud = connect_local(Settings(), sys.argv[1])
records = read_records(Path(sys.argv[2]))
with ScoreWriter(cloud, new_run_id()) as writer:
    writer(records[0])

began = time.perf_counter()
with ScoreWriter(cloud, new_run_id()) as writer:
    for record in records:
        writer(record)
seconds = time.perf_counter() - began
print(json.dumps({"seconds": seconds, "rate": writer.written / seconds}))
