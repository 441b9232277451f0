"""Pictures of the candidates: by reason and class, and from run to run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from app.ui.figures.picture import Picture, drawn, listed, short, text, texts

CLASSES = 20
"""Bars; the classes with fewer candidates are counted together."""
OTHERS = "all others"
REASONS = ("wrong", "unsure", "wrong and unsure")
"""In the order of their colours, the same in all pictures."""


@dataclass(frozen=True, slots=True)
class RunCandidates:
    """A run's candidates: those that are wrong, and those that are only unsure."""

    name: str
    wrong: int
    unsure: int


def by_reason_and_class(counts: Mapping[tuple[str, str], int]) -> Picture:
    """How many candidates each actual class has, by reason; `counts` by reason and class."""
    of_class: dict[str, int] = {}
    of_reason: dict[str, int] = {}
    for (reason, name), count in counts.items():
        of_class[name] = of_class.get(name, 0) + count
        of_reason[reason] = of_reason.get(reason, 0) + count
    names = sorted(of_class, key=lambda name: (-of_class[name], name))
    shown, rest = names[:CLASSES], names[CLASSES:]
    reasons = sorted(of_reason, key=[*REASONS, *sorted(of_reason)].index)
    table = pd.DataFrame(
        {reason: [counts.get((reason, name), 0) for name in shown] for reason in reasons},
        index=shown,
    )
    if rest:
        table.loc[OTHERS] = [
            sum(counts.get((reason, name), 0) for name in rest) for reason in reasons
        ]
    bars = [
        go.Bar(
            x=texts([short(str(name)) for name in table.index]),
            y=table[reason].to_list(),
            name=text(reason),
            legendgroup=reason,
            hovertemplate="%{x}: %{y:,}",
        )
        for reason in reasons
    ]
    figure = drawn(
        bars,
        x="actual class",
        y="candidates",
        barmode="stack",
        xaxis={"type": "category"},
        showlegend=True,
    )
    alt = f"Candidates by reason: {listed(of_reason)}; by actual class: {listed(of_class)}."
    return Picture(figure, alt, table.rename_axis("actual class").reset_index())


def over_runs(runs: Sequence[RunCandidates]) -> Picture:
    """How many candidates each run had, oldest first: wrong, and unsure only."""
    numbers = list(range(1, len(runs) + 1))
    series = {"wrong": [run.wrong for run in runs], "only unsure": [run.unsure for run in runs]}
    bars = [
        go.Bar(
            x=numbers,
            y=values,
            name=name,
            legendgroup=name,
            customdata=texts([run.name for run in runs]),
            hovertemplate="%{customdata}<br>%{y:,}",
        )
        for name, values in series.items()
    ]
    figure = drawn(
        bars,
        x="run, oldest first",
        y="candidates",
        barmode="stack",
        xaxis={"tickformat": "d", "dtick": max(1, -(-len(runs) // 8))},
    )
    newest = f" The newest has {runs[-1].wrong:,} and {runs[-1].unsure:,}." if runs else ""
    alt = f"Candidates of {len(runs):,} runs, wrong and only unsure.{newest}"
    table = pd.DataFrame({"run": [run.name for run in runs], **series})
    return Picture(figure, alt, table)
