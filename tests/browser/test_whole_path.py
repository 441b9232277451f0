"""A person's own file through the whole loop in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bench.dashboard import ERRORS, choose, errors, go_to, open_view, press
from tests.browser.driving import alone, click_cell, mistakes, plot, see, verdict
from tests.browser.servers import Dashboard
from tests.files import VARIETIES, coffee_csv

pytestmark = [pytest.mark.browser, pytest.mark.cloud]

ROWS = 3_000


@pytest.fixture
def dashboard(home: Path) -> Iterator[Dashboard]:
    running = Dashboard(home)
    yield running
    running.stop()


@pytest.fixture
def others(browser: BrowserContext) -> Iterator[tuple[Page, Page]]:
    """Open the pages of two other people: one trains and leaves, one waits for candidates."""
    with alone(browser) as trainer, alone(browser) as reviewer:
        yield trainer, reviewer


def test_own_file_goes_through_the_whole_loop(
    page: Page, others: tuple[Page, Page], dashboard: Dashboard
) -> None:
    trainer, reviewer = others
    page.goto(dashboard.address)
    upload(page)
    look_at_the_data(page)
    train_in_a_page_that_is_closed(page, trainer, dashboard)
    score_and_change_a_value(page)
    reviewer.goto(f"{dashboard.address}/retrain")
    see(reviewer, "there is none yet")
    go_to(page, "Test")
    press(page, "Test")
    expect_candidates(reviewer)
    expect_reconciled(page)
    look_at_the_records_of_a_cell(page)
    threshold = set_the_threshold(page)
    go_to(page, "Cloud")
    see(page, f"The function applies {threshold}.")
    destroy_and_deploy(page)
    go_to(page, "Test")
    before = reviewer.get_by_role("combobox", name="Run", exact=True).input_value()
    press(page, "Test")
    expect_newer_run_on_request(reviewer, instead_of=before)
    expect_reconciled(page)
    assert errors(page) == []


def upload(page: Page) -> None:
    go_to(page, "Data")
    press(page, "Upload")
    page.locator("input[type=file]").set_input_files(
        {"name": "coffee.csv", "mimeType": "text/csv", "buffer": coffee_csv(ROWS)}
    )
    choose(page, "Label column", "variety")
    press(page, "Add")
    see(page, f"Added coffee with {ROWS:,} rows.")
    see(page, "6 features, of them 2 categorical · 4 classes of variety")


def look_at_the_data(page: Page) -> None:
    open_view(page, "Histogram")
    choose(page, "Column", "region")
    expect(plot(page)).to_contain_text("Yirgacheffe")
    open_view(page, "Scatter")
    choose(page, "X", "altitude (m)")
    expect(plot(page)).to_contain_text("altitude (m)")
    expect(plot(page).locator(".scatterlayer .trace")).not_to_have_count(0)
    assert errors(page) == []


def train_in_a_page_that_is_closed(page: Page, trainer: Page, dashboard: Dashboard) -> None:
    trainer.goto(f"{dashboard.address}/train")
    choose(trainer, "Data set", "coffee")
    # So many that it still runs when somebody looks, on a fast machine too.
    trainer.get_by_text("Plain", exact=True).first.click()
    see(trainer, "One network of two hidden layers")
    trainer.get_by_label("Epochs", exact=True).fill("800")
    trainer.get_by_label("Epochs", exact=True).press("Enter")
    press(trainer, "Train")
    see(trainer, "Training on coffee")
    trainer.close()
    # Somebody else sees it running, and then its model.
    go_to(page, "Train")
    see(page, "Training on coffee")
    see(page, "Evaluation accuracy")
    assert errors(page) == []


def score_and_change_a_value(page: Page) -> None:
    go_to(page, "Score")
    figure = page.get_by_test_id("stMetricValue").first
    expect(figure).to_have_text(re.compile("|".join(VARIETIES)))
    before = figure.inner_text()
    highest = page.get_by_label("altitude (m)", exact=True)
    highest.fill("400" if before != VARIETIES[0] else "2400")
    highest.press("Enter")
    see(page, "Changed: altitude (m)")
    expect(figure).not_to_have_text(before)
    assert errors(page) == []


def expect_candidates(reviewer: Page) -> None:
    """See candidates appear on a page on which nobody does anything."""
    see(reviewer, "with probability")
    see(reviewer, "candidates are reviewed")
    assert errors(reviewer) == []


def expect_newer_run_on_request(reviewer: Page, *, instead_of: str) -> None:
    run = reviewer.get_by_role("combobox", name="Run", exact=True)
    # The record on the page was destroyed meanwhile: a message says so, and nothing is written.
    verdict(reviewer, "Drop").click()
    see(reviewer, "Somebody changed this first")
    see(reviewer, "There is a newer run: show it")
    expect(run).to_have_value(instead_of)
    press(reviewer, "There is a newer run: show it")
    expect(run).not_to_have_value(instead_of)
    see(reviewer, "with probability")
    expect(reviewer.locator(ERRORS)).to_have_count(0)


def expect_reconciled(page: Page) -> None:
    see(page, f"Reconciled: all {ROWS:,} records are stored")


def look_at_the_records_of_a_cell(page: Page) -> None:
    graph = plot(page)
    selected, *others = sorted(mistakes(page).items(), key=lambda cell: -cell[1])
    (actual, predicted), records = others[-1]
    assert selected[0] != (actual, predicted)
    click_cell(page, graph, actual, predicted)
    expect(page.get_by_role("combobox", name="Records", exact=True)).to_have_value(
        f"true {actual} → predicted {predicted} · {records:,}"
    )
    listed = page.get_by_test_id("stDataFrame").first.locator("tbody tr")
    expect(listed).to_have_count(records)
    for row in listed.all():
        assert row.locator("td").all_inner_texts()[1:3] == [predicted, actual]
    assert errors(page) == []


def set_the_threshold(page: Page) -> str:
    open_view(page, "Threshold lab")
    see(page, "It applies 0.9 now.")
    page.get_by_role("slider", name="Threshold").press("ArrowLeft")
    button = page.get_by_role("button", name="Set the function's threshold to")
    expect(button).to_be_enabled()
    button.click()
    notice = page.get_by_text("The function's threshold is")
    expect(notice).to_be_visible()
    match = re.search(r"threshold is (0\.\d+) now", notice.inner_text())
    assert match is not None
    assert match[1] != "0.9"
    return match[1]


def destroy_and_deploy(page: Page) -> None:
    page.get_by_text("Delete the tables").click()
    press(page, "Destroy")
    see(page, "resources need attention")
    press(page, "Deploy")
    see(page, "All 7 resources healthy.")
