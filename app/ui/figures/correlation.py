"""The heat map of correlations between columns of numbers."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.ui.figures.picture import Picture, drawn, name_axis, short, text
from app.ui.figures.values import listed
from iris_core.exploration.correlation import Correlations

HEAT_COLUMNS = 40
"""Columns of a heat map; of more, those with the strongest correlations."""

_CELL_PIXELS = 26
_COLUMNS_WITH_NUMBERS = 12
_NAME_LENGTH = 24


def correlation_map(correlations: Correlations) -> Picture:
    """Draw how each two columns of numbers are correlated."""
    indices = _most_correlated(correlations)
    names = [short(correlations.columns[index], _NAME_LENGTH) for index in indices]
    values = np.round(correlations.values[np.ix_(indices, indices)], 3)
    with_numbers = len(names) <= _COLUMNS_WITH_NUMBERS
    cells = go.Heatmap(
        z=values.astype(np.float32),
        zmin=-1,
        zmax=1,
        autocolorscale=True,
        texttemplate="%{z:.2f}" if with_numbers else None,
        customdata=[[f"{text(one)}, {text(other)}" for other in names] for one in names],
        hovertemplate="%{customdata}: %{z:.2f}<extra></extra>",
        colorbar={"orientation": "h", "thickness": 10, "y": 1.01, "yanchor": "bottom"},
        xgap=1,
        ygap=1,
    )
    # The names stand once, with numbers: twice they would leave the cells no room on a phone.
    ticks = range(0, len(names), 1 + len(names) // 10)
    numbered = [f"{name} · {number}" for number, name in enumerate(names, start=1)]
    figure = drawn(
        [cells],
        x="",
        y="",
        height=max(260, 110 + _CELL_PIXELS * len(names)),
        xaxis={"tickvals": list(ticks), "ticktext": [str(index + 1) for index in ticks]},
        yaxis={**name_axis(numbered), "autorange": "reversed"},
    )
    pairs = {
        f"{short(correlations.columns[one])} and {short(correlations.columns[other])}": float(
            correlations.values[one, other]
        )
        for one, other in combinations(indices, 2)
        if np.isfinite(correlations.values[one, other])
    }
    strongest = dict(sorted(pairs.items(), key=lambda pair: -abs(pair[1]))[:5])
    summary = f"Strongest: {listed(strongest)}." if strongest else "No two columns vary together."
    matrix = pd.DataFrame(correlations.values, columns=pd.Index(correlations.columns))
    matrix.insert(0, "correlation of", list(correlations.columns), allow_duplicates=True)
    return Picture(figure, f"Correlation of {len(names)} columns. {summary}", matrix)


def _most_correlated(correlations: Correlations) -> list[int]:
    """Return the indices of the columns that a heat map holds, in the data set's order."""
    strength = np.abs(np.nan_to_num(correlations.values))
    np.fill_diagonal(strength, 0)
    ranked = np.argsort(-strength.max(axis=1, initial=0), kind="stable")[:HEAT_COLUMNS]
    return sorted(ranked.tolist())
