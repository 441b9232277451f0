"""What was acknowledged in a project, remembered outside of it, and what has to follow from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from app.services.journal import NotedVerdict
from iris_core.data.datasets import DataSet
from iris_core.data.evaluation_split import EvaluationSplit
from iris_core.data.fingerprints import as_letters
from iris_core.records.candidate import Candidate
from iris_core.records.verdict import UNDECIDED, RowVerdict

Promoted = tuple[str, bool]
"""A model's id, and whether a roll back brought it back."""


class Given(NamedTuple):
    """A verdict that somebody gave; no two have the same note."""

    note: str
    decision: str
    given: str
    label: str
    run: str

    @classmethod
    def of(cls, verdict: RowVerdict | None) -> Given | None:
        """Return the verdict on a row, None if it has none."""
        if verdict is None:
            return None
        return cls(verdict.note, verdict.decision, verdict.given, verdict.label, verdict.run)

    def on(self, label: str) -> str | None:
        """Return the label of its row where it is labelled so; empty if dropped, None if open."""
        if label == self.given:
            return self.label
        return label if self.decision == "relabel" and label == self.label else None


class StoredVerdict(NamedTuple):
    """A verdict as table and journal both have it; its label is that of a relabelled record."""

    decision: str
    label: str
    note: str
    carried_from: str
    at: str

    @classmethod
    def in_table(cls, candidate: Candidate) -> StoredVerdict:
        """Return what the retrain table has of a verdict, or of one that was taken back."""
        verdict = candidate.verdict
        if verdict is None:
            return cls(UNDECIDED, "", "", "", candidate.taken_back_at)
        label = verdict.label if verdict.decision == "relabel" else ""
        return cls(verdict.decision, label, verdict.note, verdict.carried_from, verdict.at)

    @classmethod
    def in_journal(cls, noted: NotedVerdict) -> StoredVerdict:
        """Return what the journal has of it."""
        if noted.decision == UNDECIDED:
            return cls(UNDECIDED, "", "", "", noted.at)
        return cls(noted.decision, noted.label, noted.note, noted.carried_from, noted.at)


def champions(log: Sequence[Promoted], first: str) -> list[str]:
    """Return the champions that a roll back goes through, the present one last."""
    line: list[str] = []
    for model, is_rollback in log:
        if is_rollback:
            line.pop()
            assert line[-1] == model
        else:
            line.append(model)
    return line or [first]


def conflicting_notes(notes: Iterable[NotedVerdict]) -> list[NotedVerdict]:
    """Return the notes that say something else than an earlier one of the same version."""
    first: dict[tuple[str, str, int], StoredVerdict] = {}
    return [
        note
        for note in notes
        if first.setdefault((*note.key, note.version), StoredVerdict.in_journal(note))
        != StoredVerdict.in_journal(note)
    ]


def labels_by_row(dataset: DataSet) -> dict[str, Counter[str]]:
    """Return how often each row has which label."""
    labels: dict[str, Counter[str]] = {}
    names = as_letters(dataset.fingerprints)
    for name, label in zip(names, dataset.frame[dataset.label].tolist(), strict=True):
        labels.setdefault(name, Counter())[label] += 1
    return labels


def wrong_rows(
    base: DataSet, corrected: DataSet, verdicts: Mapping[str, set[Given | None]]
) -> list[str]:
    """Return the rows of a corrected version that are not what the verdicts make of its base.

    Args:
        base: what was corrected.
        corrected: the corrected version.
        verdicts: the possible verdicts on each row that anybody ever reviewed.
    """
    before, after = labels_by_row(base), labels_by_row(corrected)
    wrong = []
    for row in before.keys() | after.keys():
        possible = verdicts.get(row, {None})
        allowed = [_corrected(before[row], v) if row in before else _added(v) for v in possible]
        found = after.get(row, Counter())
        # A reviewed row that the base lacks is added if the run that is applied has it.
        if found not in allowed and not (row not in before and not found):
            wrong.append(f"{row}: {before.get(row)} became {after.get(row)} by {possible}")
    return wrong


def _added(verdict: Given | None) -> Counter[str]:
    """Return the labels of a row that a base lacks, when it is added: it is there once."""
    return Counter([verdict.label] if verdict and verdict.label else [])


def _corrected(labels: Counter[str], verdict: Given | None) -> Counter[str]:
    """Return the labels of a row's copies as a verdict corrects them."""
    meant = {verdict.on(label) for label in labels} - {None} if verdict else set()
    if not meant:
        return labels
    (label,) = meant
    return Counter({label: labels.total()} if label else {})


def uncorrected(dataset: DataSet, verdicts: Mapping[str, set[Given | None]]) -> list[str]:
    """Return the rows of which it is certain that a verdict gives them another label, or none."""
    wrong = []
    for row, labels in labels_by_row(dataset).items():
        (verdict, *others) = verdicts.get(row, {None})
        if verdict is not None and not others:
            wrong += [row for label in labels if verdict.on(label) not in (None, label)]
    return wrong


def on_both_sides(trained_on: set[int], evaluation: DataSet, split: EvaluationSplit) -> set[int]:
    """Return the rows that a model was trained on and that evaluate."""
    rows = np.array(sorted(trained_on), dtype=np.uint64)
    return trained_on & (
        set(evaluation.fingerprints.tolist()) | set(rows[split.evaluates(rows)].tolist())
    )
