"""The review budget: how many records people can review, and the threshold that keeps to it."""

from __future__ import annotations

import streamlit as st

from app.services.runs.threshold_choice import (
    MAX_BUDGET,
    ReviewLoad,
    highest_within,
    load_at,
    threshold_text,
)
from app.ui import state
from app.ui.widgets.texts import percent, plain
from iris_core.evaluation.threshold_curve import ThresholdCurve
from iris_core.records.run import Run


def ask_budget(run: Run, curve: ThresholdCurve) -> int | None:
    """Ask how many records can be reviewed; the threshold that keeps to it becomes the chosen one.

    Returns:
        The budget; None while there is none.
    """
    key = state.part(state.BUDGET, run.id)
    budget = st.number_input(
        "How many records can you review?",
        0,
        MAX_BUDGET,
        None,
        1,
        key=key,
        persist_state="session",
        placeholder=f"of {curve.rows:,}",
        on_change=_choose_within,
        args=(run, curve),
        help=f"Of a run of this size, {curve.rows:,} records. Chooses the highest threshold on the "
        "curve at which the function copies no more: misclassified records, and those below the "
        "threshold.",
    )
    return None if budget is None else int(budget)


def _choose_within(run: Run, curve: ThresholdCurve) -> None:
    """Choose the threshold for the budget that was entered; without one it stays as it is."""
    budget = st.session_state[state.part(state.BUDGET, run.id)]
    load = None if budget is None else highest_within(curve, int(budget))
    if load is not None:
        st.session_state[state.part(state.CHOSEN_THRESHOLD, run.id)] = load.threshold


def say_budget(curve: ThresholdCurve, budget: int) -> None:
    """Say which threshold keeps to a budget, or that none does."""
    load = highest_within(curve, budget)
    if load is None:
        st.warning(
            f"Enter at least {curve.errors:,}: so many records are misclassified, and the function "
            f"copies them whatever the threshold, even at 0. You entered {budget:,}. Without true "
            "labels, records below the threshold alone would be reviewed."
        )
        return
    share = percent(budget / curve.rows) if budget <= curve.rows else "more than all"
    st.caption(
        f"{budget:,} records are {share} of this run. The highest threshold within that is "
        f"{load.threshold:.6g}, with {load.reviews:,} to review."
    )


def compare_loads(curve: ThresholdCurve, index: int, applied: str) -> None:
    """Say what the function's threshold has people review, and what the chosen one would.

    Args:
        curve: of the run.
        index: of the chosen threshold in it.
        applied: the threshold that the function applies now.
    """
    chosen = load_at(curve, threshold_text(float(curve.thresholds[index])))
    current = load_at(curve, applied)
    lines = []
    if current is not None:
        is_point = current.threshold == float(applied)
        counted = "" if is_point else f", counted at {current.threshold:.6g}"
        lines.append(_load_text(f"{plain(applied)} (applies now{counted})", current))
    if chosen is not None and chosen != current:
        lines.append(_load_text(f"{chosen.threshold:.6g} (chosen)", chosen))
    st.markdown("\n".join(f"- At {line}" for line in lines))


def _load_text(threshold: str, load: ReviewLoad) -> str:
    """Write what is reviewed at a threshold, and which errors that catches."""
    interval = load.caught_interval
    errors = (
        f"{load.caught:,} of {load.errors:,} errors caught ({percent(load.caught_share)}, 95 % "
        f"interval {percent(interval.low)} to {percent(interval.high)})"
        if load.errors
        else "no errors to catch"
    )
    return (
        f"{threshold}: {load.reviews:,} to review ({percent(load.reviews / max(1, load.rows))} of "
        f"all), of them {load.below:,} below the threshold; {errors}."
    )
