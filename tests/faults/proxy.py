"""A loopback proxy between boto3 and a cloud, and the faults that it can show on the wire.

A fault is given each request and a way to forward it; it answers, forwards, waits, or breaks the
connection. The functions below make faults; `at_rate`, `after` and `once` say when they strike.
"""

from __future__ import annotations

import http.client
import itertools
import json
import math
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from aws.retry_policy import RETRY_SECONDS

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Request:
    """One request on its way; `operation` is DynamoDB's, such as `BatchWriteItem`, else empty."""

    operation: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer that the client gets."""

    status: int
    body: bytes
    headers: dict[str, str]


class ResetError(Exception):
    """The connection is to be broken, without an answer."""


JSON = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": "of-the-proxy"}
"""Headers of DynamoDB's answers."""

Forward = Callable[[Request], Reply]
Fault = Callable[[Request, Forward], Reply]


def healthy(request: Request, forward: Forward) -> Reply:
    """No fault."""
    return forward(request)


def refuse(code: str, status: int = 400) -> Fault:
    """Answer with an error of DynamoDB's, without doing anything."""
    body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code})
    reply = Reply(status, body.encode(), JSON)
    return lambda _request, _forward: reply


def throttle() -> Fault:
    """The table is over its limits."""
    return refuse("ProvisionedThroughputExceededException")


def fail() -> Fault:
    """The service has an error of its own."""
    return refuse("InternalServerError", 500)


def expire() -> Fault:
    """The credentials are no longer accepted."""
    return refuse("ExpiredTokenException")


def garble(_request: Request, _forward: Forward) -> Reply:
    """Answer in the cloud's place, as the page of a hotel's network does."""
    return Reply(200, b"<html><body>Please log in</body></html>", {"Content-Type": "text/html"})


def cut(keep: float, *, checksum: bool = True) -> Fault:
    """Deliver a part of the answer's body as if it were all of it, with its status and its id.

    Args:
        keep: the share of the body that is delivered, 0…1; 0 is an empty body.
        checksum: whether the answer keeps the checksum of the whole body, if it has one.
    """

    def shortened(request: Request, forward: Forward) -> Reply:
        reply = forward(request)
        kept = min(int(len(reply.body) * keep), len(reply.body) - 1)
        headers = {
            name: text
            for name, text in reply.headers.items()
            if checksum or name.lower() != "x-amz-crc32"
        }
        return replace(reply, body=reply.body[:kept], headers=headers)

    return shortened


def reset_before(_request: Request, _forward: Forward) -> Reply:
    """Break the connection before anything is forwarded."""
    raise ResetError


def reset_after(request: Request, forward: Forward) -> Reply:
    """Break the connection when the request is applied, so that its outcome is unknown."""
    forward(request)
    raise ResetError


def delay(seconds: float) -> Fault:
    """Answer late."""

    def late(request: Request, forward: Forward) -> Reply:
        time.sleep(seconds)
        return forward(request)

    return late


def hang(_request: Request, _forward: Forward) -> Reply:
    """Take the request and never answer: nothing is forwarded, and the client times out."""
    time.sleep(10 * RETRY_SECONDS)
    raise ResetError


def leave_unprocessed(share: float, seed: int = 0) -> Fault:
    """Take a part of each batch of writes and hand `share` (0…1) of it back, as DynamoDB may."""
    chance = random.Random(seed)

    def partly(request: Request, forward: Forward) -> Reply:
        if request.operation != "BatchWriteItem":
            return forward(request)
        content = json.loads(request.body)
        ((table, puts),) = content["RequestItems"].items()
        left = [put for put in puts if chance.random() < share]
        to_store = [put for put in puts if put not in left]
        if to_store:
            body = json.dumps({**content, "RequestItems": {table: to_store}}).encode()
            reply = forward(replace(request, body=body))
            if reply.status != 200:
                return reply
        answer: dict[str, Any] = {"UnprocessedItems": {table: left} if left else {}}
        return Reply(200, json.dumps(answer).encode(), JSON)

    return partly


class Struck:
    """A fault that strikes when `strikes` says so of a request.

    `times` counts how often it did, `first` is when it first did, on `time.monotonic`'s clock.
    """

    def __init__(self, fault: Fault, strikes: Callable[[Request], bool]) -> None:
        self.times = 0
        self.first = math.inf
        self._fault = fault
        self._strikes = strikes
        self._lock = threading.Lock()

    def __call__(self, request: Request, forward: Forward) -> Reply:
        with self._lock:
            strikes = self._strikes(request)
            if strikes:
                self.times += 1
                self.first = min(self.first, time.monotonic())
        return self._fault(request, forward) if strikes else forward(request)


def at_rate(fault: Fault, share: float, seed: int = 0) -> Struck:
    """Let a fault strike a share (0…1) of DynamoDB's requests, the same ones for the same seed."""
    chance = random.Random(seed)
    return Struck(fault, lambda request: bool(request.operation) and chance.random() < share)


def after(fault: Fault, requests: int, *, operation: str = "BatchWriteItem") -> Struck:
    """Let a fault strike every request behind the first so many of an operation."""
    seen = itertools.count()
    over = False

    def strikes(request: Request) -> bool:
        nonlocal over
        over = over or (request.operation == operation and next(seen) >= requests)
        return over

    return Struck(fault, strikes)


def once(fault: Fault, operation: str) -> Struck:
    """Let a fault strike the first request of an operation only."""
    waiting = iter([True])
    return Struck(fault, lambda request: request.operation == operation and next(waiting, False))


class Proxy:
    """Stands in front of a cloud at `upstream`; use it as a `with` block.

    `fault` may be exchanged at any time; `calls` counts what clients sent, by operation.
    """

    def __init__(self, upstream: str) -> None:
        self.fault: Fault = healthy
        self.calls: Counter[str] = Counter()
        self._upstream = upstream
        self._lock = threading.Lock()
        self._server = _Server((LOOPBACK, 0), _Handler)
        self._server.proxy = self
        self.endpoint = f"http://{LOOPBACK}:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: Request) -> Reply:
        """Return the answer to a request; raise `ResetError` for none."""
        with self._lock:
            self.calls[request.operation] += 1
        return self.fault(request, self._forward)

    def _forward(self, request: Request) -> Reply:
        target = urlsplit(self._upstream)
        connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=60)
        try:
            headers = {**request.headers, "Content-Length": str(len(request.body))}
            connection.request(request.method, request.path, request.body, headers)
            answer = connection.getresponse()
            return Reply(answer.status, answer.read(), dict(answer.getheaders()))
        except OSError as error:
            raise ResetError from error
        finally:
            connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    proxy: Proxy


class _Handler(BaseHTTPRequestHandler):
    """One connection of a client, kept alive as AWS's are."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_POST(self) -> None:
        """Every method is answered alike."""
        length = int(self.headers.get("Content-Length") or 0)
        request = Request(
            self.headers.get("X-Amz-Target", "").rpartition(".")[2],
            self.command,
            self.path,
            {name: text for name, text in self.headers.items() if name.lower() != "expect"},
            self.rfile.read(length),
        )
        try:
            reply = self.server.proxy.answer(request)
        except ResetError:
            self._reset()
            return
        try:
            self.send_response_only(reply.status)
            for name, text in reply.headers.items():
                if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, text)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
        except OSError:
            self.close_connection = True

    do_GET = do_PUT = do_DELETE = do_POST  # noqa: N815 - the names that the server looks for

    def _reset(self) -> None:
        """Close so that the other side sees a reset, not a polite end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: the tests count."""
