"""The note that goes with a verdict, and the key that puts the cursor into it."""

from __future__ import annotations

import streamlit as st

from app.ui import state
from iris_core.records.keys import Key
from iris_core.records.verdict import MAX_NOTE

_PLACE = "note"
# Streamlit has keys for buttons alone, and after a drawing the next key could be heard by one of
# them; here the cursor is in the field at once. Enter and Escape leave it to the buttons' keys.
_LISTEN = """
export default function () {
  const listen = (event) => {
    const field = document.querySelector(".st-key-note input")
    if (field && event.target === field && ["Enter", "Escape"].includes(event.key)) {
      field.blur()
      return
    }
    const busy = event.target.closest?.("input, textarea, select, [contenteditable=true]")
    if (busy || event.ctrlKey || event.altKey || event.metaKey || event.key.toLowerCase() !== "n") {
      return
    }
    if (field) {
      event.preventDefault()
      field.focus()
    }
  }
  document.addEventListener("keydown", listen)
  return () => document.removeEventListener("keydown", listen)
}
"""
_note_key = st.components.v2.component("note_key", js=_LISTEN)


def note_field(record: Key, *, has_key: bool) -> None:
    """Draw the field of a record's note.

    Args:
        record: that the note is on.
        has_key: whether the key N puts the cursor into it.
    """
    with st.container(key=_PLACE, gap=None):
        st.text_input(
            "Note (N)" if has_key else "Note",
            key=state.part(state.NOTE, record),
            max_chars=MAX_NOTE,
            placeholder="why, for other people",
        )
        if has_key:
            _note_key(key=state.NOTE_KEY, height=1)


def note_on(record: Key) -> str:
    """Return what was written on a record; empty if nothing was."""
    return st.session_state.get(state.part(state.NOTE, record)) or ""
