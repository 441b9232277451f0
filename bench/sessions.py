"""Twenty people at once, each clicking through the pages for a minute: errors and mix-ups."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

from bench.dashboard import PAGES, PATIENCE, chromium, dashboard, train_and_test
from bench.measurement import Measurement

PEOPLE = 20
SECONDS = 60.0


def sessions() -> Iterator[Measurement]:
    """All in one Chromium, each in a context of its own, clicking in turn without waiting."""
    errors = mixed = clicks = 0
    chance = random.Random(0)
    titles = [name.capitalize() for name in PAGES]
    with dashboard() as running, chromium() as browser:
        train_and_test(browser.new_page(), running.address)
        pages = [browser.new_context().new_page() for _ in range(PEOPLE)]
        for page in pages:
            page.set_default_timeout(PATIENCE * 1000)
            page.goto(running.address)
            page.locator("h1").first.wait_for()
        wanted = dict.fromkeys(range(PEOPLE), "")
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            for number, page in enumerate(pages):
                wanted[number] = chance.choice(titles)
                links = page.get_by_test_id("stSidebarNavLink")
                links.filter(has_text=wanted[number]).first.click()
                clicks += 1
        for number, page in enumerate(pages):
            page.get_by_role("heading", name=wanted[number], exact=True, level=1).wait_for()
            page.wait_for_timeout(200)
            errors += page.get_by_test_id("stException").count()
            errors += page.get_by_text("Something unexpected happened").count()
            mixed += page.locator("h1").count() != 1
    yield Measurement(f"errors in {clicks:,} clicks of {PEOPLE} sessions", errors, 0, "")
    yield Measurement("sessions that ended on a page of somebody else", mixed, 0, "")
