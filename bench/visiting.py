"""A person's way through the pages: the seconds that it takes, and the errors on it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bench.dashboard import errors, go_to, open_view, press, settle

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

LONG = 300.0
"""Seconds allowed for an upload, a training or a test."""


class Visit:
    """A person's way through the pages.

    Attributes:
        drawn: seconds until each page and view was drawn; the longest of several times.
        done: seconds that each job took.
        errors: the error messages on the way.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.drawn: dict[str, float] = {}
        self.done: dict[str, float] = {}
        self.errors: list[str] = []

    def open(self, title: str, selector: str) -> None:
        """Switch to a page, and wait for an element of it."""
        element = self.page.locator(selector)
        seconds = self._wait(title, lambda: go_to(self.page, title), element)
        self.drawn[title] = max(seconds, self.drawn.get(title, 0))

    def upload(self, file: Path, rows: str) -> None:
        """Add a CSV on the Data page; `rows` is a text of how many it has."""
        self.open("Data", "text=1,200 rows")
        press(self.page, "Upload")
        upload = self.page.locator("input[type=file]")
        self.run("sent", lambda: upload.set_input_files(file), "Label column")
        self.run("added", lambda: press(self.page, "Add"), f"{rows} ·")

    def open_views(self, views: dict[str, str]) -> None:
        """Open each view of a page."""
        title = self.page.locator("h1").inner_text()
        for view, text in views.items():
            name = f"{title}: {view}"
            element = self.page.get_by_text(text)
            self.drawn[name] = self._wait(name, lambda: open_view(self.page, view), element)  # noqa: B023

    def run(self, name: str, act: Callable[[], object], result: str) -> None:
        """Start a job, and wait for the text of its result."""
        self.done[name] = self._wait(name, act, self.page.get_by_text(result))

    def _wait(self, name: str, act: Callable[[], object], element: Locator) -> float:
        """Return the seconds until an element is drawn; note the errors on the page."""
        began = time.perf_counter()
        act()
        element.first.wait_for(timeout=LONG * 1000)
        settle(self.page)
        seconds = time.perf_counter() - began
        self.errors += [f"{name}: {message}" for message in errors(self.page)]
        return seconds


def select_box(option: str) -> str:
    """Return the selector of a select box in which an option is selected."""
    return f'input[value*="{option}"]'
