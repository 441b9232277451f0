"""Two runs beside each other: is the one better than the other, and where?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd
import streamlit as st

from app.ui import state
from app.ui.figures.evaluation import accuracies, class_shares
from app.ui.pages.test.run_summary import accuracy_interval
from app.ui.widgets import pictures
from app.ui.widgets.texts import percent, plain, run_name
from iris_core.records.run import Run


def comparison(run: Run, runs: Sequence[Run]) -> None:
    """Compare a run with another that was tested to its end."""
    others = {
        other.id: other
        for other in runs
        if other.id != run.id and other.accuracy is not None and other.metrics.classes
    }
    if not others:
        st.info("There is no other run to compare with. Test another model, or on other data.")
        return
    if st.session_state.get(state.OTHER_RUN) not in others:
        # The one before, on the same data if there is one.
        earlier = [other for other in others.values() if other.id < run.id]
        same = [other for other in earlier if other.dataset == run.dataset]
        first = (same or earlier or list(others.values()))[0]
        st.session_state[state.OTHER_RUN] = first.id
    chosen = st.selectbox(
        "Compare with",
        list(others),
        format_func=lambda id_: run_name(others[id_]),
        key=state.OTHER_RUN,
        persist_state="session",
    )
    other = others[chosen]
    _verdict(run, other)
    names = {"this run": run, "the other": other}
    left, right = st.columns(2, gap="large")
    with left:
        spans = [
            (name, entry.accuracy or 0.0, span)
            for name, entry in names.items()
            if (span := accuracy_interval(entry)) is not None
        ]
        pictures.show(accuracies(spans), name="accuracies")
        _facts(names)
    with right:
        _classes(run, other)


def _verdict(run: Run, other: Run) -> None:
    here, there = accuracy_interval(run), accuracy_interval(other)
    if here is None or there is None or run.accuracy is None or other.accuracy is None:
        return
    difference = run.accuracy - other.accuracy
    points = f"{abs(100 * difference):.1f} points"
    if difference == 0:
        told = "Both are right equally often."
    else:
        told = f"This run is {points} {'better' if difference > 0 else 'worse'}. "
        overlap = here.low <= there.high and there.low <= here.high
        told += (
            "The intervals overlap: that may be chance."
            if overlap
            else "The intervals do not overlap: that is hardly chance."
        )
    if run.dataset == other.dataset:
        st.info(f"{told} Both were tested on the same data set.")
    else:
        st.warning(
            f"{told} They were tested on different data, {plain(run.dataset_name)} and "
            f"{plain(other.dataset_name)}, so the difference may be that of the data."
        )


def _facts(names: Mapping[str, Run]) -> None:
    frame = {}
    for name, run in names.items():
        calibration = run.metrics.calibration
        frame[name.capitalize()] = {
            "Model": run.model,
            "Data": run.dataset_name,
            "Records": f"{run.tested:,}",
            "Accuracy": percent(run.accuracy),
            "Loss": f"{run.loss or 0:.4f}",
            "Calibration error": "unknown" if calibration is None else f"{calibration.error:.3f}",
            "Threshold": run.threshold,
            "Candidates": f"{run.found:,}",
        }
    table = pd.DataFrame(frame).rename_axis("Figure").reset_index()
    st.dataframe(table, hide_index=True, alt="The figures of both runs side by side")


def _classes(run: Run, other: Run) -> None:
    """The recall of each class in both, and the differences."""
    here, there = _by_class(run), _by_class(other)
    names = list(dict.fromkeys((*here, *there)))
    shares = [
        ("this run", [here.get(name, {}).get("recall") for name in names]),
        ("the other", [there.get(name, {}).get("recall") for name in names]),
    ]
    pictures.show(class_shares(names, shares, "recall"), name="recall")
    rows = []
    for name in names:
        row: dict[str, object] = {"Class": name}
        for figure in ("precision", "recall", "f1"):
            known = name in here and name in there
            difference = 100 * (here[name][figure] - there[name][figure]) if known else None
            row[f"Δ {figure.capitalize()}"] = difference
        rows.append(row)
    points = st.column_config.NumberColumn(
        format="%+.1f", help="This run less the other, in points of a hundred"
    )
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config=dict.fromkeys(("Δ Precision", "Δ Recall", "Δ F1"), points),
        alt="Differences of each class, this run less the other, in percentage points",
    )


def _by_class(run: Run) -> dict[str, dict[str, Any]]:
    return {entry.name: asdict(entry) for entry in run.metrics.classes}
