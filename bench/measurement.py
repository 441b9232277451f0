"""One measured number and its goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Self


@dataclass(frozen=True, slots=True)
class Measurement:
    """A measured number that is to be at most `goal`, or at least that.

    Attributes:
        what: what was measured.
        measured: the number, in `unit`.
        goal: the number to reach, in `unit`.
        unit: the unit, empty for a count.
        remark: what is printed in addition.
        at_least: whether more is better.
        spread: the smallest and largest of the values that `measured` is the median of.
        limit: why it cannot be better, printed when the goal is missed.
    """

    what: str
    measured: float
    goal: float
    unit: str
    remark: str = ""
    at_least: bool = False
    spread: tuple[float, float] | None = None
    limit: str = ""

    @classmethod
    def of(
        cls,
        what: str,
        values: Sequence[float],
        goal: float,
        unit: str,
        *,
        remark: str = "",
        at_least: bool = False,
        limit: str = "",
    ) -> Self:
        """Return the median of several values, with their spread."""
        spread = min(values), max(values)
        return cls(what, median(values), goal, unit, remark, at_least, spread, limit)

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.measured >= self.goal if self.at_least else self.measured <= self.goal

    @property
    def goal_text(self) -> str:
        """The goal with its direction, such as `≤ 5`."""
        return f"{'≥' if self.at_least else '≤'} {self.goal:,g}"

    @property
    def spread_text(self) -> str:
        """The spread as a range; empty for a single value."""
        return f"{number(self.spread[0])}…{number(self.spread[1])}" if self.spread else ""

    def __str__(self) -> str:
        """Return a line of the table."""
        result = "met" if self.met else "MISSED"
        remarks = [self.spread_text, self.remark, "" if self.met else self.limit]
        return (
            f"{self.what:<62} {number(self.measured):>9} {self.unit:<6} "
            f"goal {self.goal_text:>9}  {result:<6}  {'; '.join(filter(None, remarks))}"
        ).rstrip()


def number(value: float) -> str:
    """Return a number with three significant digits, or all digits before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"
