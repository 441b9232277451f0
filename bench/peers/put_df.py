"""Write with `awswrangler.dynamodb.put_df` and its default threads."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import awswrangler as wr
import pandas as pd

wr.config.dynamodb_endpoint_url = sys.argv[1]
records = json.loads(Path(sys.argv[2]).read_text("utf-8"))
frame = pd.DataFrame(records, columns=["Features", "Class", "Actual", "Probability"])
frame.insert(0, "partition_key", "abc")
frame.insert(1, "sort_key", [str(row) for row in range(len(frame))])
wr.dynamodb.put_df(df=frame.head(1), table_name="IrisExtended")

began = time.perf_counter()
wr.dynamodb.put_df(df=frame, table_name="IrisExtended")
seconds = time.perf_counter() - began
print(json.dumps({"seconds": seconds, "rate": len(frame) / seconds}))
