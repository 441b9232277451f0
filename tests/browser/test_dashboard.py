"""One path through the dashboard in a real Chromium, with the server stopped and killed between."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, Playwright, expect, sync_playwright

import bench.dashboard

pytestmark = [pytest.mark.browser, pytest.mark.cloud]

WAIT = 60.0
ON_LINUX = sys.platform == "linux"


class Dashboard(bench.dashboard.Dashboard):
    """A server on a workspace, that can be ended and looked into."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._home = home

    def has_loaded(self, library: str) -> bool:
        """Whether the process has files of a library in its memory."""
        return library in Path(f"/proc/{self.pid}/maps").read_text("utf-8")

    def end(self, number: signal.Signals) -> None:
        """Send a signal and wait until no process on the workspace is left, 30 s at most."""
        self.process.send_signal(number)
        self.process.wait(30)
        if ON_LINUX:
            wait_until(lambda: not processes_on(self._home), "all processes have ended", 30)


def processes_on(home: Path) -> list[int]:
    """The processes that know the workspace: the server, the emulator and the function's."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                told = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
            except OSError:
                continue
            if str(home).encode() in told:
                found.append(int(folder.name))
    return found


def wait_until(condition: Callable[[], object], what: str, seconds: float = WAIT) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain until {what}"
        time.sleep(0.1)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """A page of the machine's own Chromium, else of the one that Playwright has installed."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(WAIT * 1000)
        expect.set_options(timeout=WAIT * 1000)
        yield page
        page.screenshot(path=tmp_path / "last.png", full_page=True)
        browser.close()


def launch(playwright: Playwright) -> Browser:
    own = next(filter(None, map(shutil.which, bench.dashboard.BROWSERS)), None)
    try:
        return playwright.chromium.launch(executable_path=own, args=bench.dashboard.ARGUMENTS)
    except Error as error:
        reason = f"no Chromium: install it, or run `playwright install chromium`. {error}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A workspace; what still runs on it after the test is ended."""
    yield tmp_path / "home"
    if ON_LINUX:
        for number in processes_on(tmp_path / "home"):
            os.kill(number, signal.SIGKILL)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def go_to(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def see(page: Page, text: str) -> None:
    expect(page.get_by_text(text).first).to_be_visible()


def test_person_trains_tests_and_reviews_and_finds_all_of_it_again(
    page: Page, home: Path, tmp_path: Path
) -> None:
    # WHEN the dashboard is opened for the first time
    dashboard = Dashboard(home)
    page.goto(dashboard.address)
    see(page, "The extended iris set is ready.")
    # THEN its first page is on the screen before TensorFlow is imported
    if ON_LINUX:
        assert not dashboard.has_loaded("libtensorflow")
        wait_until(lambda: dashboard.has_loaded("libtensorflow"), "TensorFlow warms up")
    page.screenshot(path=tmp_path / "loop.png")
    press(page, "Look at the data")
    see(page, "1,200 rows")
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    page.screenshot(path=tmp_path / "data.png")

    # WHEN some labels are hacked, and a training is left alone and the browser loaded again
    press(page, "Hack")
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="Hack").click()
    see(page, "25 labels were changed")
    go_to(page, "Train")
    page.get_by_label("Epochs", exact=True).fill("10000")
    page.get_by_label("Epochs", exact=True).press("Enter")
    press(page, "Train")
    see(page, "of 10,000")
    go_to(page, "Data")
    page.reload()
    see(page, "1,200 rows")
    go_to(page, "Train")
    # THEN it still runs, and can be cancelled
    see(page, "of 10,000")
    page.screenshot(path=tmp_path / "training.png")
    press(page, "Cancel")
    see(page, "cancelled after")

    # WHEN a model is trained, and tested on the hacked data
    press(page, "Train")
    see(page, "of the rows held out are right")
    go_to(page, "Test")
    choose(page, "Data set", "extended_iris-hacked")
    press(page, "Test")
    # THEN every record is accounted for, and the candidates are there
    see(page, "Reconciled: all 1,200 records are stored")
    page.screenshot(path=tmp_path / "tested.png")
    go_to(page, "Retrain")
    see(page, "with probability")
    page.screenshot(path=tmp_path / "candidates.png")
    press(page, "Drop")

    # WHEN the server is ended with Ctrl-C, no process is left; WHEN it is started again
    dashboard.end(signal.SIGINT)
    dashboard = Dashboard(home)
    # THEN the old run and its candidates are there, and the next test works
    assert_run_and_candidates_are_there(page, dashboard)
    go_to(page, "Test")
    press(page, "Test")
    see(page, "Testing extended")
    see(page, "Reconciled: all 1,200 records are stored")

    # WHEN the server is killed, its local cloud ends too; WHEN it is started again
    dashboard.end(signal.SIGKILL)
    dashboard = Dashboard(home)
    # THEN all is there still
    assert_run_and_candidates_are_there(page, dashboard)
    dashboard.end(signal.SIGINT)


def assert_run_and_candidates_are_there(page: Page, dashboard: Dashboard) -> None:
    page.goto(f"{dashboard.address}/test")
    see(page, "Reconciled: all 1,200 records are stored")
    go_to(page, "Retrain")
    see(page, "with probability")


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label).click()
    page.get_by_role("option", name=option).first.click()
