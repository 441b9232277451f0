"""Steps of a person on the dashboard's pages, and what is expected to be seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from playwright.sync_api import BrowserContext, Locator, Page, ViewportSize, expect

from tests.browser.servers import WAIT

# Position of the middle of a heat map's cell on the screen, by the axes that plotly drew.
_CELL = """
(graph, [x, y]) => {
  const { xaxis, yaxis } = graph._fullLayout;
  const { left, top } = graph.getBoundingClientRect();
  const middle = (axis, name) => axis._offset + axis.l2p(axis._categories.indexOf(name));
  return [left + middle(xaxis, x), top + middle(yaxis, y)];
}
"""
_COUNTS = """
() => {
  const graph = document.querySelector('.js-plotly-plot');
  const cells = graph?.data?.find((trace) => trace.type === 'heatmap');
  if (!cells) return null;
  const { x, y, text } = cells;
  return y.flatMap((actual, row) => x.map((predicted, column) =>
    [actual, predicted, Number(text[row][column].replaceAll(',', ''))]));
}
"""


SCREEN: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 900}

Scheme = Literal["light", "dark"]


def open_page(
    browser: BrowserContext, viewport: ViewportSize = SCREEN, scheme: Scheme = "light"
) -> Page:
    """Open a page that waits for whatever it is to show as long as a busy machine takes."""
    page = browser.new_page()
    page.set_viewport_size(viewport)
    page.emulate_media(color_scheme=scheme)
    page.set_default_timeout(WAIT * 1000)
    expect.set_options(timeout=WAIT * 1000)
    return page


@contextmanager
def alone(browser: BrowserContext) -> Iterator[Page]:
    """Open the page of somebody else: a window of its own, which shares no cookies.

    A page behind another one of the same window is drawn once a second, and a click waits for two
    drawings.
    """
    assert browser.browser is not None
    context = browser.browser.new_context()
    yield open_page(context)
    context.close()


def see(page: Page, text: str) -> None:
    expect(page.get_by_text(text).first).to_be_visible()


def verdict(page: Page, name: str) -> Locator:
    """Return the verdict button whose text begins so; behind it stands its key."""
    return page.get_by_role("button", name=re.compile(f"^{re.escape(name)}"))


def plot(page: Page) -> Locator:
    """Return the first chart, when plotly has drawn it."""
    graph = page.locator(".js-plotly-plot").first
    expect(graph.locator(".main-svg").first).to_be_visible()
    return graph


def from_plot(page: Page, read: str) -> Any:
    """Return what a script reads, once it finds something: a chart may be replaced by another.

    Args:
        page: the page.
        read: a JavaScript function that looks the chart up, and returns null while it has no data.
    """
    return page.wait_for_function(read).json_value()


def mistakes(page: Page) -> dict[tuple[str, str], int]:
    """Return the cells of the first confusion matrix off its diagonal that have records.

    Returns:
        numbers of records by (actual, predicted).
    """
    cells: list[tuple[str, str, int]] = from_plot(page, _COUNTS)
    return {(actual, predicted): n for actual, predicted, n in cells if n and actual != predicted}


def click_cell(page: Page, graph: Locator, actual: str, predicted: str) -> None:
    """Click into the middle of a cell of a confusion matrix."""
    graph.scroll_into_view_if_needed()
    x, y = graph.evaluate(_CELL, [predicted, actual])
    page.mouse.click(x, y)
