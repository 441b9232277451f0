"""Two reviewers' verdicts, bulks and undos in any order leave what a plain model says."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.review.bulk import give_verdicts
from app.services.review.choices import Choice
from app.services.review.undoing import undo
from app.services.review.verdicts import give_verdict
from iris_core.errors import NotFoundError
from tests.app.services.review.reviewed_loop import reviewed_loop, state, workspace_of

RECORDS = 3
"""So few that they get several verdicts each."""
REVIEWERS = ("ada", "bob")

Given = tuple[str, str | None]
DECISIONS: tuple[Given, ...] = (
    ("right", None),
    ("relabel", "setosa"),
    ("relabel", "virginica"),
    ("drop", None),
    ("undecided", None),
)


@dataclass(frozen=True)
class Step:
    """What a reviewer does: a verdict on each of some records, or on all at once, or an undo."""

    who: str
    what: Literal["give", "bulk", "undo"]
    records: tuple[int, ...] = ()
    decision: Given = ("right", None)


@dataclass
class PlainModel:
    """Each record's verdicts, one upon the other, with the number of the step that gave it.

    Attributes:
        records: (RECORDS,) the states of each record, the newest last; a state is the step, None
            before any review, and what was given.
        steps: who took each step that can be undone, and the records that it is open on.
    """

    records: list[list[tuple[int | None, Any]]] = field(
        default_factory=lambda: [[(None, None)] for _ in range(RECORDS)]
    )
    steps: list[tuple[str, set[int]]] = field(default_factory=list)

    def give(self, who: str, records: Sequence[int], value: Any) -> None:
        for record in records:
            self.records[record].append((len(self.steps), value))
        if records:
            self.steps.append((who, set(records)))

    def undo(self, who: str) -> tuple[set[int], set[int]] | None:
        """Undo; return the records that were undone and refused, None if there is nothing."""
        for number, (reviewer, records) in reversed(list(enumerate(self.steps))):
            if reviewer == who and records:
                undone = {record for record in records if self.records[record][-1][0] == number}
                for record in undone:
                    self.records[record].pop()
                refused = records - undone
                records.clear()
                return undone, refused
        return None


def steps() -> st.SearchStrategy[Step]:
    who = st.sampled_from(REVIEWERS)
    records = st.sets(st.integers(0, RECORDS - 1), min_size=1).map(lambda some: tuple(sorted(some)))
    how = st.sampled_from(["give", "bulk"])
    giving = st.builds(Step, who, how, records, st.sampled_from(DECISIONS))
    return giving | st.builds(Step, who, st.just("undo"))


@settings(max_examples=60, deadline=None)
@given(st.lists(steps(), max_size=25))
def test_any_order_leaves_what_a_plain_model_says(taken: list[Step]) -> None:
    loop, model = reviewed_loop(20), PlainModel()
    keys = list(loop.candidates())[:RECORDS]
    with tempfile.TemporaryDirectory() as home:
        workspace = workspace_of(loop, Path(home))
        for number, step in enumerate(taken):
            if step.what == "undo":
                expected = model.undo(step.who)
                try:
                    done = undo(workspace, loop.run, who=step.who)
                except NotFoundError:
                    assert expected is None
                    continue
                undone = {keys.index(key) for key in done.undone}
                assert (undone, {keys.index(r.key) for r in done.refused}) == expected
                continue
            decision, label = step.decision
            value = (decision, str(number), step.who) if decision != "undecided" else None
            if step.what == "bulk":
                # Those that are open already have what is to take a verdict back.
                changed = [r for r in step.records if value or model.records[r][-1][1]]
                choice = Choice(decision, label, str(number))  # type: ignore[arg-type]
                done_at_once = give_verdicts(
                    workspace, loop.run, {keys[r]: choice for r in step.records}, who=step.who
                )
                assert done_at_once.given == len(changed)
                model.give(step.who, changed, value)
                continue
            for record in step.records:
                candidate = loop.candidates()[keys[record]]
                give_verdict(
                    workspace,
                    candidate,
                    decision,  # type: ignore[arg-type]
                    label=label,
                    note=str(number),
                    who=step.who,
                )
                model.give(step.who, [record], value)
        found = [state(loop.candidates()[key]) for key in keys]
        assert [(s[0], s[2], s[3]) if s else None for s in found] == [
            states[-1][1] for states in model.records
        ]
        # What is not undone is noted as it is stored.
        noted = {entry.key: entry for entry in workspace.journal.verdicts(loop.run.id)}
        assert {key: (e.decision, e.note, e.who, e.at) for key, e in noted.items()} == {
            key: (s[0], s[2], s[3], s[4]) for key, s in zip(keys, found, strict=True) if s
        }
