"""The time to the first page in a real Chromium, and whether TensorFlow is imported by then."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from bench.dashboard import TIME_LIMIT, chromium, dashboard
from bench.measurement import Measurement


def first_page() -> Iterator[Measurement]:
    """Time the first page of a fresh server and workspace, and see what was imported by then."""
    with chromium() as browser:
        page = browser.new_page()
        began = time.perf_counter()
        with dashboard() as running:
            page.goto(running.address)
            page.locator("h1").first.wait_for(timeout=TIME_LIMIT * 1000)
            seconds = time.perf_counter() - began
            early = _has_tensorflow(running.pid)
            while not _has_tensorflow(running.pid):
                time.sleep(0.05)
            imported = time.perf_counter() - began
    yield Measurement("first page on the screen, server start included", seconds, 10, "s")
    yield Measurement(
        "TensorFlow imported before the first page (0 no, 1 yes)",
        early,
        0,
        "",
        f"it began to load behind the page after {imported:.1f} s",
    )


def _has_tensorflow(pid: int) -> bool:
    """Return whether the process has mapped TensorFlow's library (Linux)."""
    return "libtensorflow" in Path(f"/proc/{pid}/maps").read_text("utf-8", errors="replace")
