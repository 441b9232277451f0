"""The colours of the dashboard's theme, for what is drawn outside of Streamlit."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

CONFIG = Path(__file__).resolve().parents[3] / ".streamlit" / "config.toml"

_MUTED_SHARE = 0.6
_GOOD, _WARNING = 1, 2
"""Places of teal and amber among the colours of charts."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One of the two themes.

    Attributes:
        primary: the accent colour, as all colours here `#rrggbb`.
        background: of the page.
        text: of headings and body text.
        line: between the rows of a table.
        panel: behind what is set apart.
        good: of what is as it should be.
        warning: of what needs a person.
    """

    primary: str
    background: str
    text: str
    line: str
    panel: str
    good: str
    warning: str

    @property
    def muted(self) -> str:
        """Return the colour of captions: the text at 60 %, as Streamlit draws them."""
        channels = zip(_channels(self.text), _channels(self.background), strict=True)
        mixed = (_MUTED_SHARE * text + (1 - _MUTED_SHARE) * back for text, back in channels)
        return "#" + "".join(f"{round(channel):02x}" for channel in mixed)


@cache
def theme(scheme: Literal["light", "dark"]) -> Theme:
    """Return the theme of a colour scheme, from Streamlit's configuration of this dashboard."""
    colours = tomllib.loads(CONFIG.read_text("utf-8"))["theme"][scheme]
    return Theme(
        primary=colours["primaryColor"],
        background=colours["backgroundColor"],
        text=colours["textColor"],
        line=colours["dataframeBorderColor"],
        panel=colours["secondaryBackgroundColor"],
        good=colours["chartCategoricalColors"][_GOOD],
        warning=colours["chartCategoricalColors"][_WARNING],
    )


def _channels(colour: str) -> bytes:
    """Return the red, green and blue (0 to 255) of a colour `#rrggbb`."""
    return bytes.fromhex(colour.removeprefix("#"))
