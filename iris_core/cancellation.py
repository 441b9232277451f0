"""How long work is cancelled: by a question that it asks between its steps."""

from __future__ import annotations

from collections.abc import Callable

IsCancelled = Callable[[], bool]
"""Asked between the steps of long work; True asks it to stop."""


def never() -> bool:
    """Return False: an `IsCancelled` for those who do not cancel."""
    return False
