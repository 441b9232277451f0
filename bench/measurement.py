"""One measured number and its goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Self


@dataclass(frozen=True, slots=True)
class Measurement:
    """A measured number that is to be at most `goal`, or at least that, or is only shown.

    Attributes:
        what: what was measured.
        measured: the number, in `unit`.
        goal: the number to reach, in `unit`; None for a number that is only shown.
        unit: the unit, empty for a count.
        remark: what is printed in addition.
        at_least: whether more is better.
        spread: the smallest and largest of the values that `measured` is the median or mean of.
        limit: why it cannot be better, printed when the goal is missed.
    """

    what: str
    measured: float
    goal: float | None
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
        goal: float | None,
        unit: str,
        *,
        remark: str = "",
        at_least: bool = False,
        limit: str = "",
    ) -> Self:
        """Return the median of several values, with their spread."""
        spread = min(values), max(values)
        return cls(what, median(values), goal, unit, remark, at_least, spread, limit)

    @classmethod
    def mean_of(
        cls,
        what: str,
        values: Sequence[float],
        goal: float | None,
        unit: str,
        *,
        remark: str = "",
        at_least: bool = False,
    ) -> Self:
        """Return the mean of several values, with their spread."""
        spread = min(values), max(values)
        return cls(what, fmean(values), goal, unit, remark, at_least, spread)

    @property
    def met(self) -> bool:
        """Whether the goal is reached; so it is without one."""
        if self.goal is None:
            return True
        return self.measured >= self.goal if self.at_least else self.measured <= self.goal

    @property
    def result(self) -> str:
        """Whether the goal is reached, in a word; empty without one."""
        if self.goal is None:
            return ""
        return "met" if self.met else "MISSED"

    @property
    def goal_text(self) -> str:
        """The goal with its direction, such as `≤ 5`; `none` without one."""
        if self.goal is None:
            return "none"
        return f"{'≥' if self.at_least else '≤'} {self.goal:,g}"

    @property
    def spread_text(self) -> str:
        """The spread as a range; empty for a single value."""
        return f"{number(self.spread[0])}…{number(self.spread[1])}" if self.spread else ""

    def __str__(self) -> str:
        """Return a line of the table."""
        remarks = [self.spread_text, self.remark, "" if self.met else self.limit]
        return (
            f"{self.what:<62} {number(self.measured):>9} {self.unit:<6} "
            f"goal {self.goal_text:>9}  {self.result:<6}  {'; '.join(filter(None, remarks))}"
        ).rstrip()


def number(value: float) -> str:
    """Return a number with three significant digits, or all digits before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"
