"""axe-core finds nothing serious on any page, in light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from bench.dashboard import PAGES, Dashboard, settle, train_and_test

pytestmark = [pytest.mark.browser, pytest.mark.cloud]

SERIOUS = ("serious", "critical")
VISITED = {**PAGES, "a slider": "data?view=Histogram"}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    """GIVEN a dashboard with a model and a run."""
    home: Path = tmp_path_factory.mktemp("home")
    dashboard = Dashboard(home)
    train_and_test(browser.new_page(), dashboard.address)
    yield dashboard.address
    dashboard.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_violation(browser: Browser, address: str, scheme: Any) -> None:
    page = browser.new_page(color_scheme=scheme, viewport={"width": 1280, "height": 900})
    found = []
    for name, path in VISITED.items():
        page.goto(f"{address}/{path}")
        settle(page)
        page.wait_for_timeout(1000)  # plotly draws after Streamlit has finished
        for violation in Axe().run(page).response["violations"]:
            if violation["impact"] in SERIOUS:
                places = [node["html"][:160] for node in violation["nodes"][:5]]
                found.append((name, violation["id"], violation["help"], places))
    page.close()
    assert not found, "\n".join(map(str, found))
