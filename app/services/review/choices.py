"""What a reviewer chose for many candidates, before it is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from app.services.review.bulk_intents import IntendedVerdict
from iris_core.errors import DataError
from iris_core.records.candidate import Candidate
from iris_core.records.verdict import MAX_NOTE, UNDECIDED, Decision


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reviewer chose for one candidate.

    Attributes:
        decision: `right`, `relabel`, `drop`, or `undecided` to take a verdict back.
        label: the true class, for `relabel`; of a record that has it already the label is kept.
        note: for people, why.
        version: of the verdict that the reviewer saw, 0 for none; None for what is there when the
            bulk begins.
    """

    decision: Decision | Literal["undecided"]
    label: str | None = None
    note: str = ""
    version: int | None = None


def check(choices: Iterable[Choice], known: Sequence[str]) -> None:
    """Raise `DataError` if a choice is no verdict."""
    for choice in choices:
        if choice.decision not in ("right", "relabel", "drop", UNDECIDED):
            raise DataError(
                "Choose one of 'right', 'relabel', 'drop' and 'undecided' for each record: "
                f"received {choice.decision!r}. No verdict was given."
            )
        if choice.decision == "relabel" and choice.label not in known:
            raise DataError(
                f"Choose one of the classes {', '.join(sorted(known)[:30])} for 'relabel': "
                f"received {str(choice.label)[:40]!r}. No verdict was given."
            )


def intended(candidate: Candidate, choice: Choice) -> IntendedVerdict:
    """Return a choice as a verdict: to relabel a record as what it is keeps its label."""
    decision, label = choice.decision, choice.label or ""
    if decision == "relabel" and label == candidate.record.actual_string:
        decision = "right"
    label = label if decision == "relabel" else ""
    note = choice.note[:MAX_NOTE]
    return IntendedVerdict(*candidate.key, candidate.version, decision, label, note)


def is_given(candidate: Candidate, verdict: IntendedVerdict) -> bool:
    """Return whether a candidate has a verdict already."""
    now = candidate.verdict
    if now is None:
        return verdict.decision == UNDECIDED
    same_label = verdict.decision != "relabel" or now.label == verdict.label
    return now.decision == verdict.decision and same_label and now.note == verdict.note
