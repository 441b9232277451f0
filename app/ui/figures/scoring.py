"""Figures of a prediction: probabilities, z-scores, and what a change of one value does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from app.ui.figures.picture import Picture, drawn, text, texts
from app.ui.figures.values import listed, number, percent
from iris_core.exploration.class_statistics import ZScore

LARGEST = 12
"""Bars of z-scores at most, those of the largest."""
Z_LIMIT = 6.0
"""Standard deviations up to which a bar goes; its label has the true z-score."""


def probability_bars(
    probabilities: Mapping[str, float], before: Mapping[str, float] | None = None
) -> Picture:
    """Draw a prediction: the probability of each class, the first on top.

    Args:
        probabilities: 0 to 1, by class.
        before: those before the sample was changed, of the same classes.
    """
    names = list(probabilities)[::-1]
    bars = [_probabilities(names, probabilities, "now")]
    in_words = {name: f"{share:.1%}" for name, share in probabilities.items()}
    if before is not None:
        bars = [_probabilities(names, before, "at the start"), *bars]
        in_words = {name: f"{now}, before {before[name]:.1%}" for name, now in in_words.items()}
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
    return Picture(figure, f"Probability of each class: {listed(in_words)}.", table)


def _probabilities(names: Sequence[str], shares: Mapping[str, float], when: str) -> go.Bar:
    """Return the bars of one prediction."""
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


def deviation_bars(scores: Sequence[ZScore], class_name: str) -> Picture:
    """Draw the z-scores of a sample in a class, those farthest from its mean on top."""
    with_score = [entry for entry in scores if entry.z_score is not None]
    farthest = sorted(with_score, key=_distance, reverse=True)[:LARGEST]
    upwards = farthest[::-1]
    bars = go.Bar(
        x=[max(-Z_LIMIT, min(Z_LIMIT, entry.z_score or 0.0)) for entry in upwards],
        y=texts([f"{entry.statistics.column} {_written(entry)}" for entry in upwards]),
        orientation="h",
        customdata=[
            [
                number(entry.value),
                number(entry.statistics.mean),
                number(entry.statistics.quantiles[0]),
                number(entry.statistics.quantiles[-1]),
            ]
            for entry in upwards
        ],
        hovertemplate="%{y}: %{customdata[0]}<br>mean %{customdata[1]}, typical range "
        "%{customdata[2]} to %{customdata[3]}<extra></extra>",
    )
    span = max([2.5, *(min(Z_LIMIT, _distance(entry)) * 1.1 for entry in upwards)])
    figure = drawn(
        [bars],
        x="z-score",
        y="",
        height=max(180, 80 + 26 * len(upwards)),
        xaxis={"range": [-span, span], "zeroline": True},
        yaxis={"type": "category"},
    )
    in_words = {entry.statistics.column: _written(entry) for entry in farthest}
    return Picture(
        figure,
        f"z-scores in {class_name}, the largest first: {listed(in_words)}."
        if in_words
        else f"No number to compare with those of {class_name}.",
        pd.DataFrame(
            [
                (e.statistics.column, e.value, e.statistics.mean, e.statistics.std, e.z_score)
                for e in scores
            ],
            columns=["column", "value", "mean", "standard deviation", "z-score"],
        ),
    )


def response_curves(
    column: str,
    values: Sequence[float],
    probabilities: Mapping[str, Sequence[float]],
    current: float | None,
) -> Picture:
    """Draw how the probability of each class changes with one value, all others unchanged.

    Args:
        column: whose value changes.
        values: increasing.
        probabilities: 0 to 1, by class, one for each of `values`.
        current: the value of the sample, None if it is missing.
    """
    lines = [
        go.Scatter(
            x=list(values),
            y=list(of_class),
            mode="lines",
            name=text(name),
            hovertemplate="%{x:.4g}: %{y:.1%}",
        )
        for name, of_class in probabilities.items()
    ]
    if current is not None:
        lines.append(
            go.Scatter(
                x=[current, current],
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
    in_words = {
        name: f"from {of_class[0]:.1%} to {of_class[-1]:.1%}"
        for name, of_class in probabilities.items()
    }
    columns = {f"P({name})": of_class for name, of_class in probabilities.items()}
    return Picture(
        figure,
        f"Probability of each class for {column} from {number(values[0])} to {number(values[-1])}: "
        f"{listed(in_words)}.",
        pd.DataFrame({column: list(values), **columns}),
    )


def _distance(entry: ZScore) -> float:
    """Return how far a value is from the mean, in standard deviations."""
    return abs(entry.z_score or 0.0)


def _written(entry: ZScore) -> str:
    """Write a z-score with its sign; 0.0 for the -0.0 that rounding makes."""
    return f"{round(entry.z_score or 0.0, 1) + 0.0:+.1f}"
