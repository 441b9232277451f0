"""A dashboard's or a command's lease on the local cloud: start it or join it, and release it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from filelock import FileLock, Timeout

from aws.clients import LOCAL_CREDENTIALS
from aws.emulator import ADDRESS, LOOPBACK, SAVE_SECONDS
from aws.errors import LocalCloudError

START_SECONDS = 60.0
"""How long the emulator may take to answer; it takes about half a second."""
MAX_STARTS = 3
"""Starts before it is given up: another program may open its port first."""

_PROJECT = Path(__file__).resolve().parent.parent
_INHERITED = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "COMSPEC", "PATHEXT", "AUTH")


class LocalCloud:
    """A lease on the workspace's local cloud, which all processes on one workspace share.

    `endpoint` starts it or joins it when need be, also after it was killed. `close` releases the
    lease; the last holder waits until the state is saved. Safe across threads.

    Attributes:
        starts: number of leases so far. Who has prepared the cloud compares it with the number
            that it was prepared for.
    """

    def __init__(self, state: Path) -> None:
        """Take no lease yet.

        Args:
            state: directory of the workspace in which the cloud keeps its data.
        """
        self._state = state
        self._lock = threading.Lock()
        self._lease: socket.socket | None = None
        self._endpoint = ""
        self._process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    def endpoint(self) -> str:
        """Return the URL of the running local cloud; start or join it if need be.

        Raises:
            LocalCloudError: it does not start, or its directory cannot be used.
        """
        with self._lock:
            if self._lease is None or not _is_open(self._lease):
                self._release()
                self._take()
            return self._endpoint

    def close(self) -> None:
        """Release the lease; if it was the last one, wait until the cloud's state is saved."""
        with self._lock:
            if self._lease is not None:
                self._lease.settimeout(SAVE_SECONDS)
                try:
                    self._lease.shutdown(socket.SHUT_WR)
                    while self._lease.recv(1024):
                        pass
                except OSError:
                    pass
            self._release()

    def _release(self) -> None:
        if self._lease is not None:
            self._lease.close()
            self._lease = None
        if self._process is not None and self._process.poll() is not None:
            self._process = None

    def _take(self) -> None:
        try:
            self._state.mkdir(parents=True, exist_ok=True)
            # One process starts it at a time; the others then join.
            with FileLock(self._state / "start.lock", timeout=START_SECONDS + SAVE_SECONDS):
                if not self._join():
                    self._start()
        except Timeout as error:
            raise LocalCloudError(
                f"Another process has been starting the local cloud in {self._state} for "
                f"{START_SECONDS + SAVE_SECONDS:.0f} s. End it and try again."
            ) from error
        except OSError as error:
            raise LocalCloudError(
                f"The local cloud cannot use {self._state}: {error}. Choose another workspace "
                "(IRIS_HOME) or make room."
            ) from error
        self.starts += 1

    def _join(self) -> bool:
        """Take a lease on the running emulator; return whether one answers with its token."""
        try:
            address = json.loads((self._state / ADDRESS).read_text("utf-8"))
            lease = socket.create_connection((LOOPBACK, int(address["lease"])), timeout=5)
        except (OSError, ValueError, KeyError, TypeError):
            return False
        try:
            token = str(address["token"]).encode()
            received = b""
            while len(received) < len(token) and (part := lease.recv(len(token))):
                received += part
        except OSError:
            received = b""
        if not received or received != token:
            lease.close()
            return False
        self._lease, self._endpoint = lease, f"http://{LOOPBACK}:{int(address['gateway'])}"
        return True

    def _start(self) -> None:
        """Start the emulator and wait until it answers; start it again if it ends instead."""
        log = self._state / "emulator.log"
        deadline = time.monotonic() + START_SECONDS + SAVE_SECONDS
        for _ in range(MAX_STARTS):
            process = self._process = self._spawn(log)
            while (ended := process.poll()) is None and time.monotonic() < deadline:
                if self._lease is None:
                    self._join()
                elif self._answers():
                    return
                time.sleep(0.02)
            self._release()
            if ended is None:
                break
        tail = log.read_text("utf-8", errors="replace").strip().splitlines()[-3:]
        raise LocalCloudError(
            f"The local cloud did not start: {' / '.join(tail) or 'it said nothing'}. Its log is "
            f"{log}. Try again; if it stays so, set the workspace's folder `cloud` aside."
        )

    def _spawn(self, log: Path) -> subprocess.Popen[bytes]:
        with log.open("wb") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "aws.emulator", str(self._state.resolve())],
                cwd=_PROJECT,
                env=_scrubbed_environment(self._state),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C in the dashboard's terminal must not reach it: it ends with its last lease.
                start_new_session=True,
            )

    def _answers(self) -> bool:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self._endpoint}/_ministack/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def _is_open(lease: socket.socket) -> bool:
    """Return whether the other end of a lease is open: it never sends more than the token."""
    lease.settimeout(0)
    try:
        return bool(lease.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return True
    except OSError:
        return False


def _scrubbed_environment(state: Path) -> dict[str, str]:
    """Return the environment of the emulator and the function: nothing of a real account."""
    key, secret = LOCAL_CREDENTIALS
    return {
        **{name: os.environ[name] for name in _INHERITED if name in os.environ},
        "HOME": str(state),
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "*",
        "PYTHONUNBUFFERED": "1",
    }
