"""The access gate in a real Chromium: Streamlit's own login, and foreign host names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench.dashboard import Dashboard, chromium, press
from tests.browser.driving import open_page, see
from tests.browser.identity_provider import IdentityProvider

pytestmark = [pytest.mark.browser, pytest.mark.cloud]

LIST = '[access]\nemails = ["ada@example.org"]\n'


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    running = IdentityProvider()
    yield running
    running.close()


@pytest.fixture
def page() -> Iterator[Page]:
    with chromium("--host-resolver-rules=MAP iris.example.org 127.0.0.1") as browser:
        yield open_page(browser.new_context())


def test_people_log_in_and_only_those_on_the_list_have_access(
    page: Page, provider: IdentityProvider, tmp_path: Path
) -> None:
    # GIVEN a dashboard with a login and a list
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(provider.secrets() + LIST)
    dashboard = Dashboard(tmp_path / "home", "--secrets.files", str(secrets), NO_PROXY="*")
    try:
        # WHEN a stranger opens any page
        page.goto(f"{dashboard.address}/cloud")
        see(page, "Log in to use this dashboard.")
        expect(page.get_by_role("link", name="Train")).to_have_count(0)
        assert not (tmp_path / "home").exists()
        # THEN he may log in, and reads that he is not on the list
        provider.person = {"email": "eve@example.org", "email_verified": True}
        press(page, "Log in")
        see(page, "You have no access")
        see(page, "Logged in as eve@example.org")
        assert not (tmp_path / "home").exists()
        # WHEN he logs out, and somebody on the list logs in
        press(page, "Log out")
        see(page, "Log in to use this dashboard.")
        provider.person = {"email": "ada@example.org", "email_verified": True}
        press(page, "Log in")
        # THEN the dashboard is there
        see(page, "How do you want to begin?")
        see(page, "Logged in as ada@example.org")
        page.goto(f"{dashboard.address}/data")
        see(page, "1,200 rows")
        # AND closed again after logging out
        press(page, "Log out")
        see(page, "Log in to use this dashboard.")
    finally:
        dashboard.stop()


def test_page_under_a_foreign_name_is_closed_until_somebody_decides(
    page: Page, tmp_path: Path
) -> None:
    # A name of somebody else's that points to this machine, as after DNS rebinding.
    dashboard = Dashboard(tmp_path / "home")
    try:
        page.goto(dashboard.address.replace("127.0.0.1", "iris.example.org"))
        see(page, "Nobody has decided yet who may use this dashboard")
        page.goto(dashboard.address)
        see(page, "How do you want to begin?")
    finally:
        dashboard.stop()
