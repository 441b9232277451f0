"""The local cloud's process: one emulator a workspace, alive as long as somebody holds a lease.

Run by `aws.local_cloud` as `python -m aws.emulator STATE_DIR`. A lease is a connection to a
loopback port of this process, held open; when the last one closes, for whatever reason, killed
processes included, the emulator saves its state and ends. So it outlives no dashboard and no
command, and no process is ever ended by a number found in a file.

The emulator, ministack, is known to this module and to `requirements.txt` only.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from filelock import FileLock

ADDRESS = "address.json"
"""File in the state directory that says where the running emulator listens."""
LOOPBACK = "127.0.0.1"
FIRST_LEASE_SECONDS = 60.0
"""How long the emulator waits for its first lease before it gives up."""
SAVE_SECONDS = 120.0
"""How long a stopping emulator may take to save its state (10 s for 100,000 items)."""


class Leases:
    """Counts open leases.

    Attributes:
        token: what each lease is sent, so that its holder knows which emulator it has reached.
        ended: set once, when the last lease is closed or none was ever taken.
        port: on the loopback, where leases are taken.
    """

    def __init__(self) -> None:
        """Listen on a free loopback port."""
        self.token = secrets.token_hex(16)
        self.ended = threading.Event()
        self._open = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        self._first_lease = threading.Timer(FIRST_LEASE_SECONDS, self._end_unless_leased)
        self._first_lease.daemon = True
        self._first_lease.start()

    def _accept(self) -> None:
        while not self.ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._hold, args=(connection,), daemon=True).start()

    def _hold(self, connection: socket.socket) -> None:
        with self._lock:
            if self.ended.is_set():
                connection.close()
                return
            self._open += 1
        try:
            connection.sendall(self.token.encode())
            while connection.recv(1024):
                pass
        except OSError:
            pass
        with self._lock:
            self._open -= 1
        # The last holder's connection stays open: it closes with this process, and so the holder
        # learns that the state has been saved.
        if not self._end_unless_leased():
            connection.close()

    def _end_unless_leased(self) -> bool:
        with self._lock:
            if self._open or self.ended.is_set():
                return False
            self.ended.set()
        self._listener.close()
        return True


def prepare_state(state: Path) -> None:
    """Reset the stream positions of a saved state, so that the emulator can go on from it.

    The emulator restores how far the stream was read but not the stream itself, and would skip as
    many new records; without a position it reads from the start of the new, empty stream.

    Args:
        state: directory of the emulator's state, which may be empty or missing.
    """
    scratch = state / "tmp"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True, exist_ok=True)
    saved = state / "saved" / "lambda.json"
    if not saved.exists():
        return
    content: dict[str, Any] = json.loads(saved.read_text("utf-8"))
    positions = content.get("payload", content).get("dynamodb_stream_positions", {})
    if positions.get("data"):
        positions["data"] = {}
        fresh = saved.with_suffix(".fresh")
        fresh.write_text(json.dumps(content), "utf-8")
        fresh.replace(saved)


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.create_server((LOOPBACK, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def serve(state: Path) -> None:
    """Run the emulator until the last lease is gone, then save its state and return.

    Args:
        state: directory of its state.
    """
    with FileLock(state / "running.lock", timeout=SAVE_SECONDS):
        prepare_state(state)
        leases = Leases()
        port = free_port()
        scratch = str(state / "tmp")
        os.environ |= {
            "AUTH": os.environ.get("AUTH", "false"),
            "BIND_HOST": LOOPBACK,
            "GATEWAY_PORT": str(port),
            "IOT_MTLS_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
            "PERSIST_STATE": "1",
            "SFTP_ENABLED": "0",
            "STATE_DIR": str(state / "saved"),
            "TEMP": scratch,
            "TMP": scratch,
            "TMPDIR": scratch,
        }
        address = {"gateway": port, "lease": leases.port, "token": leases.token, "pid": os.getpid()}
        fresh = state / f"{ADDRESS}.fresh"
        fresh.write_text(json.dumps(address), "utf-8")
        fresh.replace(state / ADDRESS)

        def stop_when_ended() -> None:
            leases.ended.wait()
            signal.raise_signal(signal.SIGINT)

        threading.Thread(target=stop_when_ended, daemon=True).start()
        sys.argv = ["ministack"]
        from ministack.app import main

        try:
            main()
        finally:
            (state / ADDRESS).unlink(missing_ok=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
