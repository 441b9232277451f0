"""One measured number beside its goal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measurement:
    """`measured` is at best `goal` or less, both in `unit`."""

    what: str
    measured: float
    goal: float
    unit: str
    remark: str = ""

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.measured <= self.goal

    def __str__(self) -> str:
        """A line of the table."""
        verdict = "met" if self.met else "MISSED"
        number = f"{self.measured:,.2f}" if self.measured < 100 else f"{self.measured:,.0f}"
        return (
            f"{self.what:<58} {number:>9} {self.unit:<6} goal {self.goal:>8,g}  {verdict}"
            f"{'  ' + self.remark if self.remark else ''}"
        )
