"""The callback by which long work is cancelled: it is asked between the steps."""

from __future__ import annotations

from collections.abc import Callable

IsCancelled = Callable[[], bool]
"""Asked between the steps of long work; True asks it to stop."""


def never() -> bool:
    """Return False: an `IsCancelled` for work that nobody cancels."""
    return False
