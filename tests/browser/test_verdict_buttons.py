"""The verdict buttons stay in their place, whatever is said of a record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, FloatRect, Locator, Page, expect

from app.services.data.datasets import import_table
from app.services.model.training import train_model
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from aws import retrain_table
from aws.settings import Settings
from bench.dashboard import settle
from iris_core.model.options import ModelSpec, TrainOptions
from tests.browser.driving import PHONE, SCREEN, alone, see, verdict
from tests.browser.servers import Dashboard

pytestmark = [pytest.mark.browser, pytest.mark.cloud]

SHORT, LONG, UNBROKEN = "a", "a class with a very long name " * 12, "x" * 300
NAMES = (SHORT, LONG.strip(), UNBROKEN)

_TOP = """
(button) => button.getBoundingClientRect().top
  + document.querySelector('[data-testid=stMain]').scrollTop
"""
_SCROLLS_SIDEWAYS = """
[document.scrollingElement, document.querySelector('[data-testid=stMain]')]
  .some((part) => part.scrollWidth > innerWidth)
"""


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, int]]]:
    """GIVEN a dashboard with candidates whose classes have short and very long names.

    Yields its address, and a record's row for each true label.
    """
    folder: Path = tmp_path_factory.mktemp("buttons")
    csv = folder / "names.csv"
    lines = (f"{NAMES[row % 3]},{row % 3 + row / 100}" for row in range(60))
    csv.write_text("\n".join(["kind,size", *lines]), "utf-8")
    workspace = Workspace(folder / "home", Settings())
    dataset = import_table(workspace, csv)
    model = train_model(workspace, dataset, ModelSpec(), options=TrainOptions(epochs=1))
    run = run_test(workspace, model, dataset, threshold="1").run
    labels = {
        candidate.record.actual_string: candidate.key.row
        for candidate in retrain_table.candidates(workspace.cloud(), run)
    }
    workspace.close()
    dashboard = Dashboard(folder / "home")
    yield dashboard.address, labels
    dashboard.stop()


def open_record(page: Page, address: str, row: int) -> None:
    page.goto(f"{address}/retrain?record={row}")
    settle(page)
    see(page, f"Row {row}")
    see(page, "Reason for review")


def keep(page: Page) -> Locator:
    return page.get_by_role("button", name="Keep label: ")


def tops(page: Page) -> list[float]:
    """Return how far down each verdict button is, in pixels, on a phone and on a screen."""
    buttons = (keep(page), verdict(page, "Drop"), verdict(page, "Skip"))
    places = []
    for viewport in (PHONE, SCREEN):
        page.set_viewport_size(viewport)
        settle(page)
        page.wait_for_function(f"!({_SCROLLS_SIDEWAYS.strip()})")  # tables follow a little later
        drop = box(buttons[1])
        assert drop["x"] + drop["width"] <= viewport["width"]
        places += [box(keep(page))["height"], *(button.evaluate(_TOP) for button in buttons)]
    return places


@pytest.fixture
def colleague(browser: BrowserContext) -> Iterator[Page]:
    """Open the page of somebody else."""
    with alone(browser) as page:
        yield page


def test_verdict_buttons_stay_in_their_place(
    page: Page, colleague: Page, rows: tuple[str, dict[str, int]]
) -> None:
    address, labels = rows
    open_record(page, address, labels[SHORT])
    place = tops(page)
    for name in NAMES[1:]:
        # WHEN the class's name is very long
        open_record(page, address, labels[name])
        # THEN the buttons are where they were, in the column's width, and the class is named whole
        assert tops(page) == place
        expect(page.locator("strong", has_text=name).first).to_be_visible()
        keep(page).hover()
        expect(page.get_by_role("tooltip")).to_contain_text(name)
        page.mouse.move(0, 0)
    # WHEN a verdict is given, with one before
    for name in NAMES:
        open_record(page, address, labels[name])
        open_record(colleague, address, labels[name])
        keep(page).click()
        see(page, "Verdict: keep label. Another one replaces it.")
        settle(page)
        assert tops(page) == place
        # AND one is refused, for somebody else gave it first
        verdict(colleague, "Drop").click()
        see(colleague, "Load it again")
        settle(colleague)
        assert tops(colleague) == place
    # WHEN the next record is opened, or there is none of that row
    verdict(page, "Skip").click()
    expect(page.get_by_text("Another one replaces it.")).to_be_hidden()
    settle(page)
    assert tops(page) == place
    page.goto(f"{address}/retrain?record=999")
    see(page, "has no candidate in row 999")
    settle(page)
    assert tops(page) == place


def box(button: Locator) -> FloatRect:
    found = button.bounding_box()
    assert found is not None
    return found
