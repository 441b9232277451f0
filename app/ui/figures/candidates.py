"""Pictures of the candidates: by reason and class, and from run to run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from app.ui.figures.picture import Picture, drawn, short, text, texts
from app.ui.figures.values import listed
from iris_core.records.reason import MISCLASSIFIED, TITLES, Reason, title_of

CLASSES = 20
"""Bars; the classes with fewer candidates are counted in one bar."""
OTHERS = "all others"


def by_reason_and_class(counts: Mapping[tuple[str, str], int]) -> Picture:
    """Return a stacked bar for each class: how many candidates have it as true label, by reason.

    Args:
        counts: by stored reason and true label.
    """
    by_class: dict[str, int] = {}
    by_reason: dict[str, int] = {}
    for (reason, name), count in counts.items():
        by_class[name] = by_class.get(name, 0) + count
        by_reason[reason] = by_reason.get(reason, 0) + count
    names = sorted(by_class, key=lambda name: (-by_class[name], name))
    top, rest = names[:CLASSES], names[CLASSES:]
    reasons = sorted(by_reason, key=[*TITLES, *sorted(by_reason)].index)
    table = pd.DataFrame(
        {title_of(reason): [counts.get((reason, name), 0) for name in top] for reason in reasons},
        index=top,
    )
    if rest:
        table.loc[OTHERS] = [
            sum(counts.get((reason, name), 0) for name in rest) for reason in reasons
        ]
    bars = [
        go.Bar(
            x=texts([short(str(name)) for name in table.index]),
            y=table[title].to_list(),
            name=text(title),
            legendgroup=title,
            hovertemplate="%{x}: %{y:,}",
        )
        for title in map(title_of, reasons)
    ]
    figure = drawn(
        bars,
        x="true label",
        y="candidates",
        barmode="stack",
        xaxis={"type": "category"},
        showlegend=True,
    )
    # A title may hold a comma, so the reasons are parted by semicolons.
    counts_in_words = "; ".join(f"{title_of(reason)}: {by_reason[reason]:,}" for reason in reasons)
    alt = f"Candidates by reason: {counts_in_words}. By true label: {listed(by_class)}."
    return Picture(figure, alt, table.rename_axis("true label").reset_index())


def over_runs(
    names: Sequence[str], *, misclassified: Sequence[int], others: Sequence[int]
) -> Picture:
    """Return a stacked bar for each run: its candidates, misclassified or copied for other reasons.

    Args:
        names: (runs,) of the runs, oldest first.
        misclassified: (runs,) candidates whose predicted class is not the true label.
        others: (runs,) the other candidates.
    """
    numbers = list(range(1, len(names) + 1))
    wrong = title_of(Reason.WRONG)
    other_titles = [title for reason, title in TITLES.items() if reason not in MISCLASSIFIED]
    rest = f"{' or '.join(other_titles)} only"
    series = {wrong: list(misclassified), rest: list(others)}
    bars = [
        go.Bar(
            x=numbers,
            y=counts,
            name=title,
            legendgroup=title,
            customdata=texts(names),
            hovertemplate="%{customdata}<br>%{y:,}",
        )
        for title, counts in series.items()
    ]
    figure = drawn(
        bars,
        x="run, oldest first",
        y="candidates",
        barmode="stack",
        xaxis={"tickformat": "d", "dtick": max(1, -(-len(names) // 8))},
    )
    newest = f" The newest has {misclassified[-1]:,} and {others[-1]:,}." if names else ""
    alt = f"Candidates of {len(names):,} runs, {wrong} and {rest}.{newest}"
    table = pd.DataFrame({"run": list(names), **series})
    return Picture(figure, alt, table)
