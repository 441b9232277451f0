"""What came of a review, in words."""

from __future__ import annotations

from app.services.review.applying import Applied
from app.ui.widgets.texts import number_of


def applied_text(applied: Applied) -> str:
    """Return what applying the verdicts did."""
    if not (applied.relabelled or applied.dropped or applied.added):
        return f"Nothing changes in {applied.dataset.name}: its reviewed rows have these labels."
    return (
        f"{applied.dataset.name}: {number_of(applied.relabelled, 'row', 'rows')} relabelled, "
        f"{applied.dropped:,} dropped, {applied.added:,} added; {applied.dataset.rows:,} rows."
    )
