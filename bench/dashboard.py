"""A dashboard under test: a server on its own workspace, and a real Chromium to visit it with."""

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
TIME_LIMIT = 60.0
"""Seconds to wait for a server or a page."""
LIST_TIME_LIMIT = 10.0
"""Seconds to wait for an option in an open list: it may have closed."""
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PAGES = {
    "loop": "",
    **{name: name for name in ("data", "train", "score", "test", "retrain", "cloud", "lab")},
}
"""Path of each page below the address."""

ERRORS = "[data-testid=stException], [data-testid=stAlertContentError]"
"""CSS selector of the error messages on a page."""
IRIS_LOOP = ("run", "streamlit_app.py")
"""Arguments with which `streamlit` runs the dashboard."""


class Dashboard:
    """A running server.

    Args:
        home: folder of its workspace.
        options: further command line options of Streamlit.
        app: the app that Streamlit runs, as command line arguments.
        folder: where it runs.
        wrapper: a command that runs the server, its arguments follow.
        environment: variables that are added to those of this process.

    Attributes:
        home: folder of its workspace.
        address: its URL, without a slash at the end.
        process: the server process, `pid` its id.
    """

    def __init__(
        self,
        home: Path,
        *options: str,
        app: Sequence[str] = IRIS_LOOP,
        folder: Path = PROJECT,
        wrapper: Sequence[str] = (),
        **environment: str,
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.home = home
        self.address = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [
                *wrapper,
                sys.executable,
                "-m",
                "streamlit",
                *app,
                "--server.headless",
                "true",
                "--server.address",
                "127.0.0.1",
                "--server.port",
                str(port),
                *options,
            ],
            cwd=folder,
            env={**os.environ, "IRIS_HOME": str(home), **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.pid = self.process.pid
        deadline = time.monotonic() + TIME_LIMIT
        while not self._answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise TimeoutError("the dashboard did not start")
            time.sleep(0.02)

    def stop(self) -> None:
        """Interrupt the server as Ctrl-C does, and wait until it has ended."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(TIME_LIMIT)

    def _answers(self) -> bool:
        try:
            address = f"{self.address}/_stcore/health"
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310  # nosec B310
                return True
        except OSError:
            return False


@contextmanager
def dashboard(app: Sequence[str] = IRIS_LOOP) -> Iterator[Dashboard]:
    """Run the dashboard, or another Streamlit app, on an empty workspace that is removed after."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        running = Dashboard(Path(home), app=app)
        try:
            yield running
        finally:
            running.stop()


@contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    """Launch the machine's own Chromium, else the one that Playwright has installed."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *arguments])
        yield browser
        browser.close()


def settle(page: Page) -> None:
    """Wait until Streamlit has drawn the page and shows nothing as stale."""
    page.locator("h1").first.wait_for(timeout=TIME_LIMIT * 1000)
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState"
        " === 'notRunning' && !document.querySelector('[data-stale=true]')",
        timeout=TIME_LIMIT * 1000,
    )


def press(parent: Page | Locator, name: str) -> None:
    """Press the button of that name."""
    parent.get_by_role("button", name=name, exact=True).click()


def choose(page: Page, label: str, option: str) -> None:
    """Choose the first option of a select box that contains a text.

    Its list closes when the page is drawn anew, so that comes first; it is opened again if it
    was drawn anew all the same, for a job ended or the clock of the page struck.
    """
    from playwright.sync_api import TimeoutError as PlaywrightTimeout

    deadline = time.monotonic() + TIME_LIMIT
    while True:
        settle(page)
        page.get_by_label(label, exact=True).click()
        try:
            page.get_by_role("option", name=option).first.click(timeout=LIST_TIME_LIMIT * 1000)
        except PlaywrightTimeout:
            if time.monotonic() > deadline:
                raise
            page.keyboard.press("Escape")
        else:
            return


def go_to(page: Page, title: str) -> None:
    """Follow the sidebar's link to a page, and wait for its heading."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
    page.get_by_role("heading", name=title, exact=True, level=1).wait_for()


def open_view(page: Page, view: str) -> None:
    """Open one of a page's views, by its name on the screen."""
    page.get_by_role("tab", name=view, exact=True).click()


def errors(page: Page) -> list[str]:
    """Return the texts of the error messages on the page."""
    return page.locator(ERRORS).all_inner_texts()


def train_and_test(page: Page, address: str) -> None:
    """Train a model and test it with the default settings, as a newcomer would."""
    page.goto(f"{address}/train")
    settle(page)
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("Evaluation accuracy").first.wait_for(timeout=TIME_LIMIT * 1000)
    page.goto(f"{address}/test")
    settle(page)
    choose(page, "Data set", "1,200 rows")
    settle(page)
    page.get_by_role("button", name="Test", exact=True).click()
    page.get_by_text("Reconciled: all").wait_for(timeout=TIME_LIMIT * 1000)
