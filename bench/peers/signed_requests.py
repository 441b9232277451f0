"""Sign and send batches without botocore's layers: about the limit of what Python can do.

No retries, no check of an answer, no unprocessed items: what is left is to write the JSON, to sign
it, and to send it, from eight threads on persistent connections.
"""

from __future__ import annotations

import http.client
import itertools
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

BATCH, THREADS = 25, 8
URL = sys.argv[1]
HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "DynamoDB_20120810.BatchWriteItem",
}
own = local()


def send(batch: list[tuple[int, list[str]]]) -> None:
    """Write one batch."""
    if not hasattr(own, "connection"):
        own.connection = http.client.HTTPConnection(urlsplit(URL).netloc)
        own.signer = SigV4Auth(Credentials("test", "test"), "dynamodb", "us-east-1")
    puts = [
        {
            "PutRequest": {
                "Item": {
                    "partition_key": {"S": "abc"},
                    "sort_key": {"S": str(row)},
                    "Features": {"S": features},
                    "Class": {"S": predicted},
                    "Actual": {"S": actual},
                    "Probability": {"S": probability},
                }
            }
        }
        for row, (features, predicted, actual, probability) in batch
    ]
    body = json.dumps({"RequestItems": {"IrisExtended": puts}}).encode()
    request = AWSRequest("POST", f"{URL}/", headers=HEADERS, data=body)
    own.signer.add_auth(request)
    own.connection.request("POST", "/", body, dict(request.headers.items()))
    answer = own.connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise OSError(answer.status)


records = list(enumerate(json.loads(Path(sys.argv[2]).read_text("utf-8"))))
send(records[:1])
began = time.perf_counter()
with ThreadPoolExecutor(THREADS) as pool:
    batches = iter(records)
    for _ in pool.map(send, iter(lambda: list(itertools.islice(batches, BATCH)), [])):
        pass
seconds = time.perf_counter() - began
print(json.dumps({"seconds": seconds, "rate": len(records) / seconds}))
