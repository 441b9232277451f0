"""The outcome of a run with a fault, as a line of the first table of `make faults`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.audit import Audit
from tests.faults.cloud_workspace import CloudTestBed


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a fault: `lost`, `doubled` and `verdicts_changed` should be 0.

    Attributes:
        injected: how many times the fault was injected.
        lost: records and candidates that are missing.
        doubled: records and candidates that should not be there.
        verdicts_changed: verdicts that are not what they were.
        seconds: from the fault's end until every record is accounted for; 0 when the run itself
            got there.
        problems: what is lost or doubled, in words.
    """

    injected: int
    lost: int
    doubled: int
    verdicts_changed: int
    seconds: float
    problems: str = ""


Scenario = Callable[[CloudTestBed, int], Outcome]
"""Injects a fault into a run of the test bed; the number is the seed."""


def outcome_of(injected: int, result: Audit, verdicts_changed: int, seconds: float) -> Outcome:
    """Return the outcome of a fault by the audit of both tables."""
    lost = len(result.lost) + len(result.uncopied)
    doubled = len(result.doubled) + len(result.unexpected)
    return Outcome(injected, lost, doubled, verdicts_changed, seconds, str(result))
