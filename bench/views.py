"""Every view of every page, and how a person comes from one to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from bench.dashboard import PAGES, PATIENCE, settle, train_and_test

if TYPE_CHECKING:
    from playwright.sync_api import Page

Step = Callable[["Page"], None]
"""What brings a page from one view to the next."""

CSV = b"kind;size\nred;1.5\nblue;2.5\nred;1.25\nblue;3\n"

# Charts are there, nothing is to come, and nothing slides or fades in any more.
_DRAWN = """
() => [...document.querySelectorAll('[data-testid=stPlotlyChart]')].every(
    (chart) => chart.querySelector('.main-svg .xtick, .main-svg .trace'))
  && !document.querySelector('[data-testid=stSkeleton]')
  && document.getAnimations().every(
    (animation) => animation.effect.getComputedTiming().iterations === Infinity)
"""


def choose(option: str, sign: str) -> Step:
    """Choose a radio button; `sign` is a text of what it shows."""

    def step(page: Page) -> None:
        page.get_by_role("radiogroup").get_by_text(option, exact=True).click()
        page.get_by_text(sign).first.wait_for()

    return step


def open_form(name: str) -> Step:
    """Open a form that is below a button, and close the one before."""

    def step(page: Page) -> None:
        page.keyboard.press("Escape")
        page.get_by_role("button", name=name, exact=True).click()
        page.get_by_test_id("stPopoverBody").wait_for()

    return step


def unfold(name: str, sign: str) -> Step:
    """Open a part of the page that is folded; `sign` is a text in it."""

    def step(page: Page) -> None:
        page.locator("summary", has_text=name).click()
        page.get_by_text(sign).first.wait_for()

    return step


def search(words: str, sign: str) -> Step:
    """Search the rows of a data set, and close the form that is open; `sign` is what is said."""

    def step(page: Page) -> None:
        page.keyboard.press("Escape")
        field = page.get_by_role("textbox", name="Search all columns")
        field.fill(words)
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
    page.get_by_role("button", name="Take it").click()
    page.get_by_text("actually").wait_for()
    page.keyboard.press("Escape")


def stay(_page: Page) -> None:
    """The view that a page opens on."""


VIEWS: dict[str, dict[str, Step]] = {
    "loop": {"loop": stay},
    "data": {
        "data": stay,
        "data-upload": open_form("Upload"),
        "data-upload-label": offer_file,
        "data-split": open_form("Split"),
        "data-hack": open_form("Hack"),
        "data-delete": open_form("Delete"),
        "data-search": search("virginica 6.5", "rows match."),
        "data-no-match": search("no such flower", "No row matches"),
        "data-columns": choose("Columns", "cells have no value"),
        "data-histogram": choose("Histogram", "Bins"),
        "data-scatter": choose("Scatter", "Across"),
        "data-correlation": choose("Correlation", "Pearson"),
        "data-classes": choose("Classes", "the commonest has"),
        "data-compare": choose("Compare", "columns shifted"),
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
        "test-reliability": choose("Reliability", "Calibration error"),
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
        "cloud-queue": unfold("Failure queue", "No batch failed"),
        "cloud-bill": unfold("What it costs on AWS", "An estimate"),
        "cloud-lab": unfold("Lab steps", "To hand in"),
        "cloud-aws": choose("AWS", "Yes, work on AWS"),
    },
}
"""For each page its views in turn; each step begins where the one before ended."""


def fill(page: Page, address: str) -> None:
    """Make all there is to see: a model, a second data set with wrong labels, a run on each."""
    train_and_test(page, address)
    page.goto(f"{address}/data")
    settle(page)
    open_form("Hack")(page)
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="Hack").click()
    page.get_by_text("labels were changed").wait_for()
    page.get_by_role("link", name="Test", exact=True).click()
    page.get_by_role("heading", name="Test", exact=True).wait_for()
    settle(page)
    page.get_by_role("button", name="Test", exact=True).click()
    page.get_by_text("on extended_iris-hacked", exact=False).first.wait_for()
    page.get_by_text("Reconciled: all").wait_for()


def views(page: Page, address: str) -> Iterator[str]:
    """Go through all views, each page loaded once; yields the name of each when it is drawn."""
    for name, steps in VIEWS.items():
        page.goto(f"{address}/{PAGES[name]}")
        settle(page)
        for view, step in steps.items():
            step(page)
            drawn(page)
            yield view


def drawn(page: Page) -> None:
    """Wait until Streamlit has drawn the page, and plotly its pictures."""
    page.wait_for_timeout(50)  # a step's message is on its way to the server
    settle(page)
    page.wait_for_function(_DRAWN, timeout=PATIENCE * 1000)
