"""The time of a page switch in a real Chromium, from the click until the page is drawn."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from bench.dashboard import PAGES, TIME_LIMIT, chromium, dashboard, settle, train_and_test
from bench.measurement import Measurement

ROUNDS = 5

# Timed in the browser: what a person sees, without the time between driver and browser.
_SWITCH = """
(title) => new Promise((resolve, reject) => {
  const links = [...document.querySelectorAll('[data-testid=stSidebarNavLink]')];
  const link = links.find((one) => one.textContent.trim().endsWith(title));
  const began = performance.now();
  link.click();
  const look = () => {
    const heading = document.querySelector('[data-testid=stMain] h1');
    const state = document.querySelector('[data-testid=stApp]').dataset.testScriptState;
    if (heading && heading.textContent.trim() === title && state === 'notRunning'
        && !document.querySelector('[data-stale=true]')) {
      resolve(performance.now() - began);
    } else if (performance.now() - began > 30000) {
      reject(new Error('not drawn: ' + title));
    } else {
      requestAnimationFrame(look);
    }
  };
  requestAnimationFrame(look);
})
"""


def page_switch() -> Iterator[Measurement]:
    """Switch through all pages in turn, on default data with a model and a run."""
    milliseconds_of: dict[str, list[float]] = {name.capitalize(): [] for name in PAGES}
    with dashboard() as running, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(TIME_LIMIT * 1000)
        train_and_test(page, running.address)
        for round_number in range(ROUNDS + 1):
            for title, times in milliseconds_of.items():
                milliseconds = page.evaluate(_SWITCH, title)
                settle(page)
                page.wait_for_timeout(300)
                if round_number:  # the first one loads what the browser then keeps
                    times.append(milliseconds)
    every = [milliseconds for times in milliseconds_of.values() for milliseconds in times]
    medians = {title: statistics.median(times) for title, times in milliseconds_of.items()}
    remark = ", ".join(f"{title} {median:.0f}" for title, median in medians.items())
    yield Measurement("page switch, median", statistics.median(every), 300, "ms", remark)
