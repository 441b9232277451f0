"""A column that reads in several ways, between which only a person can decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Style = TypeVar("Style")


@dataclass(frozen=True)
class Ambiguous(Generic[Style]):
    """Styles that every value of a column fits, and what to do about it.

    Attributes:
        example: a value that they read differently, as written.
        readings: what each style makes of the example.
        styles: two or three, in the order of the readings.
        remedy: what decides, a sentence.
    """

    example: str
    readings: tuple[str, ...]
    styles: tuple[Style, ...]
    remedy: str

    def explanation(self) -> str:
        """Return what is unclear and what to do, in two sentences."""
        ways = "two ways" if len(self.readings) == 2 else "three ways"
        readings = " or ".join(self.readings)
        return f"Every value reads in {ways}: {self.example!r} is {readings}. {self.remedy}"
