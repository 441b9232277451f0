"""How soon the first page is on the screen, in a real Chromium, and TensorFlow's part in it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench.measurement import Measurement

PROJECT = Path(__file__).resolve().parent.parent
PATIENCE_MS = 60_000


def first_page() -> Iterator[Measurement]:
    """A fresh server and workspace: seconds to the first page, and what was imported by then."""
    from playwright.sync_api import sync_playwright

    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        page = browser.new_page()
        port = _free_port()
        began = time.perf_counter()
        server = _start(port, home)
        try:
            _wait_until_up(port)
            page.goto(f"http://127.0.0.1:{port}")
            page.locator("h1").first.wait_for(timeout=PATIENCE_MS)
            seconds = time.perf_counter() - began
            early = _has_tensorflow(server.pid)
            while not _has_tensorflow(server.pid):
                time.sleep(0.05)
            behind = time.perf_counter() - began
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(60)
            browser.close()
    yield Measurement("first page on the screen, server start included", seconds, 10, "s")
    yield Measurement(
        "TensorFlow imported before the first page (0 no, 1 yes)",
        early,
        0,
        "",
        f"it began to load behind the page after {behind:.1f} s",
    )


def _start(port: int, home: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.headless", "true",
         "--server.address", "127.0.0.1", "--server.port", str(port)],
        cwd=PROJECT,
        env={**os.environ, "IRIS_HOME": home},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _wait_until_up(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError("the dashboard did not start")


def _has_tensorflow(pid: int) -> bool:
    """Whether the process has mapped TensorFlow's library (Linux)."""
    return "libtensorflow" in Path(f"/proc/{pid}/maps").read_text("utf-8", errors="replace")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
