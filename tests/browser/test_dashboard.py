"""One path through the dashboard in a real Chromium, with the server stopped and killed."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench.dashboard import choose, go_to, press
from tests.browser.driving import see, verdict
from tests.browser.servers import ON_LINUX, Dashboard, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.cloud]


def test_person_trains_tests_and_reviews_and_finds_everything_after_a_restart(
    page: Page, home: Path, tmp_path: Path
) -> None:
    # WHEN the dashboard is opened for the first time, as in a container
    dashboard = Dashboard.contained(home, tmp_path / "image")
    page.goto(dashboard.address)
    see(page, "How do you want to begin?")
    # THEN its first page is on the screen before TensorFlow is imported
    if ON_LINUX:
        assert not dashboard.has_loaded("libtensorflow")
        wait_until(lambda: dashboard.has_loaded("libtensorflow"), "TensorFlow warms up")
    page.screenshot(path=tmp_path / "loop.png")
    go_to(page, "Data")
    see(page, "1,200 rows")
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    page.screenshot(path=tmp_path / "data.png")

    # WHEN some labels are changed, and a training is left alone and the browser loaded again
    press(page, "Change labels")
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="Change labels").click()
    see(page, "25 labels were changed")
    go_to(page, "Train")
    # The default network stops by itself.
    page.get_by_text("Plain", exact=True).first.click()
    see(page, "One network of two hidden layers")
    page.get_by_label("Epochs", exact=True).fill("10000")
    page.get_by_label("Epochs", exact=True).press("Enter")
    press(page, "Train")
    see(page, "of 10,000")
    go_to(page, "Data")
    page.reload()
    see(page, "1,200 rows")
    go_to(page, "Train")
    # THEN it still runs, and can be cancelled
    see(page, "of 10,000")
    page.screenshot(path=tmp_path / "training.png")
    press(page, "Cancel")
    see(page, "cancelled after")

    # WHEN a model is trained, and tested on the data with label noise
    press(page, "Train")
    see(page, "Evaluation accuracy")
    go_to(page, "Test")
    choose(page, "Data set", "extended_iris-noisy")
    press(page, "Test")
    # THEN every record is accounted for, and the candidates are there
    see(page, "Reconciled: all 1,200 records are stored")
    page.screenshot(path=tmp_path / "tested.png")
    go_to(page, "Retrain")
    see(page, "with probability")
    page.screenshot(path=tmp_path / "candidates.png")
    verdict(page, "Drop").click()

    # WHEN the server is stopped as a container is (no process is left) and started again
    dashboard.end(signal.SIGTERM)
    dashboard = Dashboard(home)
    # THEN the old run and its candidates are there, and the next test works
    assert_run_and_candidates_are_there(page, dashboard)
    go_to(page, "Test")
    run = page.get_by_role("combobox", name="Run", exact=True)
    before = run.input_value()
    choose(page, "Data set", "extended_iris-noisy")
    press(page, "Test")
    expect(run).not_to_have_value(before)  # the old run is reconciled too
    expect(page.locator("strong", has_text="Testing extended")).to_be_hidden()
    see(page, "Reconciled: all 1,200 records are stored")

    # WHEN the server is killed (its local cloud ends too) and started again
    dashboard.end(signal.SIGKILL)
    dashboard = Dashboard(home)
    # THEN everything is still there
    assert_run_and_candidates_are_there(page, dashboard)
    dashboard.end(signal.SIGINT)


def assert_run_and_candidates_are_there(page: Page, dashboard: Dashboard) -> None:
    page.goto(f"{dashboard.address}/test")
    see(page, "Reconciled: all 1,200 records are stored")
    go_to(page, "Retrain")
    see(page, "with probability")
