"""A reader of a list goes from page to page, and back the same way."""

from __future__ import annotations

from app.services.page_cursor import PageCursor
from iris_core.records.keys import Key


def test_next_page_begins_behind_the_last_one_and_the_way_back_is_the_same() -> None:
    first, key = PageCursor(("a run",)), Key("run#0", "9")
    assert (first.number, first.after) == (1, None)
    second = first.next_page(key)
    assert (second.number, second.after) == (2, key)
    assert second.previous_page() == first
    assert first.previous_page() == first
