"""A stub of DynamoDB that accepts everything after a set latency: the network alone.

It is a separate process, so that it shares no lock with what is measured. It stores nothing and
checks no signature; it counts the items, so that a measurement can check that all of them came, and
its own processor time, so that one can check that the stub was not the limit.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

LATENCY = 0.008
"""Seconds until an answer, as of DynamoDB within a region for a small batch."""

_KEY_SCHEMA = [
    {"AttributeName": "partition_key", "KeyType": "HASH"},
    {"AttributeName": "sort_key", "KeyType": "RANGE"},
]
_TABLE = {"TableName": "any", "TableStatus": "ACTIVE", "KeySchema": _KEY_SCHEMA}
_ANSWERS: dict[bytes, bytes] = {
    b"PutItem": b"{}",
    b"UpdateItem": b"{}",
    b"TransactWriteItems": b"{}",
    b"BatchWriteItem": b'{"UnprocessedItems":{}}',
    b"DescribeTable": json.dumps({"Table": _TABLE}).encode(),
}
_ITEM_MARKS = {b"BatchWriteItem": b'"PutRequest"', b"TransactWriteItems": b'"Update"'}
"""What a request contains once an item; a request of another operation is one item."""


class StubCounts(NamedTuple):
    """What a stub has done since its start.

    Attributes:
        items: items that were written.
        seconds: its processor time.
    """

    items: int
    seconds: float


class Connection(asyncio.Protocol):
    """One persistent connection: a request, a pause, its answer, and the next."""

    written = 0
    """Items of all connections."""

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport for the answers."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type checker
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer once the request is whole; clients send the next one only after that."""
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._received[:end])
        length = int(_header(head, b"content-length") or 0)
        if len(self._received) < end + 4 + length:
            if b"100-continue" in head.lower() and len(self._received) == end + 4:
                self._send(b"HTTP/1.1 100 Continue\r\n\r\n")
            return
        operation = _header(head, b"x-amz-target").rpartition(b".")[2]
        if not operation:
            self._answer(json.dumps(StubCounts(Connection.written, time.process_time())).encode())
        else:
            mark = _ITEM_MARKS.get(operation)
            Connection.written += self._received.count(mark) if mark else 1
            asyncio.get_running_loop().call_later(self._latency, self._answer, _ANSWERS[operation])
        self._received.clear()

    def _answer(self, body: bytes) -> None:
        self._send(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\n"
            b"x-amzn-requestid: of-the-stub\r\n"
            b"content-length: %d\r\n\r\n%b" % (len(body), body)
        )

    def _send(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)


def _header(head: bytes, name: bytes) -> bytes:
    """Return a header's value, empty without such a header; the case of its name is ignored."""
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.lower() == name:
            return value.strip()
    return b""


@contextmanager
def stub_dynamodb(latency: float = LATENCY) -> Iterator[str]:
    """Run a stub.

    Args:
        latency: seconds until each answer.

    Returns:
        its URL.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.stub_dynamodb", str(latency)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin  # noqa: S101 - for the type checker, as is the next
    assert process.stdout  # noqa: S101
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.stdin.close()
        process.wait()


def stub_counts(url: str) -> StubCounts:
    """Ask the stub at `url` for its counts."""
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - the stub's own address
        return StubCounts(*json.load(answer))


async def _serve(latency: float) -> None:
    """Listen on a free port, print it, and end when standard input does."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(latency), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))
