"""How many records a reviewer wants to review: it is counted, and said when it is used up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app.ui import state
from iris_core.records.run import Run

MOST = 1_000_000
_WIDTH = 130
"""Pixels."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How far a reviewer is.

    Attributes:
        of: how many records they want to review; None for all.
        used: how many they have reviewed since they said so.
    """

    of: int | None
    used: int

    @property
    def is_used_up(self) -> bool:
        """Whether as many are reviewed."""
        return self.of is not None and self.used >= self.of


def current_budget(run: Run) -> Budget:
    """Return the budget of this session, and how much of it is used on a run."""
    return Budget(st.session_state.get(state.REVIEW_BUDGET), len(set(_spent(run))))


def ask_budget() -> None:
    """Ask how many records are to be reviewed."""
    st.number_input(
        "My budget",
        1,
        MOST,
        None,
        key=state.REVIEW_BUDGET,
        persist_state="session",
        placeholder="all",
        on_change=_begin,
        width=_WIDTH,
        help="How many records you want to review now, in this order. Counting starts when you "
        "enter it.",
    )


def spend(run: Run, row: int) -> None:
    """Count a record of a run as reviewed."""
    st.session_state[state.SPENT] = (run.id, (*_spent(run), row))


def give_back(run: Run, rows: Sequence[int]) -> None:
    """Count records of a run as not reviewed: their verdicts were taken back."""
    st.session_state[state.SPENT] = (run.id, tuple(r for r in _spent(run) if r not in rows))


def offer_more(budget: Budget) -> None:
    """Say that a budget is used up, and offer to go on."""
    st.success(
        f"Your budget is used up: you have reviewed {budget.used:,} records. Apply the verdicts "
        "below, or go on."
    )
    with st.container(horizontal=True):
        st.button(f"Review {budget.of:,} more", on_click=_begin, type="primary")
        st.button("Go on without a budget", on_click=_end)


def _spent(run: Run) -> tuple[int, ...]:
    """Return the rows of a run that were reviewed since the budget began."""
    of, rows = st.session_state.get(state.SPENT, ("", ()))
    return rows if of == run.id else ()


def _begin() -> None:
    """Count from now on."""
    st.session_state.pop(state.SPENT, None)


def _end() -> None:
    """Review without a budget."""
    st.session_state[state.REVIEW_BUDGET] = None
