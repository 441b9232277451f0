"""What is said of a run whose records have expired."""

from __future__ import annotations

from iris_core.records.run import Run


def expiry_note(run: Run) -> str:
    """Return what to do about records that were kept for some days only, and what of it stays.

    Args:
        run: whose records have expired.
    """
    at = run.records_expire_at
    until = f", until {at.day} {at:%B %Y}" if at else ""
    days = "1 day" if run.record_days == 1 else f"{run.record_days:,} days"
    return (
        "Test the data again if you need single records: those of this run were kept for "
        f"{days}{until}. Its figures stay, and so do its candidates with their verdicts."
    )
