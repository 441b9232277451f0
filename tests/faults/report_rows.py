"""A row of the report that `python -m tests.faults` prints."""

from __future__ import annotations

from typing import NamedTuple

HEADER = (
    f"{'fault':<32} {'injected':>9} {'lost':>5} {'doubled':>8} {'torn':>5} "
    f"{'seconds to recover':>19}"
)


class Row(NamedTuple):
    """The outcome of one fault: zeros where all is well, except how often and how long.

    Attributes:
        fault: its name.
        injected: how many times it was injected.
        lost: what was acknowledged and is missing.
        doubled: what exists twice, or should not exist.
        torn: what exists in part, or has changed.
        seconds: longest time from the restart until everything was consistent again.
    """

    fault: str
    injected: int
    lost: int = 0
    doubled: int = 0
    torn: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        """Return the line as it is printed."""
        return (
            f"{self.fault:<32} {self.injected:>9,} {self.lost:>5} {self.doubled:>8} "
            f"{self.torn:>5} {self.seconds:>19.1f}"
        )

    @property
    def wrong(self) -> int:
        """What should be 0; a fault that was never injected proves nothing."""
        return self.lost + self.doubled + self.torn + (not self.injected)
