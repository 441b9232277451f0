"""The time to the first page and of the imports, compared with Streamlit's own demo."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median
from typing import TYPE_CHECKING

from bench.alternating_runs import PROJECT
from bench.dashboard import IRIS_LOOP, TIME_LIMIT, chromium, dashboard
from bench.measurement import Measurement

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROUNDS = 7
OF_HELLO = "of the time of streamlit hello"
LIMITS = {
    "imports": "pandas takes half of it, and botocore a fifth; the commands share them",
    "pages": "pandas, half a second, is imported by the stores that the ring counts in",
}
COMMANDS = {"ours": "import cli", "streamlit": "from streamlit.web.cli import main"}
"""Statements that Python runs: all imports of `cli.py`, and those of the command `streamlit`."""
APPS = {"ours": (IRIS_LOOP, "ol.loop-ring"), "streamlit": (("hello",), "h1")}
"""What is served, and what comes onto its first page last."""


def starting() -> Iterator[Measurement]:
    """Time the imports of the command line, and the first page of the dashboard."""
    imports: dict[str, list[float]] = {name: [] for name in COMMANDS}
    pages: dict[str, list[tuple[float, float]]] = {name: [] for name in APPS}
    with chromium() as browser:
        for _ in range(ROUNDS):
            for name, command in COMMANDS.items():
                imports[name].append(_run(command))
            for name, (app, last) in APPS.items():
                pages[name].append(_first_page(browser, app, last))
    headings, wholes = (
        {name: [times[part] for times in seconds] for name, seconds in pages.items()}
        for part in (0, 1)
    )
    for what, seconds, limit in (
        ("import cli, of the time of importing streamlit's", imports, LIMITS["imports"]),
        (f"heading of the first page, {OF_HELLO}", headings, LIMITS["pages"]),
        (f"first page with its numbers, {OF_HELLO}", wholes, LIMITS["pages"]),
    ):
        yield Measurement.of(
            what,
            [ours / demo for ours, demo in zip(seconds["ours"], seconds["streamlit"], strict=True)],
            1.3,
            "times",
            remark=f"{median(seconds['ours']):.2f} s and {median(seconds['streamlit']):.2f} s",
            limit=limit,
        )


def _run(command: str) -> float:
    """Return the seconds of a Python that runs a statement."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", command], cwd=PROJECT, check=True)
    return time.perf_counter() - began


def _first_page(browser: Browser, app: tuple[str, ...], last: str) -> tuple[float, float]:
    """Return the seconds from the start of a server until its first page has a heading, and all."""
    page = browser.new_page()
    began = time.perf_counter()
    with dashboard(app) as running:
        page.goto(running.address)
        page.locator("h1").first.wait_for(timeout=TIME_LIMIT * 1000)
        heading = time.perf_counter() - began
        page.locator(last).first.wait_for(timeout=TIME_LIMIT * 1000)
        whole = time.perf_counter() - began
    page.close()
    return heading, whole
