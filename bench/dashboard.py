"""A dashboard to look at from outside: a server on a workspace of its own, and a real Chromium."""

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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

PROJECT = Path(__file__).resolve().parent.parent
PATIENCE = 60.0
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PAGES = {
    "loop": "",
    **{name: name for name in ("data", "train", "score", "test", "retrain", "cloud")},
}
"""Where each page is, below the address."""


ERRORS = "[data-testid=stException], [data-testid=stAlertContentError]"
"""What on a page is an error, as a CSS selector."""
OURS = ("run", "streamlit_app.py")
"""What Streamlit is told, to run the dashboard."""


class Dashboard:
    """A running server; `pid` is its process, `address` its URL, `home` its workspace.

    `options` are Streamlit's, `environment` is added to that of this process.
    """

    def __init__(
        self, home: Path, *options: str, what: Sequence[str] = OURS, **environment: str
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.home = home
        self.address = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "streamlit",
                *what,
                "--server.headless",
                "true",
                "--server.address",
                "127.0.0.1",
                "--server.port",
                str(port),
                *options,
            ],
            cwd=PROJECT,
            env={**os.environ, "IRIS_HOME": str(home), **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.pid = self.process.pid
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise TimeoutError("the dashboard did not start")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it as Ctrl-C does, and wait until it has."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE)

    def _answers(self) -> bool:
        try:
            address = f"{self.address}/_stcore/health"
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310  # nosec B310
                return True
        except OSError:
            return False


@contextmanager
def dashboard(what: Sequence[str] = OURS) -> Iterator[Dashboard]:
    """A dashboard on an empty workspace, gone afterwards; or another app of Streamlit's."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        running = Dashboard(Path(home), what=what)
        try:
            yield running
        finally:
            running.stop()


@contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    """The machine's own Chromium, else the one that Playwright has installed."""
    from playwright.sync_api import sync_playwright

    own = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=own, args=[*ARGUMENTS, *arguments])
        yield browser
        browser.close()


def settle(page: Page) -> None:
    """Wait until Streamlit has drawn the page and shows nothing as stale."""
    page.locator("h1").first.wait_for(timeout=PATIENCE * 1000)
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState"
        " === 'notRunning' && !document.querySelector('[data-stale=true]')",
        timeout=PATIENCE * 1000,
    )


def press(place: Page | Locator, name: str) -> None:
    """Press the button of that name."""
    place.get_by_role("button", name=name, exact=True).click()


def choose(page: Page, label: str, option: str) -> None:
    """Choose the first option of a list that contains a text."""
    page.get_by_label(label, exact=True).click()
    page.get_by_role("option", name=option).first.click()


def go_to(page: Page, title: str) -> None:
    """Follow the sidebar's link to a page, and wait for its heading."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
    page.get_by_role("heading", name=title, exact=True, level=1).wait_for()


def look_at(page: Page, view: str) -> None:
    """Choose one of a page's views."""
    page.get_by_test_id("stRadio").get_by_text(view, exact=True).click()


def errors(page: Page) -> list[str]:
    """What the page shows of errors, in its own words."""
    return page.locator(ERRORS).all_inner_texts()


def train_and_test(page: Page, address: str) -> None:
    """Train a model and test it with the defaults, as a newcomer would."""
    page.goto(f"{address}/train")
    settle(page)
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("held out").first.wait_for(timeout=PATIENCE * 1000)
    page.goto(f"{address}/test")
    settle(page)
    page.get_by_role("button", name="Test", exact=True).click()
    page.get_by_text("Reconciled: all").wait_for(timeout=PATIENCE * 1000)
