"""The loop closes in a real Chromium: labels are changed on purpose, reviewed, learnt from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from bench.dashboard import choose, errors, go_to, press
from tests.browser.driving import see
from tests.browser.servers import Dashboard

pytestmark = [pytest.mark.browser, pytest.mark.cloud]

REVIEWED = 3


@pytest.fixture
def dashboard(home: Path) -> Iterator[Dashboard]:
    running = Dashboard(home)
    yield running
    running.stop()


def test_reviewed_labels_reach_the_data_the_measure_and_the_champion(
    page: Page, dashboard: Dashboard, home: Path
) -> None:
    page.goto(dashboard.address)
    # GIVEN a champion, and data with 25 labels changed on purpose
    go_to(page, "Train")
    press(page, "Train")
    see(page, "Evaluation accuracy")
    champion = contents(home / "models")
    go_to(page, "Data")
    press(page, "Change labels")
    page.get_by_role("button", name="Change labels").last.click()
    see(page, "25 labels were changed")
    # WHEN it is tested, three candidates are reviewed, and the verdicts applied
    go_to(page, "Test")
    press(page, "Test")
    see(page, "Reconciled: all 1,200 records")
    see(page, "The model was trained on 960 of the 1,200 rows")
    go_to(page, "Retrain")
    for done in range(1, REVIEWED + 1):
        press(page, "Relabel")
        see(page, f"{done} of ")
    press(page, "Apply verdicts")
    see(page, f"{REVIEWED} rows relabelled, 0 dropped, 0 added; 1,200 rows.")
    press(page, "Retrain")
    see(page, "rows evaluate and are left out")
    see(page, "Evaluation accuracy")
    # THEN the new model can be compared with the champion, and promoted
    go_to(page, "Train")
    page.get_by_text("Compare it with a challenger").click()
    see(page, "The challenger fixes")
    page.get_by_label("Why", exact=True).fill("learnt from the review")
    press(page, "Promote")
    see(page, "is the champion now")
    see(page, "learnt from the review")
    # AND the second test is of the corrected labels, with the reviewed candidates reviewed
    go_to(page, "Test")
    choose(page, "Data set", "noisy (corrected)")
    press(page, "Test")
    see(page, "on extended_iris-noisy (corrected)")
    see(page, "Reconciled: all 1,200 records")
    go_to(page, "Loop")
    see(page, "Accuracy over the runs")
    # AND a roll back restores the old champion byte for byte
    go_to(page, "Train")
    page.get_by_role("button", name="Roll back to").click()
    see(page, "is the champion again")
    after = contents(home / "models")
    assert {path: content for path, content in after.items() if path in champion} == champion
    assert errors(page) == []


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by their paths in it."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
