"""The decision cut-off of a class against the rest: what it costs, given the costs of a mistake."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from app.services.runs.cut_off_choice import CutOffComparison, CutOffRule, compare_cut_offs
from app.services.workspace import Workspace
from app.ui import state
from app.ui.figures.cut_off import cost_curve
from app.ui.pages.test.ranking import NOT_KEPT, choose_class, curves_of
from app.ui.widgets import error_display, pictures
from app.ui.widgets.texts import plain
from iris_core.evaluation.cut_off import HALF, UNIT_ROWS, costs_by_cut_off
from iris_core.evaluation.ranking_curves import RankingCurve
from iris_core.records.run import Run

METRIC_WIDTH = 170
"""Pixels of a figure: two side by side on a phone."""


def cut_off(workspace: Workspace, run: Run) -> None:
    """Show what the cut-offs of a class cost."""
    curves = curves_of(workspace, run)
    if not curves:
        st.info(NOT_KEPT)
        return
    with st.container(), error_display.show_errors():
        _panel(run, curves)


@st.fragment
def _panel(run: Run, curves: list[RankingCurve]) -> None:
    """Ask for the class, the costs and the cut-off, and show what it would cost."""
    with error_display.show_errors():
        left, middle, right = st.columns(3, vertical_alignment="bottom")
        with left:
            curve = choose_class(run, curves, state.CUT_OFF_CLASS)
        costs = {
            "false_alarm": _ask(middle, "Cost of a false alarm", state.FALSE_ALARM),
            "miss": _ask(right, "Cost of a miss", state.MISS),
        }
        chosen = st.slider(
            "Cut-off",
            0.0,
            1.0,
            HALF,
            0.01,
            key=state.part(state.CUT_OFF, run.id, curve.name),
            persist_state="session",
            help="The class is predicted from this probability on.",
        )
        found = compare_cut_offs(run, curve, chosen, **costs)
        st.info(plain(found.advice))
        _tiles(curve, found)
        rows = curve.positives + curve.negatives
        mark = found.chosen.cut_off
        pictures.show(
            cost_curve(
                curve.cut_offs,
                costs_by_cut_off(curve, **costs) * (UNIT_ROWS / rows),
                chosen=(math.inf if mark is None else mark, found.chosen.per_unit.value),
                stored=found.stored.per_unit.value,
            ),
            name="cut-off",
        )
        _table(found)


def _ask(column: st.delta_generator.DeltaGenerator, label: str, key: str) -> float:
    """Ask for a cost."""
    return float(
        column.number_input(
            label, 0.0, 1e9, 1.0, 1.0, "%.6g", key=key, persist_state="session",
            help="In any currency",
        )
    )  # fmt: skip


def _tiles(curve: RankingCurve, found: CutOffComparison) -> None:
    """Show the confusion counts of the chosen cut-off, and its cost."""
    rule = found.chosen
    cost = rule.per_unit
    tiles = st.container(horizontal=True)
    for label, value, delta in (
        ("Found", curve.positives - rule.misses, f"of {curve.positives:,} of the class"),
        ("Misses", rule.misses, f"as predicted {found.stored.misses:,}"),
        ("False alarms", rule.false_alarms, f"as predicted {found.stored.false_alarms:,}"),
        ("Rightly left", curve.negatives - rule.false_alarms, f"of {curve.negatives:,} others"),
    ):
        tiles.metric(
            label, f"{value:,}", delta, delta_color="off", delta_arrow="off", width=METRIC_WIDTH
        )
    tiles.metric(
        f"Cost of {UNIT_ROWS:,} records",
        f"{cost.value:,.1f}",
        f"{cost.low:,.1f} to {cost.high:,.1f}",
        delta_color="off",
        delta_arrow="off",
        help="Expected of records like these. Below it its 95 % interval (Zou and Donner, of "
        "Wilson's of both shares).",
        width=METRIC_WIDTH,
    )


def _table(found: CutOffComparison) -> None:
    """List the rules beside each other."""
    st.dataframe(
        pd.DataFrame(map(_row, found.rules)),
        hide_index=True,
        placeholder="",
        column_config={
            "From probability": st.column_config.NumberColumn(format="%.3g"),
            f"Cost of {UNIT_ROWS:,}": st.column_config.NumberColumn(format="%.1f"),
        },
        alt="Cost of the chosen cut-off, of what is predicted, of the cheapest one, and of always "
        "and never saying the class",
    )
    st.caption(
        "Advice only: nothing is changed, neither the stored predictions nor those to come, which "
        "are of the most probable class. What a chosen cut-off costs on others is estimated by "
        "choosing it on nine tenths of the records and counting on the last one, 20 times ten "
        "folds (Stone 1974). A cut-off counts from the next of 512 edges on."
    )


def _row(rule: CutOffRule) -> dict[str, object]:
    """Return a rule as a row of the table."""
    cost = rule.per_unit
    return {
        "Rule": rule.name,
        "From probability": rule.cut_off,
        "False alarms": rule.false_alarms,
        "Misses": rule.misses,
        f"Cost of {UNIT_ROWS:,}": cost.value,
        "95 % interval": f"{cost.low:,.1f} to {cost.high:,.1f}",
    }
