"""A million rows through every page in a real Chromium: what goes wrong, what is slow.

They are uploaded, looked at, trained on and scored; a twentieth of them is tested, for the local
cloud takes some thousand records a second.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bench.dashboard import (
    PATIENCE,
    choose,
    chromium,
    dashboard,
    errors,
    go_to,
    look_at,
    press,
    settle,
)
from bench.data_views import ROWS as MILLION
from bench.measurement import Measurement
from bench.samples import long_dataset
from iris_core.data.csv_writing import to_csv

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

LONG = 300.0
"""Seconds that the upload, the training and the test are given."""
ROWS = "1,000,000 rows"
TESTED = "50,001 rows"
"""The smallest split, each class in proportion."""
TRAINING = {"Epochs": 3, "Batch size": 1024}
DATA_VIEWS = {
    "Rows": "are shown",
    "Columns": "21 columns",
    "Histogram": "Bins",
    "Scatter": "A sample of",
    "Correlation": "Pearson",
    "Classes": "the commonest",
    "Compare": "population stability",
}
"""What can be seen of a data set, and what each view says."""
RUN_VIEWS = {
    "Classes": "Loss",
    "Reliability": "Calibration error",
    "Threshold lab": "Below the threshold",
    "Compare": "no other run",
    "Files": "Download the report",
    "Mistakes and records": "Confusion matrix",
}
"""What can be seen of a run, and what each view says."""


class _Visit:
    """A person's way through the pages: what they waited for, and what went wrong."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.drawn: dict[str, float] = {}
        """Seconds until each page and view was drawn; the longest of several times."""
        self.done: dict[str, float] = {}
        """Seconds that each piece of work took."""
        self.errors: list[str] = []

    def opens(self, title: str, seen: str) -> None:
        """Switch to a page that shows something."""
        there = self.page.locator(seen)
        seconds = self._wait(title, lambda: go_to(self.page, title), there)
        self.drawn[title] = max(seconds, self.drawn.get(title, 0))

    def looks_at(self, views: dict[str, str]) -> None:
        """Choose each view of a page."""
        title = self.page.locator("h1").inner_text()
        for view, text in views.items():
            name = f"{title}: {view}"
            there = self.page.get_by_text(text)
            self.drawn[name] = self._wait(name, lambda: look_at(self.page, view), there)  # noqa: B023

    def works(self, name: str, act: Callable[[], object], seen: str) -> None:
        """Do what takes its time."""
        self.done[name] = self._wait(name, act, self.page.get_by_text(seen))

    def _wait(self, name: str, act: Callable[[], object], there: Locator) -> float:
        began = time.perf_counter()
        act()
        there.first.wait_for(timeout=LONG * 1000)
        settle(self.page)
        seconds = time.perf_counter() - began
        self.errors += [f"{name}: {told}" for told in errors(self.page)]
        return seconds


def million() -> Iterator[Measurement]:
    """A CSV of 1,000,000 rows and 21 columns through every page, as a newcomer would take it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "million.csv"
        file.write_bytes(to_csv(long_dataset(MILLION)))
        with dashboard() as running, chromium() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(PATIENCE * 1000)
            page.goto(running.address)
            settle(page)
            visit = _Visit(page)
            _bring(visit, file)
            _train(visit)
            _score(visit)
            _test(visit)
    yield Measurement(
        "a million rows through every page: errors",
        len(visit.errors),
        0,
        "",
        "; ".join(visit.errors),
    )
    slowest = max(visit.drawn, key=visit.drawn.__getitem__)
    work = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in visit.done.items())
    yield Measurement(
        f"slowest of {len(visit.drawn)} pages and views of them",
        visit.drawn[slowest],
        5,
        "s",
        f"{slowest}; {work}",
    )


def _bring(visit: _Visit, file: Path) -> None:
    page = visit.page
    visit.opens("Data", "text=1,200 rows")
    press(page, "Upload")
    upload = page.locator("input[type=file]")
    visit.works("sent", lambda: upload.set_input_files(file), "Label column")
    visit.works("added", lambda: press(page, "Add"), f"{ROWS} ·")
    visit.looks_at(DATA_VIEWS)


def _train(visit: _Visit) -> None:
    page = visit.page
    visit.opens("Train", _chosen(ROWS))
    for label, value in TRAINING.items():
        page.get_by_label(label, exact=True).fill(str(value))
        page.get_by_label(label, exact=True).press("Enter")
        settle(page)
    visit.works("trained", lambda: press(page, "Train"), "held out are right")


def _score(visit: _Visit) -> None:
    page = visit.page
    visit.opens("Score", "text=The averages of the training data")
    press(page, "Start from a record")
    choose(page, "Data set", "million")
    page.get_by_label("Row", exact=True).fill("999999")
    visit.works("scored", lambda: press(page, "Take it"), "Row 999,999 of million")


def _test(visit: _Visit) -> None:
    page = visit.page
    visit.opens("Test", _chosen(ROWS))
    visit.opens("Data", f"text={ROWS} ·")
    press(page, "Split")
    form = page.get_by_test_id("stPopoverBody")
    for _ in range(3):
        form.get_by_role("slider").press("ArrowLeft")
    page.wait_for_timeout(500)  # the slider hands its value on when it has come to rest
    settle(page)
    visit.works("split", lambda: press(form, "Split"), f"million-test ({TESTED})")
    visit.opens("Test", _chosen(TESTED))
    visit.works("tested", lambda: press(page, "Test"), "Reconciled: all")
    visit.looks_at(RUN_VIEWS)
    visit.opens("Retrain", "text=candidates are decided")
    visit.opens("Cloud", "text=Every part is there and well.")
    visit.opens("Loop", "text=million")
    visit.opens("Train", "text=million v1")
    visit.opens("Score", "text=Row 999,999 of million")


def _chosen(option: str) -> str:
    """A list in which an option is chosen."""
    return f'input[value*="{option}"]'
