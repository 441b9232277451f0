"""Runs of the version before are loaded from the run table, and saved again."""

from __future__ import annotations

import json
from dataclasses import replace

from aws import run_table
from aws.clients import Cloud
from aws.tables import typed
from iris_core.records.run import RunState

EARLIER = {
    "partition_key": "runs",
    "sort_key": "20261126T210504.958518Z-042f1fcc68cfc9da",
    "Id": '"20261126T210504.958518Z-042f1fcc68cfc9da"',
    "Model": '"sixty-irises-v1"',
    "Dataset": '"4a083f848943"',
    "DatasetName": '"sixty irises"',
    "Rows": "60",
    "Threshold": '"0.9"',
    "State": '"reconciled"',
    "Tested": "60",
    "Stored": "60",
    "Expected": "17",
    "Found": "17",
    "Accuracy": "0.95",
    "Loss": "0.13290127668452148",
    "Seconds": "1.7074915929988492",
    "Metrics": json.dumps(
        {
            "classes": [
                {"name": "a", "precision": 1.0, "recall": 0.9, "f1": 0.947, "support": 30},
                {"name": "b", "precision": 0.909, "recall": 1.0, "f1": 0.952, "support": 30},
            ],
            "confusion": [[27, 3], [0, 30], [0, 0]],
            "unseen_labels": {},
            "unseen_categories": {},
            "missing": {},
            "ignored": ["note"],
            "reliability": {"bins": [[0, 0.0, 0]] * 9 + [[60, 0.95, 57]], "unjudged": 0},
            "lab": {
                "rows": 60,
                "errors": 3,
                "unjudged": 0,
                "thresholds": [0.0, 0.9],
                "below": [0, 17],
                "caught": [0, 3],
            },
        }
    ),
    "Note": '""',
}
"""An item as version 229f920 wrote it: without a project, and without a count of seen rows."""


def test_run_of_the_version_before_is_loaded_and_saved(moto_cloud: Cloud) -> None:
    table = moto_cloud.settings.runs_table
    moto_cloud.dynamodb.put_item(TableName=table, Item=typed(EARLIER))
    # WHEN it is loaded
    (run,) = run_table.runs(moto_cloud)
    assert run == run_table.load(moto_cloud, EARLIER["sort_key"])
    # THEN it has all that was stored, and what was not is not known
    assert (run.model, run.rows, run.found, run.state) == (
        "sixty-irises-v1",
        60,
        17,
        RunState.RECONCILED,
    )
    assert run.metrics.errors == 3
    assert run.metrics.ignored == ("note",)
    assert run.metrics.thresholds is not None
    assert run.metrics.calibration is not None
    assert (run.project, run.metrics.seen, run.unseen_rows, run.unseen_accuracy) == (
        "",
        None,
        None,
        None,
    )
    # WHEN it is saved, with a change
    changed = replace(run, state=RunState.INCOMPLETE)
    run_table.save(moto_cloud, changed)
    # THEN nothing is lost
    assert list(run_table.runs(moto_cloud)) == [changed]
    key = typed({name: EARLIER[name] for name in ("partition_key", "sort_key")})
    item = moto_cloud.dynamodb.get_item(TableName=table, Key=key)["Item"]
    assert json.loads(item["Metrics"]["S"]) == json.loads(EARLIER["Metrics"])
