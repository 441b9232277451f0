"""A line of the table that `python -m tests.faults` prints."""

from __future__ import annotations

from typing import NamedTuple

HEADER = (
    f"{'fault':<32} {'injected':>9} {'lost':>5} {'doubled':>8} {'torn':>5} "
    f"{'seconds to recover':>19}"
)


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

    def __str__(self) -> str:
        """The line as it is printed."""
        return (
            f"{self.fault:<32} {self.injected:>9,} {self.lost:>5} {self.doubled:>8} "
            f"{self.torn:>5} {self.seconds:>19.1f}"
        )

    @property
    def wrong(self) -> int:
        """What should be 0; a fault that was never made proves nothing."""
        return self.lost + self.doubled + self.torn + (not self.injected)
