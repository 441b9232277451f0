"""Twenty people at once, each clicking through the pages for a minute: errors and mix-ups.

Every session clicks by a script inside its page, so that all twenty do so at the same time; each
fills in a form with a number of its own first, and must find it again at the end.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bench.dashboard import ERRORS, PAGES, TIME_LIMIT, chromium, dashboard, settle, train_and_test
from bench.measurement import Measurement

if TYPE_CHECKING:
    from playwright.sync_api import Page

PEOPLE = 20
SECONDS = 60.0

# Leaves its counts in `window.clicking` when the time is over.
_CLICK_AROUND = """
([titles, errors, seconds, limit]) => {
  const pause = (milliseconds) => new Promise((go) => setTimeout(go, milliseconds));
  const heading = () => document.querySelector('[data-testid=stMain] h1')?.textContent.trim();
  const done = () => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState
    === 'notRunning';
  const faults = () => document.querySelectorAll(errors).length;
  const walk = async () => {
    const counts = { clicks: 0, errors: 0, lost: [] };
    const end = performance.now() + 1000 * seconds;
    while (performance.now() < end) {
      const title = titles[Math.floor(Math.random() * titles.length)];
      const from = heading();
      const links = [...document.querySelectorAll('[data-testid=stSidebarNavLink]')];
      links.find((link) => link.textContent.trim().endsWith(title)).click();
      counts.clicks += 1;
      const began = performance.now();
      while (!(heading() === title && done()) && performance.now() - began < 1000 * limit) {
        await pause(20);
      }
      if (heading() !== title) {
        counts.lost.push(`from ${from} to ${title}, came to ${heading()}`);
      }
      counts.errors += faults();
      await pause(100 * Math.random());
    }
    return counts;
  };
  window.clicking = null;
  walk().then((counts) => { window.clicking = counts; });
}
"""


def sessions() -> Iterator[Measurement]:
    """Click through the pages in twenty browser contexts of one Chromium."""
    titles = [name.capitalize() for name in PAGES]
    with dashboard() as running, chromium() as browser:
        train_and_test(browser.new_page(), running.address)
        pages = [browser.new_context().new_page() for _ in range(PEOPLE)]
        for number, page in enumerate(pages):
            page.set_default_timeout(TIME_LIMIT * 1000)
            page.goto(f"{running.address}/train")
            settle(page)
            _own_field(page).fill(str(100 + number))
            _own_field(page).press("Enter")
            settle(page)
        for page in pages:
            page.evaluate(_CLICK_AROUND, [titles, ERRORS, SECONDS, TIME_LIMIT])
        time.sleep(SECONDS)
        counts: list[dict[str, Any]] = [
            page.wait_for_function(
                "() => window.clicking", timeout=2 * TIME_LIMIT * 1000
            ).json_value()
            for page in pages
        ]
        mixed = 0
        for number, page in enumerate(pages):
            page.get_by_role("link", name="Train", exact=True).click()
            page.get_by_role("heading", name="Train", exact=True, level=1).wait_for()
            settle(page)
            mixed += _own_field(page).input_value() != str(100 + number)
    clicks = [count["clicks"] for count in counts]
    remark = f"{sum(clicks):,} clicks, {min(clicks)} to {max(clicks)} a session"
    yield Measurement(
        f"errors of {PEOPLE} sessions", sum(count["errors"] for count in counts), 0, "", remark
    )
    lost = [click for count in counts for click in count["lost"]]
    yield Measurement("clicks that led to another page", len(lost), 0, "", "; ".join(lost))
    yield Measurement("sessions with another one's input", mixed, 0, "")


def _own_field(page: Page) -> Any:
    """Return the field into which each session writes a number of its own."""
    return page.get_by_role("textbox", name="Units of each hidden layer")
