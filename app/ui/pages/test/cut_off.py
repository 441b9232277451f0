"""The decision cut-off of two classes: which costs least, given those of a mistake."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.test.ranking import NOT_KEPT, choose_class, curves_of
from app.ui.widgets import error_display
from app.ui.widgets.texts import plain
from iris_core.evaluation.cut_off_cost import CutOff, CutOffCosts, cut_off_costs
from iris_core.evaluation.ranking_curves import RankingCurve
from iris_core.records.run import Run


def cut_off(workspace: Workspace, run: Run) -> None:
    """Show the cheapest cut-off of a run of two classes; nothing for one of more."""
    if len(run.metrics.class_names) != 2:
        return
    st.subheader("Decision cut-off")
    curves = curves_of(workspace, run)
    if not curves:
        st.info(NOT_KEPT)
        return
    with st.container(), error_display.show_errors():
        _panel(run, curves)


@st.fragment
def _panel(run: Run, curves: list[RankingCurve]) -> None:
    """Ask for the costs, and show what each cut-off would cost."""
    with error_display.show_errors():
        left, middle, right = st.columns(3, vertical_alignment="bottom")
        with left:
            curve = choose_class(run, curves, state.CUT_OFF_CLASS)
        false_alarm = _ask(middle, "Cost of a false alarm", state.FALSE_ALARM, 1.0)
        miss = _ask(right, "Cost of a miss", state.MISS, 5.0)
        costs = cut_off_costs(curve, false_alarm=false_alarm, miss=miss)
        st.info(plain(_advice(curve, costs)))
        st.dataframe(
            pd.DataFrame(
                [
                    _row(name, entry, curve)
                    for name, entry in (
                        ("Cheapest here", costs.cheapest),
                        ("0.5, as predicted", costs.at_half),
                        ("Always say it", costs.always),
                        ("Never say it", costs.never),
                    )
                ]
            ),
            hide_index=True,
            column_config={
                "Cost": st.column_config.NumberColumn(format="%.2f"),
                "Cost a record": st.column_config.NumberColumn(format="%.4f"),
                "From probability": st.column_config.NumberColumn(format="%.3g"),
            },
            alt="Cost of the cheapest cut-off, of 0.5, and of always and never saying the class",
        )
        st.caption(
            "Advice only: nothing is changed, neither the stored predictions nor those to come, "
            "which are of the more probable class. The cheapest cut-off was chosen on these "
            "records, so on others it will cost somewhat more than here."
        )


def _ask(column: st.delta_generator.DeltaGenerator, label: str, key: str, default: float) -> float:
    """Ask for a cost."""
    return float(
        column.number_input(
            label, 0.0, 1e9, default, 1.0, "%.6g", key=key, persist_state="session",
            help="In any currency",
        )
    )  # fmt: skip


def _advice(curve: RankingCurve, costs: CutOffCosts) -> str:
    """Say which cut-off costs least, and how much that saves."""
    best, half = costs.cheapest, costs.at_half
    where = (
        f"Say '{curve.name}' from a probability of {best.cut_off:.3g} on"
        if math.isfinite(best.cut_off)
        else f"Never say '{curve.name}'"
    )
    if best.cost == half.cost:
        return f"Keep 0.5: no other cut-off costs less on these records, {half.cost:,.2f}."
    return (
        f"{where}: that costs {best.cost:,.2f} on these records, 0.5 costs {half.cost:,.2f}. By "
        f"the costs alone, of calibrated probabilities, it would be {costs.by_costs:.3g}."
    )


def _row(name: str, entry: CutOff, curve: RankingCurve) -> dict[str, object]:
    """Return a cut-off as a row of the table."""
    return {
        "Rule": name,
        "From probability": entry.cut_off if math.isfinite(entry.cut_off) else None,
        "False alarms": entry.false_alarms,
        "Misses": entry.misses,
        "Cost": entry.cost,
        "Cost a record": entry.cost / (curve.positives + curve.negatives),
    }
