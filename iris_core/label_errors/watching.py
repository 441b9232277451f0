"""Who watches a search for label errors: it reports how far it is, and may be cancelled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from iris_core.cancellation import IsCancelled, never
from iris_core.errors import Cancelled

OnProgress = Callable[[float], None]
"""Called now and then with the share that is done, 0 to 1."""


def ignore_progress(_share: float) -> None:
    """Do nothing: an `OnProgress` for a search that nobody watches."""


@dataclass(frozen=True, slots=True)
class Watch:
    """The callbacks of a search.

    Attributes:
        on_progress: called with the share of the search that is done, 0 to 1.
        cancelled: asked between the steps.
        begin: the share that was done when this part of the search began.
        end: the share that is done when it ends.
    """

    on_progress: OnProgress = ignore_progress
    cancelled: IsCancelled = never
    begin: float = 0.0
    end: float = 1.0

    def check(self) -> None:
        """Raise `Cancelled` if the search is to stop."""
        if self.cancelled():
            raise Cancelled("The search for wrong labels was cancelled.")

    def report(self, share: float) -> None:
        """Report that so much of this part is done, 0 to 1."""
        self.on_progress(self.begin + share * (self.end - self.begin))

    def part(self, number: int, of: int) -> Watch:
        """Return the watch of one of several equal parts, counted from 0."""
        size = (self.end - self.begin) / of
        begin = self.begin + number * size
        return Watch(self.on_progress, self.cancelled, begin, begin + size)
