"""A line of the table that `python -m tests.faults` prints."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """What came of one fault: zeros where all is well, but for how often and how long."""

    fault: str
    injected: int
    """How many times the fault was made."""
    lost: int = 0
    """What was acknowledged and is not there."""
    doubled: int = 0
    torn: int = 0
    """What is there in part, or not as it was."""
    seconds: float = 0.0
    """The longest time from the new start until all was well again."""
