"""Pictures of a test run."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from app.figures.picture import Picture, drawn, listed, texts


def confusion(counts: Sequence[Sequence[int]], classes: Sequence[str], unseen: str) -> Picture:
    """Which class was taken for which.

    `counts`: a row for each actual class in the order of `classes`, and a last one for labels the
    model never saw, called `unseen`, which is left out while it is empty; a column for each
    predicted class.
    """
    rows = [*classes, unseen] if any(counts[-1]) else list(classes)
    shown = [list(counts[index]) for index in range(len(rows))]
    cells = go.Heatmap(
        z=shown[::-1],
        x=texts(classes),
        y=texts(rows)[::-1],
        texttemplate="%{z:,}",
        hovertemplate="actual %{y}, predicted %{x}: %{z:,}<extra></extra>",
        showscale=False,
        xgap=2,
        ygap=2,
    )
    figure = drawn([cells], x="predicted", y="actual", height=max(260, 120 + 50 * len(rows)))
    figure.update_xaxes(type="category")
    figure.update_yaxes(type="category")
    wrong = {
        f"{actual} taken for {predicted}": shown[row][column]
        for row, actual in enumerate(rows)
        for column, predicted in enumerate(classes)
        if row != column and shown[row][column]
    }
    right = sum(shown[index][index] for index in range(len(classes)))
    told = f"wrong: {listed(wrong)}" if wrong else "none wrong"
    return Picture(figure, f"Confusion matrix: {right:,} right; {told}.")
