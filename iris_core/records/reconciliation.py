"""The result of a reconciliation: whether every record and every candidate is accounted for."""

from __future__ import annotations

from dataclasses import dataclass

from iris_core.records.keys import Key


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The content of a run's tables, compared with what it should be.

    Attributes:
        tested: number of records of the run.
        stored: number of them in the score table.
        expected: number of candidates by the retrain rule.
        found: number of candidates in the retrain table.
        missing: keys of candidates that are expected but not in the retrain table, in test order.
        unexpected: keys of candidates that are in the retrain table but not expected, in test
            order.
        unstored: rows, from 0, that are not in the score table.
        expired: number of records that are not in the score table because their time is over. What
            the rule asks for of them cannot be known: their candidates count as expected.
    """

    tested: int
    stored: int
    expected: int
    found: int
    missing: tuple[Key, ...]
    unexpected: tuple[Key, ...]
    unstored: tuple[int, ...]
    expired: int = 0

    @property
    def complete(self) -> bool:
        """Whether tested = stored and expected = found, as sets, but for what has expired."""
        kept = self.tested - self.expired
        return not (self.missing or self.unexpected or self.unstored) and kept == self.stored
