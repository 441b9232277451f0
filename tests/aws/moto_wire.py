"""Moto's DynamoDB behind a socket, with real requests and answers.

Moto's own server is a Flask application of all services; one needs neither.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from moto.core.request import Request
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.responses import DynamoHandler


@contextmanager
def moto_server() -> Iterator[str]:
    """Yield the URL of a DynamoDB without a table."""
    dynamodb_backends.reset()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer is one write

    def do_POST(self) -> None:
        """Answer an action."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = "https://dynamodb.us-east-1.amazonaws.com/"
        headers = {**self.headers, "Host": "dynamodb.us-east-1.amazonaws.com"}
        request = Request.from_primitives("POST", url, headers, body)
        status, answered, content = DynamoHandler.dispatch(request, url, request.headers)
        content = content if isinstance(content, bytes) else content.encode()
        self.send_response_only(status)
        for name, text in answered.items():
            if name.lower() != "content-length":
                self.send_header(name, str(text))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""
