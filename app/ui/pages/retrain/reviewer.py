"""Who reviews: the person who is logged in, else the name that they enter on the page."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

import streamlit as st

from app.ui import state
from app.ui.access import person, person_name
from app.ui.widgets.texts import plain
from iris_core.records.verdict import MAX_WHO

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

# A browser may keep nothing for a page: then the name is asked for again.
_KEEP = """
export default function ({ data, setStateValue }) {
  try {
    if (data.entered !== null) {
      localStorage.setItem("iris-loop-reviewer", data.entered);
    } else {
      const kept = localStorage.getItem("iris-loop-reviewer");
      if (kept) setStateValue("name", kept);
    }
  } catch {}
}
"""


def reviewer_name() -> str:
    """Return the reviewer's name; without a login and a name that of the dashboard."""
    entered = "" if person() else " ".join(str(st.session_state.get(state.REVIEWER) or "").split())
    return (entered or person_name())[:MAX_WHO]


def names(reviewers: Iterable[str]) -> str:
    """Write reviewers' names as people do: `Ana, Ben and Cy`."""
    *others, last = map(plain, reviewers)
    return f"{', '.join(others)} and {last}" if others else last


def ask_name() -> None:
    """Ask for the reviewer's name, or say under which the person who is logged in reviews.

    The browser keeps it: a session ends when the page is loaded again.
    """
    if person():
        st.caption(f"You review as {plain(reviewer_name())}.")
        return
    st.text_input(
        "Your name",
        key=state.REVIEWER,
        on_change=_entered,
        max_chars=MAX_WHO,
        persist_state="session",
        placeholder="if several of you review",
        help="With a name, nobody else gets your record at the same time, and each reviewer's "
        "opinion is kept. Choose a name that nobody else uses.",
    )
    is_entered = st.session_state.get(state.REVIEWER_ENTERED, False)
    entered = st.session_state[state.REVIEWER] if is_entered else None
    _browser()(data={"entered": entered}, key=state.REVIEWER_KEPT, on_name_change=_kept)


def _entered() -> None:
    """Note that the name of this session was entered, or taken out: the browser is to keep that."""
    st.session_state[state.REVIEWER_ENTERED] = True


def _kept() -> None:
    """Take the name that the browser has kept, unless one was entered since."""
    kept = st.session_state[state.REVIEWER_KEPT].get("name")
    if kept and not st.session_state.get(state.REVIEWER_ENTERED):
        st.session_state[state.REVIEWER] = str(kept)[:MAX_WHO]
        _entered()


@cache
def _browser() -> ComponentRenderer:
    """Return the component that keeps a name in the browser; it shows nothing."""
    return st.components.v2.component("iris_loop_reviewer", js=_KEEP)
