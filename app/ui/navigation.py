"""The pages of the dashboard, each registered once: its script, title and icon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import streamlit as st
from streamlit.navigation.page import StreamlitPage


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One page in the navigation.

    Attributes:
        title: in the menu.
        icon: of Streamlit's material icons.
    """

    title: str
    icon: str


PAGES: Final[dict[str, PageEntry]] = {
    "loop": PageEntry("Loop", ":material/cycle:"),
    "data": PageEntry("Data", ":material/table_chart:"),
    "train": PageEntry("Train", ":material/model_training:"),
    "score": PageEntry("Score", ":material/target:"),
    "test": PageEntry("Test", ":material/fact_check:"),
    "retrain": PageEntry("Retrain", ":material/rate_review:"),
    "cloud": PageEntry("Cloud", ":material/cloud:"),
    "lab": PageEntry("Lab", ":material/school:"),
}
"""In the order of the menu; the first one opens by default."""


def script(name: str) -> str:
    """Return the path of a page's script, relative to `streamlit_app.py`."""
    return f"app/ui/pages/{name}/{name}.py"


def pages() -> list[StreamlitPage]:
    """Return all pages, as `st.navigation` takes them."""
    first = next(iter(PAGES))
    return [
        st.Page(script(name), title=entry.title, icon=entry.icon, default=name == first)
        for name, entry in PAGES.items()
    ]


def link(
    name: str, label: str, *, icon: str, query_params: Mapping[str, str] | None = None
) -> None:
    """Draw a link to a page.

    Args:
        name: of the page, as in `PAGES`.
        label: of the link.
        icon: of Streamlit's material icons.
        query_params: of its address.
    """
    st.page_link(script(name), label=label, icon=icon, query_params=query_params)


def open_page(name: str) -> None:
    """Switch to a page at once: the script that calls this ends here."""
    st.switch_page(script(name))
