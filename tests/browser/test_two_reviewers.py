"""Two reviewers on one queue, each in a browser of their own: no record is shown to both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from app.services.data.datasets import import_table
from app.services.model.training import train_model
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from aws.settings import Settings
from bench.dashboard import settle
from iris_core.model.options import ModelSpec, TrainOptions
from tests.browser.driving import open_page, see, verdict
from tests.browser.servers import Dashboard

pytestmark = [pytest.mark.browser, pytest.mark.cloud]

RECORDS = 12

_ROW = """
() => [...document.querySelectorAll('strong')].map((part) => part.textContent)
  .find((text) => /^Row \\d+$/.test(text))?.slice(4) ?? null
"""


@pytest.fixture
def dashboard(tmp_path: Path) -> Iterator[Dashboard]:
    """GIVEN a dashboard with a run of which every record is a candidate."""
    csv = tmp_path / "sizes.csv"
    lines = (f"{'ab'[row % 2]},{row % 2 + row / 100}" for row in range(RECORDS))
    csv.write_text("\n".join(["kind,size", *lines]), "utf-8")
    workspace = Workspace(tmp_path / "home", Settings())
    dataset = import_table(workspace, csv)
    model = train_model(workspace, dataset, ModelSpec(), options=TrainOptions(epochs=1))
    run_test(workspace, model, dataset, threshold="1")
    workspace.close()
    running = Dashboard(tmp_path / "home")
    yield running
    running.stop()


def row_shown(page: Page) -> str | None:
    """Return the row of the record on the screen, None if there is none."""
    settle(page)
    row: str | None = page.evaluate(_ROW)
    return row


def enter_name(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/retrain")
    settle(page)
    field = page.get_by_role("textbox", name="Your name")
    field.fill(name)
    field.press("Enter")
    settle(page)


def test_two_reviewers_share_a_queue(browser: BrowserContext, dashboard: Dashboard) -> None:
    assert browser.browser is not None
    pages = {name: open_page(browser.browser.new_context()) for name in ("Ana", "Ben")}
    for name, page in pages.items():
        enter_name(page, dashboard.address, name)
    see(pages["Ben"], "with Ana now")
    reviewed: dict[str, list[str]] = {"Ana": [], "Ben": []}
    while sum(map(len, reviewed.values())) < RECORDS:
        # WHEN both look at a record, THEN it is not the same
        shown = {name: row_shown(page) for name, page in pages.items()}
        assert shown["Ana"] is None or shown["Ana"] != shown["Ben"]
        # WHEN both give a verdict, one right after the other
        for name, page in pages.items():
            row = shown[name]
            if row is not None:
                verdict(page, "Drop").click()
                reviewed[name].append(row)
        # THEN each gets another record; what is left at the end one of them has
        for name, page in pages.items():
            expect(page.get_by_text(f"Row {shown[name]}", exact=True)).to_have_count(0)
    # THEN each record was shown to one of them alone, and all are reviewed
    assert sorted([*reviewed["Ana"], *reviewed["Ben"]], key=int) == [*map(str, range(RECORDS))]
    assert min(map(len, reviewed.values())) > 2
    # AND each browser has kept its name
    for name, page in pages.items():
        page.reload()
        see(page, f"{RECORDS} of {RECORDS} candidates are reviewed")
        expect(page.get_by_role("textbox", name="Your name")).to_have_value(name)
