"""Every view of every page, and the steps from one to the next."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from typing import TYPE_CHECKING

from bench.dashboard import PAGES, TIME_LIMIT, open_view, settle

if TYPE_CHECKING:
    from playwright.sync_api import Page

Step = Callable[["Page"], None]
"""Brings a page from one view to the next."""

NOISY = "extended_iris-noisy"
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


def look_at(name: str, sign: str) -> Step:
    """Return the step that opens a view of the page; `sign` is a text of what it shows."""

    def step(page: Page) -> None:
        page.keyboard.press("Escape")
        page.get_by_test_id("stPopoverBody").wait_for(state="hidden")
        open_view(page, name)
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
        # A click beside an open form closes that, and may do no more.
        page.keyboard.press("Escape")
        page.get_by_test_id("stPopoverBody").wait_for(state="hidden")
        settle(page)
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


def take(label: str, option: str, sign: str) -> Step:
    """Return the step that takes the option of a select box that ends with a text."""

    def step(page: Page) -> None:
        page.keyboard.press("Escape")
        field = page.get_by_label(label, exact=True).first
        field.scroll_into_view_if_needed()
        wait_until_drawn(page)  # the list closes when the page scrolls
        field.click()
        page.get_by_role("option", name=re.compile(f"{re.escape(option)}$")).first.click()
        page.get_by_text(sign).first.wait_for()

    return step


def enter(label: str, number: str, sign: str) -> Step:
    """Return the step that enters a number; `sign` is a text of what it shows."""

    def step(page: Page) -> None:
        field = page.get_by_role("spinbutton", name=label)
        field.fill(number)
        field.press("Enter")
        page.get_by_text(sign).first.wait_for()

    return step


def press(name: str, sign: str) -> Step:
    """Return the step that presses a button; `sign` is a text of what came of it."""

    def step(page: Page) -> None:
        page.get_by_role("button", name=name, exact=True).click()
        page.get_by_text(sign).first.wait_for()
        page.mouse.move(0, 0)  # else the help of the button covers the page

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


def measure_columns(page: Page) -> None:
    """Measure which columns matter to a model, unless somebody has."""
    unfold("Which columns matter", "log loss")(page)
    settle(page)
    measure = page.get_by_role("button", name="Measure", exact=True)
    if measure.count():
        measure.click()
    page.get_by_text("of log loss").first.wait_for()


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
        "data-columns": look_at("Columns", "cells have no value"),
        "data-histogram": look_at("Histogram", "Bins"),
        "data-scatter": look_at("Scatter", "All 1,200 rows."),
        "data-correlation": look_at("Correlation", "Pearson"),
        "data-classes": look_at("Classes", "Majority-class baseline"),
        "data-compare": look_at("Compare", "population stability index"),
        "data-origin": look_at("Where it comes from", "Uploaded"),
        "data-changes": take("Data set", f"{NOISY} (corrected) · 1,200 rows", "relabelled"),
    },
    "train": {
        "train": stay,
        "train-importance": measure_columns,
        "train-dependence": unfold("How it depends on …", "All else stays as it is"),
        "train-champion": unfold("Compare it with a challenger", "The challenger fixes"),
        "train-rename": open_form("Rename"),
    },
    "score": {
        "score": stay,
        "score-start": open_form("Start from a record"),
        "score-record": take_record,
        "score-why": unfold("Why the model says so", "Shapley values"),
    },
    "test": {
        "test": stay,
        "test-why": unfold("Why the model says so", "Shapley values"),
        "test-classes": look_at("Classes", "Loss "),
        "test-curves": look_at("Curves", "Average precision"),
        "test-calibration": look_at("Calibration", "Calibration error"),
        "test-threshold-lab": look_at("Threshold lab", "Cost of a review"),
        "test-budget": enter("How many records can you review?", "90", "90 records are"),
        "test-compare": look_at("Compare", "Compare with"),
        "test-compare-corrected": take("Run", f"v2 on {NOISY}", "Go by the corrected labels"),
        "test-files": look_at("Files", "Download the report"),
    },
    "retrain": {
        "retrain": stay,
        "retrain-suggestions": press("Find label errors", "are likely mislabelled"),
        "retrain-nearest": unfold("Nearest training rows", "Distances are of the scaled"),
        "retrain-typical": unfold("Typical of which class?", "Compared with typical"),
        "retrain-why": unfold("Why the model says so", "Shapley values"),
        "retrain-history": unfold("History", "Nobody has given a verdict"),
        "retrain-several": unfold("Several at once", "Probability of the class suggested"),
        "retrain-exchange": unfold("Review elsewhere", "Candidates out"),
        "retrain-rows": unfold("Rows of the training data", "Data to review"),
        "retrain-rows-found": press("Find label errors in the data", "are likely mislabelled;"),
        "retrain-sample": open_form("Sample, then accept"),
        "retrain-filter": unfold("Filter", "Predicted class"),
        "retrain-counts": unfold("Counts by reason, class and run", "By reason and class"),
        "retrain-plan": take("Run", f"v1 on {NOISY}", "rows evaluate and are left out"),
        "retrain-applied": press("Apply verdicts", "rows relabelled"),
    },
    "cloud": {
        "cloud": stay,
        "cloud-log": unfold("The function's log", "batches"),
        "cloud-queue": unfold("Failure queue", "No failed batches"),
        "cloud-bill": unfold("What it costs on AWS", "An estimate"),
        "cloud-aws": choose("AWS", "Yes, work on AWS"),
    },
    "lab": {
        "lab": stay,
        "lab-where": unfold("What goes where", "At the head of your code"),
    },
}
"""The views of each page in order; each step begins where the one before ended."""


def views(page: Page, address: str, only: Container[str] | None = None) -> Iterator[str]:
    """Go through all views, each page loaded once.

    Args:
        page: to go with.
        address: of the dashboard.
        only: the views to go to, each of which its page can open by itself; all by default.

    Returns:
        the name of each view, when it is drawn.
    """
    for name, steps in VIEWS.items():
        page.goto(f"{address}/{PAGES[name]}")
        settle(page)
        for view, step in steps.items():
            if only is not None and view not in only:
                continue
            step(page)
            wait_until_drawn(page)
            yield view


def wait_until_drawn(page: Page) -> None:
    """Wait until Streamlit has drawn the page, and plotly its charts."""
    page.wait_for_timeout(50)  # a step's message is on its way to the server
    settle(page)
    page.wait_for_function(_DRAWN, timeout=TIME_LIMIT * 1000)
