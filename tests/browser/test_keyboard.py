"""The main path with the keyboard alone: data, training, test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench.dashboard import settle
from tests.browser.driving import see
from tests.browser.servers import Dashboard

pytestmark = [pytest.mark.browser, pytest.mark.cloud]

MOST_STOPS = 250
"""Presses of the Tab key once around a page."""

# One stop is enough for a radio group, a number field or a list: arrow keys do the rest.
_UNREACHED = """
[...document.querySelectorAll('[data-testid=stMain] :is(a[href], button, input, summary)')]
  .filter((control) => control.checkVisibility({visibilityProperty: true, opacityProperty: true})
    && !control.disabled && control.dataset.reached === undefined
    && !control.matches('input[type=radio]:not(:checked), input[type=file], '
      + '[data-testid^=stNumberInputStep], [data-testid=stSelectbox] button, '
      + '[data-testid=stMultiSelect] button'))
  .map((control) => control.getAttribute('aria-label') || control.textContent)
"""
_MARK = "() => { document.activeElement.dataset.reached = ''; }"


def tab_to(page: Page, role: str, name: str) -> None:
    """Press Tab until a control has the focus, as a person does who sees where it is."""
    control = page.get_by_role(role, name=name, exact=True).first  # type: ignore[arg-type]
    control.wait_for(state="attached")
    for _ in range(MOST_STOPS):
        if control.evaluate("(control) => control === document.activeElement"):
            assert control.evaluate("(control) => control.matches(':focus-visible')")
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not reach {role} {name}")


def go_to(page: Page, name: str) -> None:
    tab_to(page, "link", name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    settle(page)


def open_next_view(page: Page, view: str) -> None:
    """Open the view behind the one that is open: an arrow key does it."""
    settle(page)
    tab_to(page, "tab", view)
    page.keyboard.press("ArrowRight")


def unreached(page: Page) -> list[str]:
    """Return the controls of a page that Tab does not reach on its way around."""
    start = page.get_by_role("link", name="Skip to main content")
    start.focus()
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        page.evaluate(_MARK)
        if start.evaluate("(link) => link === document.activeElement"):
            missed: list[str] = page.evaluate(_UNREACHED)
            return missed
    pytest.fail("Tab does not come around")


def test_main_path_needs_no_mouse(page: Page, home: Path) -> None:
    dashboard = Dashboard(home)
    page.goto(dashboard.address)
    see(page, "How do you want to begin?")

    # WHEN a person looks at the data
    go_to(page, "Data")
    see(page, "1,200 rows")
    assert not unreached(page)
    open_next_view(page, "Rows")
    see(page, "cells have no value")
    settle(page)
    open_next_view(page, "Columns")
    see(page, "Bins")
    tab_to(page, "combobox", "Column")
    page.keyboard.type("elevation")
    page.keyboard.press("Enter")
    # THEN the chart is that of the chosen column
    expect(page.get_by_test_id("stPlotlyChart").first).to_have_attribute(
        "aria-label", re.compile("^Histogram of elevation")
    )
    tab_to(page, "slider", "Bins Bins")  # the group, and the slider in it
    page.keyboard.press("ArrowRight")
    see(page, "35")

    # WHEN it trains a model in a few epochs
    go_to(page, "Train")
    assert not unreached(page)
    tab_to(page, "spinbutton", "Epochs")
    page.keyboard.press("Control+A")
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    tab_to(page, "button", "Train")
    page.keyboard.press("Enter")
    # THEN it is trained
    see(page, "Evaluation accuracy")

    # WHEN it tests the model
    go_to(page, "Test")
    tab_to(page, "button", "Test")
    page.keyboard.press("Enter")
    # THEN every record is accounted for, and each view of the run can be reached
    see(page, "Reconciled: all 240 records are stored")
    settle(page)
    assert not unreached(page)
    open_next_view(page, "Mistakes and records")
    see(page, "threshold 0.9")
    dashboard.stop()
