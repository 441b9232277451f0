"""A real Chromium, and a workspace for the dashboard under test."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Page

from bench.dashboard import chromium
from tests.browser.driving import open_page
from tests.browser.servers import ON_LINUX, processes_on


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserContext]:
    """Launch the machine's own Chromium, else the one that Playwright has installed.

    The pages of a module share its caches: to load the frontend anew takes four seconds a page.
    """
    with ExitStack() as stack:
        try:
            launched = stack.enter_context(chromium())
        except Error as error:
            reason = f"no Chromium: install it, or run `playwright install chromium`. {error}"
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)
        yield launched.new_context()


@pytest.fixture
def page(browser: BrowserContext, tmp_path: Path) -> Iterator[Page]:
    """Open a page; a screenshot of its last state is kept."""
    page = open_page(browser)
    yield page
    page.screenshot(path=tmp_path / "last.png", full_page=True)
    page.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Give a workspace, and end the processes that still run on it after the test."""
    yield tmp_path / "home"
    if ON_LINUX:
        for number in processes_on(tmp_path / "home"):
            os.kill(number, signal.SIGKILL)
