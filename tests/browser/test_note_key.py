"""The key N puts the cursor into the note, and other keys are heard again behind it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from app.services.data.datasets import default_dataset
from app.services.model.training import train_model
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from aws.settings import Settings
from bench.dashboard import settle
from iris_core.model.options import ModelSpec, TrainOptions
from tests.browser.driving import SCREEN, open_page, see
from tests.browser.servers import WAIT, Dashboard

pytestmark = [pytest.mark.browser, pytest.mark.cloud]


def press_until_focused(page: Page, note: Locator) -> None:
    """Press the key, again if it came before its listener was loaded."""
    for _ in range(int(WAIT)):
        page.keyboard.press("n")
        with suppress(PlaywrightTimeout):
            page.wait_for_function("document.activeElement?.tagName === 'INPUT'", timeout=1000)
            break
    expect(note).to_be_focused()


def test_note_is_written_without_the_mouse(browser: BrowserContext, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "home", Settings())
    dataset = default_dataset(workspace)
    model = train_model(workspace, dataset, ModelSpec(), options=TrainOptions(epochs=1))
    run_test(workspace, model, dataset, threshold="1")
    workspace.close()
    dashboard = Dashboard(tmp_path / "home")
    try:
        page = open_page(browser, SCREEN)
        page.goto(f"{dashboard.address}/retrain")
        settle(page)
        see(page, "Row 0")
        # WHEN the key is pressed, and letters that are keys of buttons
        note = page.get_by_role("textbox", name="Note (N)")
        press_until_focused(page, note)
        page.keyboard.type("kept, and dried")
        page.keyboard.press("Enter")
        # THEN they are in the note, and no button has heard them
        expect(note).not_to_be_focused()
        settle(page)
        expect(note).to_have_value("kept, and dried")
        see(page, "Row 0")
        # AND the next key is a button's again
        page.keyboard.press("d")
        see(page, "Row 1")
        # AND without keys there is none
        page.get_by_text("Keys", exact=True).click()
        expect(page.get_by_role("textbox", name="Note (N)")).to_have_count(0)
        settle(page)
        page.keyboard.press("n")
        expect(page.get_by_role("textbox", name="Note")).not_to_be_focused()
        page.close()
    finally:
        dashboard.stop()
