"""Pictures of what a model says of one sample, and of how usual the sample is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from app.ui.figures.picture import Picture, drawn, listed, number, percent, text, texts
from iris_core.exploration.class_statistics import ZScore

FARTHEST = 12
"""Values that are drawn of a sample, those farthest from the usual."""
DRAWN_TO = 6.0
"""Standard deviations up to which a bar goes; its figure tells the rest."""


def probability_bars(
    probabilities: Mapping[str, float], before: Mapping[str, float] | None = None
) -> Picture:
    """What a model says of one sample: the probability (0…1) of each class, the first on top.

    `before`: what it said before something was changed, of the same classes.
    """
    names = list(probabilities)[::-1]
    bars = [_probabilities(names, probabilities, "now")]
    shown = {name: f"{share:.1%}" for name, share in probabilities.items()}
    if before is not None:
        bars = [_probabilities(names, before, "at the start"), *bars]
        shown = {name: f"{told}, before {before[name]:.1%}" for name, told in shown.items()}
    height = max(140, 60 + (40 if before is None else 62) * len(names))
    figure = drawn(
        bars,
        x="probability",
        y="",
        height=height,
        xaxis={"range": [0, 1.12], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]},
        yaxis={"type": "category"},
        legend={"traceorder": "reversed"},
    )
    table = pd.DataFrame({"class": list(probabilities), "probability": probabilities.values()})
    return Picture(figure, f"Probability of each class: {listed(shown)}.", table)


def _probabilities(names: Sequence[str], shares: Mapping[str, float], when: str) -> go.Bar:
    return go.Bar(
        x=[shares[name] for name in names],
        y=texts(names),
        name=when,
        orientation="h",
        text=[percent(shares[name]) for name in names],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:.1%}<extra></extra>",
    )


def deviation_bars(found: Sequence[ZScore], class_name: str) -> Picture:
    """How far the numbers of a sample are from what a class usually shows, the farthest on top."""
    known = [entry for entry in found if entry.z_score is not None]
    far = sorted(known, key=_distance, reverse=True)[:FARTHEST]
    down = far[::-1]
    bars = go.Bar(
        x=[max(-DRAWN_TO, min(DRAWN_TO, entry.z_score or 0.0)) for entry in down],
        y=texts([f"{entry.typical.column} {entry.z_score or 0.0:+.1f}" for entry in down]),
        orientation="h",
        customdata=[
            [
                number(entry.value),
                number(entry.typical.mean),
                number(entry.typical.quantiles[0]),
                number(entry.typical.quantiles[-1]),
            ]
            for entry in down
        ],
        hovertemplate="%{y}: %{customdata[0]}<br>usually %{customdata[1]}, nine in ten from "
        "%{customdata[2]} to %{customdata[3]}<extra></extra>",
    )
    span = max([2.5, *(min(DRAWN_TO, _distance(entry)) * 1.1 for entry in down)])
    figure = drawn(
        [bars],
        x="deviations",
        y="",
        height=max(180, 80 + 26 * len(down)),
        xaxis={"range": [-span, span], "zeroline": True},
        yaxis={"type": "category"},
    )
    told = {entry.typical.column: f"{entry.z_score or 0.0:+.1f}" for entry in far}
    return Picture(
        figure,
        f"Distance from what {class_name} usually shows, in standard deviations: {listed(told)}."
        if told
        else f"No number to compare with what {class_name} usually shows.",
        pd.DataFrame(
            [(e.typical.column, e.value, e.typical.mean, e.typical.std, e.z_score) for e in found],
            columns=["column", "value", "mean", "standard deviation", "deviations"],
        ),
    )


def response_curves(
    column: str, values: Sequence[float], shares: Mapping[str, Sequence[float]], at: float | None
) -> Picture:
    """How the probability of each class moves with one value, all others kept; `at` is it now."""
    lines = [
        go.Scatter(
            x=list(values),
            y=list(of_class),
            mode="lines",
            name=text(name),
            hovertemplate="%{x:.4g}: %{y:.1%}",
        )
        for name, of_class in shares.items()
    ]
    if at is not None:
        lines.append(
            go.Scatter(
                x=[at, at],
                y=[0, 1],
                mode="lines",
                line={"dash": "dot"},
                name="now",
                hovertemplate="now %{x:.4g}<extra></extra>",
            )
        )
    figure = drawn(
        lines,
        x=column,
        y="probability",
        height=320,
        yaxis={"range": [-0.03, 1.05], "tickformat": ".0%"},
    )
    told = {
        name: f"from {of_class[0]:.1%} to {of_class[-1]:.1%}" for name, of_class in shares.items()
    }
    return Picture(
        figure,
        f"Probability of each class for {column} from {number(values[0])} to {number(values[-1])}: "
        f"{listed(told)}.",
        pd.DataFrame({column: list(values), **{f"P({name})": of for name, of in shares.items()}}),
    )


def _distance(entry: ZScore) -> float:
    return abs(entry.z_score or 0.0)
