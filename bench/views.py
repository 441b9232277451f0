"""Every view of every page, and the steps from one to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from bench.dashboard import PAGES, TIME_LIMIT, settle, train_and_test

if TYPE_CHECKING:
    from playwright.sync_api import Page

Step = Callable[["Page"], None]
"""Brings a page from one view to the next."""

CSV = b"kind;size\nred;1.5\nblue;2.5\nred;1.25\nblue;3\n"

# Charts are drawn, no placeholder is left, and no animation is under way.
_DRAWN = """
() => [...document.querySelectorAll('[data-testid=stPlotlyChart]')].every(
    (chart) => chart.querySelector('.main-svg .xtick, .main-svg .trace'))
  && !document.querySelector('[data-testid=stSkeleton]')
  && document.getAnimations().every(
    (animation) => animation.effect.getComputedTiming().iterations === Infinity)
"""


def choose(option: str, sign: str) -> Step:
    """Return the step that chooses a radio button; `sign` is a text of what it shows."""

    def step(page: Page) -> None:
        page.get_by_role("radiogroup").get_by_text(option, exact=True).click()
        page.get_by_text(sign).first.wait_for()

    return step


def open_form(name: str) -> Step:
    """Return the step that opens the form below a button, and closes the one before."""

    def step(page: Page) -> None:
        page.keyboard.press("Escape")
        page.get_by_role("button", name=name, exact=True).click()
        page.get_by_test_id("stPopoverBody").wait_for()

    return step


def unfold(name: str, sign: str) -> Step:
    """Return the step that opens an expander; `sign` is a text in it."""

    def step(page: Page) -> None:
        page.locator("summary", has_text=name).click()
        page.get_by_text(sign).first.wait_for()

    return step


def search(text: str, sign: str) -> Step:
    """Return the step that searches the rows; `sign` is a text of the result."""

    def step(page: Page) -> None:
        page.keyboard.press("Escape")
        field = page.get_by_role("textbox", name="Search all columns")
        field.fill(text)
        field.press("Enter")
        page.get_by_text(sign).first.wait_for()

    return step


def offer_file(page: Page) -> None:
    """Choose a CSV to upload in the form that is open, without adding it."""
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": "kinds.csv", "mimeType": "text/csv", "buffer": CSV}
    )
    page.get_by_text("Label column").wait_for()


def take_record(page: Page) -> None:
    """Start a sample from a record, in the form that is open, and close it."""
    page.get_by_role("button", name="Use this record").click()
    page.get_by_text("true label").wait_for()
    page.keyboard.press("Escape")


def stay(_page: Page) -> None:
    """Stay on the view that the page opens with."""


VIEWS: dict[str, dict[str, Step]] = {
    "loop": {"loop": stay},
    "data": {
        "data": stay,
        "data-upload": open_form("Upload"),
        "data-upload-label": offer_file,
        "data-split": open_form("Split"),
        "data-change-labels": open_form("Change labels"),
        "data-delete": open_form("Delete"),
        "data-search": search("virginica 6.5", "rows match."),
        "data-no-match": search("no such flower", "No row matches"),
        "data-columns": choose("Columns", "cells have no value"),
        "data-histogram": choose("Histogram", "Bins"),
        "data-scatter": choose("Scatter", "All 1,200 rows."),
        "data-correlation": choose("Correlation", "Pearson"),
        "data-classes": choose("Classes", "Majority-class baseline"),
        "data-compare": choose("Compare", "population stability index"),
    },
    "train": {"train": stay, "train-rename": open_form("Rename")},
    "score": {
        "score": stay,
        "score-start": open_form("Start from a record"),
        "score-record": take_record,
    },
    "test": {
        "test": stay,
        "test-classes": choose("Classes", "Loss "),
        "test-calibration": choose("Calibration", "Calibration error"),
        "test-threshold-lab": choose("Threshold lab", "Cost of a review"),
        "test-compare": choose("Compare", "Compare with"),
        "test-files": choose("Files", "Download the report"),
    },
    "retrain": {
        "retrain": stay,
        "retrain-filter": unfold("Filter", "Predicted class"),
        "retrain-counts": unfold("Counts by reason, class and run", "By reason and class"),
    },
    "cloud": {
        "cloud": stay,
        "cloud-log": unfold("The function's log", "batches"),
        "cloud-queue": unfold("Failure queue", "No failed batches"),
        "cloud-bill": unfold("What it costs on AWS", "An estimate"),
        "cloud-lab": unfold("Lab steps", "To submit"),
        "cloud-aws": choose("AWS", "Yes, work on AWS"),
    },
}
"""The views of each page in order; each step begins where the one before ended."""


def fill_workspace(page: Page, address: str) -> None:
    """Fill a workspace: a model, a second data set with label noise, a run on each."""
    train_and_test(page, address)
    page.goto(f"{address}/data")
    settle(page)
    open_form("Change labels")(page)
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="Change labels").click()
    page.get_by_text("labels were changed").wait_for()
    page.get_by_role("link", name="Test", exact=True).click()
    page.get_by_role("heading", name="Test", exact=True).wait_for()
    settle(page)
    page.get_by_role("button", name="Test", exact=True).click()
    page.get_by_text("on extended_iris-noisy", exact=False).first.wait_for()
    page.get_by_text("Reconciled: all").wait_for()


def views(page: Page, address: str) -> Iterator[str]:
    """Go through all views, each page loaded once.

    Returns:
        the name of each view, when it is drawn.
    """
    for name, steps in VIEWS.items():
        page.goto(f"{address}/{PAGES[name]}")
        settle(page)
        for view, step in steps.items():
            step(page)
            wait_until_drawn(page)
            yield view


def wait_until_drawn(page: Page) -> None:
    """Wait until Streamlit has drawn the page, and plotly its charts."""
    page.wait_for_timeout(50)  # a step's message is on its way to the server
    settle(page)
    page.wait_for_function(_DRAWN, timeout=TIME_LIMIT * 1000)
