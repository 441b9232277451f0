"""How soon there is something to see, beside Streamlit's own demo: ours has more to bring."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median
from typing import TYPE_CHECKING

from bench.dashboard import OURS, PATIENCE, chromium, dashboard
from bench.measurement import Measurement
from bench.turns import PROJECT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROUNDS = 7
LIMIT = "pandas, half a second, is imported by the stores that the page reads from"
COMMANDS = {"ours": "import cli", "streamlit": "from streamlit.web.cli import main"}
"""What Python runs: all that `cli.py` imports, and what the command `streamlit` does."""
APPS = {"ours": OURS, "streamlit": ("hello",)}


def starting() -> Iterator[Measurement]:
    """The imports of the command line, and the first page of the dashboard."""
    imports: dict[str, list[float]] = {name: [] for name in COMMANDS}
    pages: dict[str, list[float]] = {name: [] for name in APPS}
    with chromium() as browser:
        for _ in range(ROUNDS):
            for name, command in COMMANDS.items():
                imports[name].append(_run(command))
            for name, what in APPS.items():
                pages[name].append(_first_page(browser, what))
    for told, taken in (
        ("import cli, of the time of importing streamlit's", imports),
        ("first page on the screen, of the time of streamlit hello", pages),
    ):
        yield Measurement.of(
            told,
            [ours / hello for ours, hello in zip(taken["ours"], taken["streamlit"], strict=True)],
            1.3,
            "times",
            remark=f"{median(taken['ours']):.2f} s and {median(taken['streamlit']):.2f} s",
            limit=LIMIT,
        )


def _run(command: str) -> float:
    """Seconds of a Python that runs a command."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", command], cwd=PROJECT, check=True)
    return time.perf_counter() - began


def _first_page(browser: Browser, what: tuple[str, ...]) -> float:
    """Seconds from the start of a server until its first page has a heading."""
    page = browser.new_page()
    began = time.perf_counter()
    with dashboard(what) as running:
        page.goto(running.address)
        page.locator("h1").first.wait_for(timeout=PATIENCE * 1000)
        seconds = time.perf_counter() - began
    page.close()
    return seconds
