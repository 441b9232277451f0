"""Why the retrain rule makes a record a candidate: the stored words, and those for people."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """A stored reason. `lambda_src/index.py`, deployed alone, writes the same words."""

    WRONG = "wrong"
    UNSURE = "unsure"
    WRONG_AND_UNSURE = "wrong and unsure"
    WITHDRAWN = "withdrawn"
    """Of a record that was a candidate until a newer image of it came."""


TITLES: dict[str, str] = {
    Reason.WRONG: "misclassified",
    Reason.UNSURE: "low confidence",
    Reason.WRONG_AND_UNSURE: "misclassified, low confidence",
}
"""The reasons for review as people read them, in the order of filters and colours."""
