"""The time of a page switch in a real Chromium, from the click until the page is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from bench.dashboard import PAGES, TIME_LIMIT, chromium, dashboard, settle, train_and_test
from bench.measurement import Measurement

ROUNDS = 5
LIMIT = "its script takes some 60 ms of the processor, the browser the rest"

# Timed in the browser: what a person sees, without the time between driver and browser.
_SWITCH = """
(title) => new Promise((resolve, reject) => {
  const links = [...document.querySelectorAll('[data-testid=stSidebarNavLink]')];
  const link = links.find((one) => one.textContent.trim().endsWith(title));
  const began = performance.now();
  let titled = 0;
  link.click();
  const look = () => {
    const heading = document.querySelector('[data-testid=stMain] h1');
    const isNamed = heading && heading.textContent.trim() === title;
    if (isNamed) titled ||= performance.now() - began;
    const state = document.querySelector('[data-testid=stApp]').dataset.testScriptState;
    if (isNamed && state === 'notRunning' && !document.querySelector('[data-stale=true]')) {
      resolve([titled, performance.now() - began]);
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
    titled: list[float] = []
    with dashboard() as running, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(TIME_LIMIT * 1000)
        train_and_test(page, running.address)
        for round_number in range(ROUNDS + 1):
            for title, times in milliseconds_of.items():
                until_titled, until_drawn = page.evaluate(_SWITCH, title)
                settle(page)
                page.wait_for_timeout(300)
                if round_number:  # the first one loads what the browser then keeps
                    titled.append(until_titled)
                    times.append(until_drawn)
    every = [milliseconds for times in milliseconds_of.values() for milliseconds in times]
    medians = {title: median(times) for title, times in milliseconds_of.items()}
    remark = ", ".join(f"{title} {milliseconds:.0f}" for title, milliseconds in medians.items())
    yield Measurement.of("title of the page after a click, median", titled, 100, "ms")
    yield Measurement("page switch, median", median(every), 200, "ms", remark)
    for title in ("Train", "Score"):
        yield Measurement.of(
            f"page switch to {title}, median", milliseconds_of[title], 300, "ms", limit=LIMIT
        )
