"""The way to the pages before and behind, of a list that is read a page at a time."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.services.page_cursor import PageCursor
from iris_core.records.keys import Key


def page_buttons(
    cursor: PageCursor, after: Key | None, open_page: Callable[[PageCursor], None]
) -> None:
    """Offer the pages before and behind.

    Args:
        cursor: the page on the screen.
        after: the key behind which the next page begins; None when there is none.
        open_page: lists another page, as a callback.
    """
    st.button(
        "Back", on_click=open_page, args=(cursor.previous_page(),), disabled=cursor.number == 1
    )
    st.button("Next", on_click=open_page, args=(cursor.next_page(after),), disabled=after is None)
