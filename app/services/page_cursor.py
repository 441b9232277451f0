"""Where a reader is in a list that is read a page at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace

from iris_core.records.keys import Key


@dataclass(frozen=True, slots=True)
class PageCursor:
    """A page of a list of records, and the pages on the way to it.

    A table is read forwards only, so the way back is remembered.

    Attributes:
        subject: what is listed, such as a run and a filter; another subject needs a new cursor.
        starts: the keys behind which the pages so far begin, None for the first page.
    """

    subject: tuple[object, ...]
    starts: tuple[Key | None, ...] = (None,)

    @property
    def after(self) -> Key | None:
        """The key behind which this page begins; None for the first page."""
        return self.starts[-1]

    @property
    def number(self) -> int:
        """The number of this page, from 1."""
        return len(self.starts)

    def next_page(self, after: Key | None) -> PageCursor:
        """Return the cursor of the page that begins behind `after`."""
        return replace(self, starts=(*self.starts, after))

    def previous_page(self) -> PageCursor:
        """Return the cursor of the page before; the first page stays the first."""
        return replace(self, starts=self.starts[:-1] or (None,))
