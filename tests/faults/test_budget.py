"""The budget of bad inputs can be exceeded."""

from __future__ import annotations

import sys

import pytest

from tests.faults import budget


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured on Linux alone")
def test_memory_that_was_freed_counts() -> None:
    with pytest.raises(AssertionError, match="MB"), budget.budget():
        bytes(b"\1" * 600_000_000)


def test_processor_time_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "SECONDS", 0.01)
    with pytest.raises(AssertionError, match=" s"), budget.budget():
        sum(range(10_000_000))
