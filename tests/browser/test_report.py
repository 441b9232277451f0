"""The report of a run as a browser opens it from disk: in light, dark and on paper."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from app.services.export.theme import theme
from tests.app.services.export.test_report import full_report

pytestmark = pytest.mark.browser

BACKGROUND = "getComputedStyle(document.body).backgroundColor"
NO_SCROLLING = "document.documentElement.scrollWidth <= innerWidth"


def test_report_needs_nothing_else_follows_the_scheme_and_is_black_on_white_on_paper(
    page: Page, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_text(full_report(), "utf-8")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, media="screen")
        page.goto(file.as_uri())
        assert page.evaluate(BACKGROUND) == rgb(theme(scheme).background)
    page.emulate_media(color_scheme="dark", media="print")
    assert page.evaluate(BACKGROUND) == "rgb(255, 255, 255)"
    page.emulate_media(color_scheme="light", media="screen")
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate(NO_SCROLLING)
    assert asked == [file.as_uri()] * 2
    assert said == []
    assert page.get_by_role("img").count() == 3


def rgb(colour: str) -> str:
    """A colour as a browser writes it."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return f"rgb({red}, {green}, {blue})"
