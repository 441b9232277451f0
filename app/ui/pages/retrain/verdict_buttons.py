"""The buttons that give a verdict on the record under review, each with its key.

A button belongs to one record: a key that is pressed twice gives no verdict on the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from app.services.review import verdicts
from app.services.review.undoing import undo
from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.retrain import budget, known_counts, opinions_panel, review_path
from app.ui.pages.retrain.note import note_field, note_on
from app.ui.pages.retrain.reviewer import reviewer_name
from app.ui.widgets import error_display
from app.ui.widgets.texts import plain
from aws.errors import ConflictError
from iris_core.label_errors.suggestions import Suggestion
from iris_core.records.candidate import Candidate
from iris_core.records.run import Run
from iris_core.records.verdict import UNDECIDED, Decision

MAX_KEYS = 9
"""Classes that have a key of their own, 1 to 9; of more one is chosen from a list."""


def hides(candidate: Candidate) -> bool:
    """Return whether the label and what is suggested are hidden: until there is a verdict."""
    is_first_look = candidate.verdict is None or opinions_panel.is_second_look(candidate)
    return bool(st.session_state.get(state.BLIND)) and is_first_look


@dataclass(frozen=True, slots=True)
class VerdictForm:
    """Asks for a verdict on one candidate.

    Attributes:
        workspace: that notes it.
        run: of the candidate.
        candidate: as it is shown: somebody else's verdict stays.
        suggestion: what the search for label errors suggests, if there was one.
    """

    workspace: Workspace
    run: Run
    candidate: Candidate
    suggestion: Suggestion | None

    def draw(self) -> None:
        """Draw the buttons, each row of them in its place whatever the record is."""
        st.markdown(f"**Row {self.candidate.key.row}**")
        self._keep()
        self._accept()
        self._classes()
        with st.container(horizontal=True, wrap=False):
            self._button("Drop", "D", "Leave the record out of the retraining", "drop", wide=True)
            self._button(
                "Take back",
                "T",
                "Take the verdict back: the record is asked again, in later runs too",
                UNDECIDED,
                disabled=self.candidate.verdict is None,
                wide=True,
            )
        with st.container(horizontal=True, wrap=False):
            self._way("Previous", "B", "To the record before", review_path.go_back, "skip_previous")
            self._way("Skip", "S", "To the next open record", review_path.skip, "skip_next")
            self._way("Undo", "U", "Undo your newest verdict on this run", self._undo, "undo")
        note_field(self.candidate.key, has_key=self._shortcut("N") is not None)
        with st.container(horizontal=True):
            st.toggle(
                "Keys",
                value=True,
                key=state.SHORTCUTS,
                persist_state="session",
                help="Each button shows its key. Keys do nothing while you type.",
            )
            st.toggle(
                "Blind",
                key=state.BLIND,
                persist_state="session",
                help="Hides the label, the prediction and what is suggested until there is a "
                "verdict: who sees them agrees too easily.",
            )

    def _keep(self) -> None:
        """Offer to keep the label, or the prediction of a record that has none."""
        record = self.candidate.record
        actual, predicted = plain(record.actual_string), plain(record.class_string)
        if hides(self.candidate):
            hidden = "The label is hidden"
            self._button("Keep label", "K", hidden, "right", disabled=True, wide=True)
        elif record.actual_string:
            help_ = f"The true label is right: {actual}"
            self._button(f"Keep label: {actual}", "K", help_, "right", wide=True)
        else:
            help_ = f"The record has no label yet, and the prediction is right: {predicted}"
            label = record.class_string
            self._button(f"Right: {predicted}", "K", help_, "relabel", label=label, wide=True)

    def _accept(self) -> None:
        """Offer what is suggested, else what the model predicts, if the label says otherwise."""
        record = self.candidate.record
        other = self.suggestion.suggested if self.suggestion is not None else record.class_string
        differs = bool(record.actual_string) and other != record.actual_string
        differs = differs and not hides(self.candidate)
        who = "The search for label errors suggests" if self.suggestion else "The model predicts"
        self._button(
            f"Accept: {plain(other)}" if differs else "Accept",
            "A",
            f"{who} {plain(other)}" if differs else "Nothing else is suggested, or it is hidden",
            "relabel",
            label=other,
            disabled=not differs,
            wide=True,
        )

    def _classes(self) -> None:
        """Offer each class by its digit; of many, a list of them."""
        actual = self.candidate.record.actual_string
        names = verdicts.classes(self.workspace, self.run)
        if len(names) <= MAX_KEYS:
            with st.container(horizontal=True):
                for number, name in enumerate(names, start=1):
                    decision: Decision = "right" if name == actual else "relabel"
                    help_ = f"The class is {plain(name)}"
                    self._button(plain(name), str(number), help_, decision, label=name)
            return
        others = [name for name in names if name != actual]
        predicted = self.candidate.record.class_string
        first = others.index(predicted) if predicted in others else 0
        st.selectbox("Another class", others, first, key=state.new_label(str(self.candidate.key)))
        help_ = "The class above is right, the true label is not"
        self._button("Relabel", "L", help_, "relabel", wide=True)

    def _button(
        self,
        text: str,
        key: str,
        help_: str,
        decision: Decision | Literal["undecided"],
        *,
        label: str | None = None,
        disabled: bool = False,
        wide: bool = False,
    ) -> None:
        """Draw a button that gives a verdict."""
        st.button(
            text,
            key=state.part("verdict", key, self.candidate.key),
            on_click=self._give,
            args=(decision, label if decision == "relabel" else None),
            help=help_,
            disabled=disabled,
            shortcut=self._shortcut(key),
            width="stretch" if wide else "content",
            wrap=False,
        )

    def _way(self, text: str, key: str, help_: str, go: review_path.Step, icon: str) -> None:
        """Draw a button that leads to another record."""
        st.button(
            text,
            key=state.part("way", key, self.candidate.key),
            on_click=go,
            args=(self.run, self.candidate),
            help=help_,
            icon=f":material/{icon}:",
            shortcut=self._shortcut(key),
            type="tertiary",
        )

    def _shortcut(self, key: str) -> str | None:
        """Return the key of a button, unless keys are switched off."""
        return key if st.session_state.get(state.SHORTCUTS, True) else None

    def _give(self, decision: Decision | Literal["undecided"], label: str | None) -> None:
        """Save the verdict on the candidate as it was shown."""
        if decision == "relabel" and label is None:
            # As it is chosen now: the page may not have been drawn since.
            label = st.session_state[state.new_label(str(self.candidate.key))]
        with error_display.defer_errors():
            try:
                reviewed = verdicts.give_verdict(
                    self.workspace,
                    self.candidate,
                    decision,
                    label=label,
                    note=note_on(self.candidate.key),
                    who=reviewer_name(),
                    settles=opinions_panel.settles(self.candidate),
                )
            except ConflictError:
                known_counts.forget()  # somebody else has reviewed it
                raise
            known_counts.note(self.workspace, self.run, self.candidate, reviewed)
            if decision == UNDECIDED:
                budget.give_back(self.run, [self.candidate.key.row])
            else:
                budget.spend(self.run, self.candidate.key.row)
            review_path.leave(self.run, self.candidate)
            st.session_state[state.VERDICT_GIVEN] = True

    def _undo(self, run: Run, _candidate: Candidate) -> None:
        """Undo the newest verdict of this person, and show its record."""
        with error_display.defer_errors():
            undone = undo(self.workspace, run, who=reviewer_name())
            known_counts.forget()
            budget.give_back(run, [key.row for key in undone.undone])
            if undone.undone:
                review_path.select(undone.undone[0])
            for refused in undone.refused:
                raise ConflictError(f"Row {refused.key.row} stays as it is: {refused.why}.")
