"""Why the retrain rule makes a record a candidate: the stored values, and titles for people."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """A stored reason. `lambda_src/index.py`, deployed alone, writes the same values."""

    WRONG = "wrong"
    UNSURE = "unsure"
    WRONG_AND_UNSURE = "wrong and unsure"
    WITHDRAWN = "withdrawn"
    """Of a changed record whose newest image is no candidate."""


TITLES: dict[str, str] = {
    Reason.WRONG: "misclassified",
    Reason.UNSURE: "low confidence",
    Reason.WRONG_AND_UNSURE: "misclassified, low confidence",
}
"""The reasons for review as people read them, in the order of filters and colours."""

MISCLASSIFIED = (Reason.WRONG, Reason.WRONG_AND_UNSURE)
"""The reasons of a record whose predicted class is not the true one."""


def title_of(reason: str) -> str:
    """Return a stored reason as people read it; one without a title as it is stored."""
    return TITLES.get(reason, reason)
