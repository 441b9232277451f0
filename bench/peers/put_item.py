"""Write with one `put_item` a record, as the course's handout does."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import boto3

records = json.loads(Path(sys.argv[2]).read_text("utf-8"))
table = boto3.resource("dynamodb", endpoint_url=sys.argv[1]).Table("IrisExtended")
table.put_item(Item={"partition_key": "first", "sort_key": "first"})

began = time.perf_counter()
for row, (features, predicted, actual, probability) in enumerate(records):
    table.put_item(
        Item={
            "partition_key": "abc",
            "sort_key": str(row),
            "Features": features,
            "Class": predicted,
            "Actual": actual,
            "Probability": probability,
        }
    )
seconds = time.perf_counter() - began
print(json.dumps({"seconds": seconds, "rate": len(records) / seconds}))
