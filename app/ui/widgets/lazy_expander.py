"""A part of a page that is folded, and drawn only while it is open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st


@contextmanager
def lazy_expander(title: str, *, key: str, icon: str) -> Iterator[bool]:
    """Fold a part of a page; what the block draws is in it.

    Args:
        title: on the screen.
        key: the session key of whether it is open.
        icon: of Streamlit's material icons.

    Yields:
        Whether it is open: only then is there a need to draw it.
    """
    with st.expander(title, key=key, on_change="rerun", icon=icon) as expander:
        yield bool(expander.open)
