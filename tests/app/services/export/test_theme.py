"""The report and the pictures take their colours from the dashboard's theme."""

from __future__ import annotations

import re
import tomllib
from typing import Any, Literal

import pytest

from app.services.export.html_page import page
from app.services.export.theme import CONFIG, theme
from app.ui.widgets import pictures

COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b")
READABLE = 4.5
"""WCAG 2.2, AA: the contrast of a text with what is behind it."""


def configured(scheme: str) -> dict[str, Any]:
    """The colours of a scheme as Streamlit reads them."""
    colours: dict[str, Any] = tomllib.loads(CONFIG.read_text("utf-8"))["theme"][scheme]
    return colours


def css(scheme: str) -> str:
    """The report's CSS: all of it but the dark part, or that part alone."""
    style = page("A report", "").partition("<style>")[2].partition("</style>")[0]
    light, _, rest = style.partition("@media (prefers-color-scheme: dark)")
    dark, _, others = rest.partition("\n")
    return dark if scheme == "dark" else light + others


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_report_has_the_themes_accent_colour_and_no_other(scheme: Literal["light", "dark"]) -> None:
    of_theme = configured(scheme)
    names = ("primaryColor", "backgroundColor", "textColor", "dataframeBorderColor",
             "secondaryBackgroundColor")  # fmt: skip
    of_charts = of_theme["chartCategoricalColors"][1:3]
    muted = theme(scheme).muted
    expected = {*(of_theme[name] for name in names), muted, *of_charts}
    assert set(COLOUR.findall(css(scheme))) == expected
    assert f"--mark: {of_theme['primaryColor']};" in css(scheme)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_muted_text_can_be_read_on_its_background(scheme: Literal["light", "dark"]) -> None:
    assert contrast(theme(scheme).muted, theme(scheme).background) >= READABLE


def test_pictures_that_stay_when_a_browser_goes_dark_can_be_read_on_both_backgrounds() -> None:
    for scheme in ("light", "dark"):
        assert contrast(pictures.AXIS_COLOUR, configured(scheme)["backgroundColor"]) >= READABLE


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, as WCAG 2.2 defines it."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [part / 255 for part in bytes.fromhex(colour.removeprefix("#"))]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
