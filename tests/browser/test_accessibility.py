"""Every view is accessible: axe-core, the texts of charts, and the width of a phone."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from PIL import Image
from playwright.sync_api import BrowserContext, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from bench.dashboard import PAGES, Dashboard, go_to, settle
from bench.filled_workspace import fill_workspace
from bench.views import views, wait_until_drawn
from tests.browser.driving import PHONE, SCREEN, Scheme, open_page

pytestmark = [pytest.mark.browser, pytest.mark.cloud, pytest.mark.timeout(600)]

SERIOUS = ("serious", "critical")
FOLLOWED = 20_000
"""Milliseconds in which a page has followed the width of the window."""
READABLE = 4.5
"""WCAG 2.2, AA: the contrast of a text with its background."""
Colour = tuple[float, ...]
DARK = {
    *PAGES,
    *("data-correlation", "train-champion", "score-why", "test-curves", "retrain-suggestions"),
}
"""The views whose contrasts are checked in dark: the first of each page, and one of each chart."""

# A third of a check's time went into reading the script anew and answering what is in order.
_HAS_AXE = "() => 'axe' in window"
_VIOLATIONS = "async (options) => (await axe.run(options)).violations"
_CHARTS_WITHOUT_LABEL = """
[...document.querySelectorAll('[data-testid=stPlotlyChart]')]
  .filter((chart) => !(chart.getAttribute('aria-label') || '').trim())
  .map((chart) => chart.textContent.slice(0, 80))
"""
_SCROLLS_SIDEWAYS = """
[document.scrollingElement, document.querySelector('[data-testid=stMain]')]
  .some((part) => part.scrollWidth > innerWidth)
"""
# Each text with its colour, and its box in the chart.
_TEXTS = """
(chart) => {
  const corner = chart.getBoundingClientRect();
  return [...chart.querySelectorAll('.js-plotly-plot svg text')]
    .map((text) => [text, text.getBoundingClientRect()])
    .filter(([text, box]) => text.textContent.trim() && box.width && box.height)
    .map(([text, box]) => [
      text.textContent,
      getComputedStyle(text).fill.match(/[0-9.]+/g).map(Number),
      [box.left - corner.left, box.top - corner.top,
       box.right - corner.left, box.bottom - corner.top],
    ]);
}
"""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """GIVEN a dashboard on a new workspace."""
    home: Path = tmp_path_factory.mktemp("home")
    dashboard = Dashboard(home)
    yield dashboard
    dashboard.stop()


@pytest.fixture(scope="module")
def full(empty: Dashboard) -> Dashboard:
    """GIVEN the same after the loop was closed once."""
    fill_workspace(empty.home)
    return empty


def test_every_page_of_an_empty_workspace(browser: BrowserContext, empty: Dashboard) -> None:
    page = open_page(browser)
    problems = []
    page.goto(empty.address)
    for name in PAGES:
        go_to(page, name.capitalize())
        settle(page)
        wait_until_drawn(page)
        problems += problems_of(page, name, "light")
    page.close()
    assert not problems, "\n".join(problems)


def test_every_view(browser: BrowserContext, full: Dashboard) -> None:
    page = open_page(browser)
    problems = []
    for view in views(page, full.address):
        problems += problems_of(page, view, "light")
        problems += [f"{view}, {width} wide: it scrolls sideways" for width in too_narrow(page)]
    page.close()
    assert not problems, "\n".join(problems)


def test_each_page_and_chart_in_dark_on_a_phone(browser: BrowserContext, full: Dashboard) -> None:
    page = open_page(browser, PHONE, "dark")
    problems = []
    for view in views(page, full.address, only=DARK):
        problems += problems_of(page, view, "dark")
        if page.evaluate(_SCROLLS_SIDEWAYS):
            problems.append(f"{view}: it scrolls sideways")
    page.close()
    assert not problems, "\n".join(problems)


def too_narrow(page: Page) -> list[int]:
    """Return the widths of phone and screen, in pixels, in which a page scrolls sideways."""
    widths = []
    for viewport in (PHONE, SCREEN):
        page.set_viewport_size(viewport)
        try:
            # Charts and tables follow a little later.
            page.wait_for_function(f"!({_SCROLLS_SIDEWAYS.strip()})", timeout=FOLLOWED)
        except PlaywrightTimeout:
            widths.append(viewport["width"])
    return widths


def problems_of(page: Page, view: str, scheme: Scheme) -> list[str]:
    """Return what is wrong with a page."""
    problems = [
        *violations(page, scheme),
        *(f"a chart has no label: {chart}" for chart in page.evaluate(_CHARTS_WITHOUT_LABEL)),
        *faint_texts(page),
    ]
    return [f"{view}: {problem}" for problem in problems]


def violations(page: Page, scheme: Scheme) -> list[str]:
    """Return what axe-core finds; in dark only contrasts, for the rest is as in light."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if scheme == "dark":
        options["runOnly"] = ["color-contrast"]
    if not page.evaluate(_HAS_AXE):
        page.evaluate(AXE_SCRIPT)
    return [
        f"{violation['help']}: {[node['html'][:160] for node in violation['nodes'][:5]]}"
        for violation in page.evaluate(_VIOLATIONS, options)
        if violation["impact"] in SERIOUS
    ]


def faint_texts(page: Page) -> list[str]:
    """Return the texts in charts that are hard to read, which axe-core does not check."""
    if page.get_by_test_id("stPopoverBody").count():
        return []  # it may cover a chart; the view before had the same ones
    problems = []
    for chart in page.get_by_test_id("stPlotlyChart").all():
        picture = Image.open(io.BytesIO(chart.screenshot())).convert("RGB")
        for text, colour, box in chart.evaluate(_TEXTS):
            background = most_common_colour(picture.crop(tuple(map(round, box))))
            if (ratio := contrast(tuple(colour[:3]), background)) < READABLE:
                problems.append(f"{text!r} in a chart has a contrast of {ratio:.1f}")
    return problems


def most_common_colour(picture: Image.Image) -> Colour:
    """Return the colour of most pixels."""
    colours = picture.getcolors(picture.width * picture.height) or []
    colour: Colour = max(colours)[1]  # type: ignore[assignment]
    return colour


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours (0…255) as WCAG defines it."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: Colour) -> float:
    parts = [part / 255 for part in colour]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
