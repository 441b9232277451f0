"""One measured number beside its goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Self


@dataclass(frozen=True, slots=True)
class Measurement:
    """`measured` is to be at most `goal`, or at least that; both are in `unit`."""

    what: str
    measured: float
    goal: float
    unit: str
    remark: str = ""
    at_least: bool = False
    spread: tuple[float, float] | None = None
    """Smallest and largest of the values that `measured` is the median of."""
    limit: str = ""
    """Why it cannot be better, told when the goal is missed."""

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
        """The median of several values, with their spread."""
        spread = min(values), max(values)
        return cls(what, median(values), goal, unit, remark, at_least, spread, limit)

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.measured >= self.goal if self.at_least else self.measured <= self.goal

    @property
    def shown_goal(self) -> str:
        """The goal with its direction."""
        return f"{'≥' if self.at_least else '≤'} {self.goal:,g}"

    @property
    def shown_spread(self) -> str:
        """The spread as a range; nothing for a single value."""
        return f"{number(self.spread[0])}…{number(self.spread[1])}" if self.spread else ""

    def __str__(self) -> str:
        """A line of the table."""
        verdict = "met" if self.met else "MISSED"
        told = [self.shown_spread, self.remark, "" if self.met else self.limit]
        return (
            f"{self.what:<62} {number(self.measured):>9} {self.unit:<6} "
            f"goal {self.shown_goal:>9}  {verdict:<6}  {'; '.join(filter(None, told))}"
        ).rstrip()


def number(value: float) -> str:
    """A number with as many digits as tell something."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"
