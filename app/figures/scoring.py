"""Pictures of what a model says of one sample."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from app.figures.picture import Picture, drawn, listed, texts


def probability_bars(probabilities: Mapping[str, float]) -> Picture:
    """What a model says of one sample: the probability (0…1) of each class, the first on top."""
    names = list(probabilities)[::-1]
    shares = [probabilities[name] for name in names]
    bars = go.Bar(
        x=shares,
        y=texts(names),
        orientation="h",
        texttemplate="%{x:.1%}",
        textposition="outside",
        cliponaxis=False,
    )
    figure = drawn([bars], x="probability", y="", height=max(140, 60 + 40 * len(names)))
    figure.update_xaxes(range=[0, 1.12], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1])
    figure.update_yaxes(type="category")
    shown = {name: f"{share:.1%}" for name, share in probabilities.items()}
    return Picture(figure, f"Probability of each class: {listed(shown)}.")
