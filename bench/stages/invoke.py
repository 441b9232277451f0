"""Invoke a function with the records of a file, batch after batch, as its stream mapping does.

Arguments: the module that has `lambda_handler`, the file, and the records of a batch.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from aws.tables import typed
from bench.samples import read_records
from iris_core.records.keys import key_of, new_run_id
from iris_core.records.record import Record


def stream_record(run: str, record: Record) -> dict[str, Any]:
    """Return a record as the stream of a score table delivers it."""
    key = key_of(run, record.row)
    return {
        "eventID": f"{record.row:032x}",
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "Keys": typed(key._asdict()),
            "NewImage": typed(record.to_item(key)),
            "SequenceNumber": f"{4421584500000000017450439091 + record.row}",
            "StreamViewType": "NEW_IMAGE",
        },
    }


def main(module: str, path: Path, size: int) -> None:
    """Time all batches; one candidate goes ahead, for clients are made at first use."""
    handler = import_module(module).lambda_handler
    run, records = new_run_id(), read_records(path)
    delivered = [stream_record(run, record) for record in records]
    handler({"Records": [stream_record(run, replace(records[0], class_string="none"))]}, None)
    began = time.perf_counter()
    for start in range(0, len(delivered), size):
        handler({"Records": delivered[start : start + size]}, None)
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "rate": len(delivered) / seconds}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
