"""dynalite: a third DynamoDB, written in JavaScript and checked against the real service.

`make dynalite` installs it. It has no transactions.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

INSTALLED = Path(__file__).parents[2] / "node_modules" / "dynalite" / "cli.js"
START_SECONDS = 30.0


@contextmanager
def dynalite_server() -> Iterator[str]:
    """Yield the URL of a DynamoDB without a table; skip the test where there is no dynalite."""
    node = shutil.which("node")
    if node is None or not INSTALLED.exists():
        pytest.skip("no dynalite: install Node.js 20 or newer, then `make dynalite`")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    no_waits = [f"--{change}TableMs=0" for change in ("create", "delete", "update")]
    server = subprocess.Popen(
        [node, str(INSTALLED), "--host", "127.0.0.1", "--port", str(port), *no_waits],
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(f"dynalite does not answer: it ended with {server.poll()}")


class WithoutTransactions:
    """A client whose transactions are refused whole, as when somebody writes one of the items.

    The function then sends its updates one by one, on the same conditions.
    """

    def __init__(self, client: Any) -> None:
        self.exceptions = client.exceptions
        self.update_item = client.update_item

    def transact_write_items(self, *, TransactItems: list[Any]) -> None:  # noqa: N803
        """Refuse."""
        raise ClientError(
            {
                "Error": {"Code": "TransactionCanceledException"},
                "CancellationReasons": [{"Code": "TransactionConflict"} for _ in TransactItems],
            },
            "TransactWriteItems",
        )
